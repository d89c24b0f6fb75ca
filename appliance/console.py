"""What a command says and how it ends: data to stdout, everything else to stderr, one line for a mistake (design §4)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Final

import typer

from appliance.errors import UnitError
from appliance.service.outcomes import advise

EXIT_NOT_TRUE: Final = 1
"""What was asked is not so, or could not be done."""
EXIT_WRONG_USE: Final = 2


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


@contextmanager
def troubles_told(*, as_json: bool) -> Iterator[None]:
    """Turn a UnitError into its sentence and next step on stderr, and exit status 1; never a traceback.

    With `as_json` the same stands on stdout as `ok`, `error`, `says`, `next` and `data`, so that a script sees why.
    """
    try:
        yield
    except UnitError as error:
        advice = advise(error, "en")
        tell(str(advice))
        if as_json:
            said = {"ok": False, "error": type(error).__name__, "says": advice.says, "next": advice.next_step}
            put({**said, "data": asdict(error)}, as_json=True)
        raise typer.Exit(EXIT_NOT_TRUE) from None


def run(program: Callable[[], object]) -> int:
    """Run a typer program and return its exit status; wrong use is one line on stderr and status 2."""
    try:
        status = program()
    except typer.TyperException as error:
        tell(f"mynavisit: {_wrong_use(error)}")
        return EXIT_WRONG_USE
    except (typer.Abort, KeyboardInterrupt):
        return EXIT_NOT_TRUE
    return status if isinstance(status, int) else 0


def _wrong_use(error: typer.TyperException) -> str:
    # The sentence is on the subclass; the public root of typer's exceptions does not declare it.
    say = getattr(error, "format_message", None)
    return " ".join(str(say() if callable(say) else error).split())


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
