"""`python -m tests.bench`: measure, show how far it is, and say which promises were kept."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.bench import command_count, face_times, link_pace, memory_use, start_up, surface_reading
from tests.bench.card_stand import BenchFailed
from tests.bench.figures import Bench, Table, Told
from tests.bench.report import as_json, markdown_table, missed_lines, page
from tests.proof.machine import machine_class

BENCHES: Final = (
    surface_reading.BENCH,
    command_count.BENCH,
    start_up.BENCH,
    face_times.BENCH,
    link_pace.BENCH,
    memory_use.BENCH,
)
_VERSION: Final = re.compile(r"\d+(\.\d+)+")
_TIMEOUT_S: Final = 10


def main(words: Sequence[str] | None = None, benches: Sequence[Bench] = BENCHES) -> int:
    """Measure what `words` ask for; return the exit status: 0 only when no promise was missed."""
    options = _parser().parse_args(words)
    wanted = options.only.split(",") if options.only else [bench.figure for bench in benches]
    unknown = set(wanted) - {bench.figure for bench in benches}
    if unknown:
        print(f"no such figure: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    if options.write and options.only:
        print("a page is written from a whole run only, without --only", file=sys.stderr)
        return 2
    machine = f"{machine_class()}; {load_words(os.getloadavg()[0], os.cpu_count() or 1)}"
    try:
        tables = [table for bench in benches if bench.figure in wanted for table in _measured(bench)]
    except BenchFailed as failed:
        print(f"nothing to report: {failed} did not work", file=sys.stderr)
        return 1
    _tell(tables, options, machine)
    missed = missed_lines(tables)
    for line in missed:
        print(line, file=sys.stderr)
    return 1 if missed else 0


def tool_version(command: Sequence[str]) -> str:
    """Return the first version number that a program tells of itself, empty when there is none."""
    program = shutil.which(command[0], path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if program is None:
        return ""
    said = subprocess.run(
        [program, *command[1:]], capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
    )
    found = _VERSION.search(said.stdout + said.stderr)
    return found[0] if found else ""


def versions() -> dict[str, str]:
    """Return the versions of what the figures depend on."""
    return {
        "pcscd": tool_version(("pcscd", "--version")),
        "OpenSC": tool_version(("opensc-tool", "--info")),
        "pyscard": version("pyscard"),
        "cryptography": version("cryptography"),
        "typer": version("typer"),
    }


def load_words(load_1_min: float, cores: int) -> str:
    """Return how busy other programs kept the machine, for the reader of the figures."""
    busy = "; other programs kept it busy, so times and ratios are too high" if load_1_min > cores else ""
    return f"load {load_1_min:.1f} on {cores} cores at the start{busy}"


def _tell(tables: Sequence[Table], options: argparse.Namespace, machine: str) -> None:
    on = datetime.now(UTC).date()
    if options.write:
        options.write.write_text(page(tables, on, machine, versions()), encoding="utf-8")
    if options.json:
        print(json.dumps(as_json(tables, on, machine, versions()), ensure_ascii=False, indent=2))
        return
    for table in tables:
        print(
            f"{table.figure}: {table.title} ({table.promise or 'for information'})\n{markdown_table(table.rows)}\n"
        )


def _measured(bench: Bench) -> tuple[Table, ...]:
    with _progress(bench) as told:
        return bench.measure(told)


@contextmanager
def _progress(bench: Bench) -> Iterator[Told]:
    """Show a bar on a terminal and nothing elsewhere."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(bench.figure, total=bench.steps)
        yield partial(progress.advance, task)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="measure the product's speed beside the least that is possible",
    )
    parser.add_argument("--only", default="", metavar="S1,...", help="figures to measure; all by default")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page to this file")
    return parser
