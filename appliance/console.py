"""What a command says and how it ends: data to stdout, everything else to stderr, one line for a mistake (design §4).

What a person typed may be a code from a card or a My Number, so no message repeats a long run of digits.
"""

from __future__ import annotations

import json
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from getpass import getpass
from types import FrameType
from typing import Final

import typer

from appliance.errors import ReadingCancelled, UnitError
from appliance.service.outcomes import advise

EXIT_NOT_TRUE: Final = 1
"""What was asked is not so, or could not be done."""
EXIT_WRONG_USE: Final = 2
EXIT_INTERRUPTED: Final = 130
"""Ctrl-C: 128 and the number of SIGINT, as shells have it."""

_LONG_DIGITS: Final = re.compile(r"\d{12,}")
"""A My Number has twelve digits, reference code B fourteen; other digits count too, as full-width ones do."""

BarSteps = Callable[[str, int, int], None]
"""Takes what is being done, how many bytes of it are done, and of how many."""


def put(data: Mapping[str, object], *, as_json: bool) -> None:
    """Write one result to stdout: a JSON object, or a `key: value` line each."""
    if as_json:
        sys.stdout.write(json.dumps(data, ensure_ascii=False, default=str) + "\n")
    else:
        sys.stdout.writelines(f"{key}: {_plain(value)}\n" for key, value in data.items())
    sys.stdout.flush()


def tell(line: str) -> None:
    """Write one line for the person to stderr."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def ask_unseen(question: str) -> str:
    """Return one line from stdin; on a terminal after `question`, and without showing what is typed."""
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    try:
        return getpass(question)
    except EOFError:
        return ""


@contextmanager
def troubles_told(
    *, as_json: bool, more: Callable[[UnitError], Mapping[str, object]] = lambda _error: {}
) -> Iterator[None]:
    """Turn a UnitError into its sentence and next step on stderr, and exit status 1; never a traceback.

    With `as_json` the same stands on stdout as `ok`, `error`, `says`, `next` and `data`, so that a script sees why, with
    what `more` knows about it. Ctrl-C is one line, and exit status 130.
    """
    try:
        yield
    except UnitError as error:
        advice = advise(error, "en")
        tell(str(advice))
        if as_json:
            said = {"ok": False, "error": type(error).__name__, "says": advice.says, "next": advice.next_step}
            put({**said, "data": asdict(error), **more(error)}, as_json=True)
        cancelled = isinstance(error, ReadingCancelled)
        raise typer.Exit(EXIT_INTERRUPTED if cancelled else EXIT_NOT_TRUE) from None
    except KeyboardInterrupt:
        tell("mynavisit: stopped")
        raise typer.Exit(EXIT_INTERRUPTED) from None


@contextmanager
def stop_wish() -> Iterator[Callable[[], bool]]:
    """Lend the question whether Ctrl-C was pressed, for work that stops between two steps; a second one interrupts at once."""
    wish = threading.Event()

    def note(_number: int, _frame: FrameType | None) -> None:
        wish.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield wish.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def progress_bar(first: str) -> Iterator[BarSteps | None]:
    """Lend a bar on stderr that says `first` until it is moved, and is gone at the end; None where there is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[size]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(first, total=None, size="")

        def move(doing: str, done_bytes: int, total_bytes: int) -> None:
            size = f"{done_bytes / 1000:.1f} of {total_bytes / 1000:.1f} kB"
            bar.update(task, description=doing, completed=done_bytes, total=total_bytes, size=size)

        yield move


def run(program: Callable[[], object]) -> int:
    """Run a typer program and return its exit status; wrong use is one line on stderr and status 2."""
    try:
        status = program()
    except typer.TyperException as error:
        tell(f"mynavisit: {_wrong_use(error)}")
        return EXIT_WRONG_USE
    except (typer.Abort, KeyboardInterrupt):
        tell("mynavisit: stopped")
        return EXIT_INTERRUPTED
    return status if isinstance(status, int) else 0


def _wrong_use(error: typer.TyperException) -> str:
    # The sentence is on the subclass; the public root of typer's exceptions does not declare it.
    say = getattr(error, "format_message", None)
    sentence = " ".join(str(say() if callable(say) else error).split())
    return _LONG_DIGITS.sub("(digits)", sentence)


def _plain(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_plain(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        rows = [_plain(item) for item in value]
        is_table = any(isinstance(item, Mapping) for item in value)
        return "".join(f"\n  {row}" for row in rows) if is_table else " ".join(rows) or "-"
    return str(value)
