"""S3: how long the program takes to answer `--help`, beside the bare interpreter and its command-line library."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.bench.card_stand import BenchFailed
from tests.bench.figures import Bench, Limit, Row, Table, Told, Verdict
from tests.bench.timing import Timed, in_turns, spread_of

LIMIT: Final = Limit(must=0.3, stretch=0.15)
HEAVY: Final = (
    "textual",
    "rich",
    "cryptography",
    "smartcard",
    "dlib",
    "numpy",
    "PIL",
    "sqlmodel",
    "sqlalchemy",
    "paho",
    "pydantic",
)
"""Packages that asking for help must not wait for."""
ROUNDS: Final = 25
ROOT: Final = Path(__file__).parents[2]
_TIMEOUT_S: Final = 30
_MS: Final = 1000.0
HELP: Final = "import sys; sys.argv = ['mynavisit', '--help']; from tui.cli import main; main()"
"""What the command `mynavisit --help` runs."""


def measure(told: Told) -> tuple[Table, ...]:
    """Time the three in turns, and look at what was imported."""
    ways = {
        "interpreter": "pass",
        "import typer": "import typer",
        "mynavisit --help": HELP,
    }
    times = in_turns([_timed(statement) for statement in ways.values()], ROUNDS, told)
    bare, library, ours = times
    rows = []
    for name, taken in zip(ways, times, strict=True):
        spread = spread_of(taken)
        rows.append(
            Row(
                {
                    "program": name,
                    "ms": spread.times(_MS),
                    "against the interpreter": spread_of(_ratios(taken, bare)),
                    "against its library": spread_of(_ratios(taken, library)),
                },
                LIMIT.verdict(spread.median) if taken is ours else Verdict.INFORMATION,
            )
        )
    heavy = heavy_imports(_import_times(HELP))
    told()
    rows.append(
        Row(
            {
                "program": "heavy packages loaded by --help",
                "ms": ", ".join(heavy) or "none",
                "against the interpreter": "",
                "against its library": "",
            },
            Verdict.MISSED if heavy else Verdict.MUST,
        )
    )
    return (
        Table(
            "S3",
            "Start-up of the command",
            f"at most {LIMIT.must:g} s and no heavy import; stretch {LIMIT.stretch:g} s",
            tuple(rows),
            (f"Heavy are: {', '.join(HEAVY)}.",),
        ),
    )


def heavy_imports(import_times: str) -> tuple[str, ...]:
    """Return the heavy packages in the interpreter's report of its imports (`-X importtime`)."""
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in import_times.splitlines()}
    return tuple(package for package in HEAVY if package in loaded)


def _ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def _timed(statement: str) -> Timed:
    def run() -> float:
        began_s = time.perf_counter()
        _run(("-c", statement))
        return time.perf_counter() - began_s

    return run


def _import_times(statement: str) -> str:
    return _run(("-X", "importtime", "-c", statement))


def _run(arguments: Sequence[str]) -> str:
    """Run the interpreter, which must end well, and return what it wrote to stderr."""
    done = subprocess.run(
        (sys.executable, *arguments),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise BenchFailed("start-up")
    return done.stderr


BENCH: Final = Bench("S3", ROUNDS + 1, measure)
