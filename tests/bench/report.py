"""What a run found, as a page for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from tests.bench.figures import Cell, Row, Table, Verdict
from tests.bench.timing import Spread

_HEAD = """# Speed, measured

Written by `make bench`; do not edit. Machines differ and are shared, so ratios within one run count more than times, and the
limits are those of the product's list of figures. `make bench ARGS="--only S1"` measures one figure and leaves this page alone.
"""


def page(tables: Sequence[Table], on: date, machine: str, versions: Mapping[str, str]) -> str:
    """Return the page in Markdown."""
    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    where = f"Measured on {on.isoformat()}: {machine}; {listed}.\n"
    return "\n".join((_HEAD, where, _summary(tables), *(_section(table) for table in tables)))


def as_json(tables: Sequence[Table], on: date, machine: str, versions: Mapping[str, str]) -> dict[str, Any]:
    """Return the same as plain values."""
    return {
        "on": on.isoformat(),
        "machine": machine,
        "versions": dict(versions),
        "tables": [
            {
                "figure": table.figure,
                "title": table.title,
                "promise": table.promise,
                "rows": [
                    {**{name: _plain(cell) for name, cell in row.cells.items()}, "verdict": row.verdict.value}
                    for row in table.rows
                ],
            }
            for table in tables
        ],
    }


def missed_lines(tables: Sequence[Table]) -> tuple[str, ...]:
    """Return one line for each row that breaks a promise, for the end of a run."""
    return tuple(
        f"{table.figure} missed: {table.title}: {_words(row)} (promise: {table.promise})"
        for table in tables
        for row in table.missed
    )


def cell_text(cell: Cell) -> str:
    """Return a cell as people read it: three digits that count, spreads with their quarter points."""
    if isinstance(cell, Spread):
        return f"{_number(cell.median)} ({_number(cell.low)}–{_number(cell.high)})"
    return _number(cell) if isinstance(cell, float) else str(cell)


def markdown_table(rows: Sequence[Row]) -> str:
    """Return the rows as a table; the last column is the verdict when any row has one."""
    is_judged = any(row.verdict is not Verdict.INFORMATION for row in rows)
    names = [*rows[0].cells, *(["verdict"] if is_judged else [])]
    lines = [names, ["---"] * len(names)]
    for row in rows:
        verdict = [row.verdict.value] if is_judged else []
        lines.append([*(cell_text(cell) for cell in row.cells.values()), *verdict])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _summary(tables: Sequence[Table]) -> str:
    judged = [row.verdict for table in tables for row in table.rows if row.verdict]
    counts = {verdict: judged.count(verdict) for verdict in Verdict if verdict in judged}
    return (
        "Of the judged rows: "
        + ", ".join(f"{number} {verdict.value}" for verdict, number in counts.items())
        + ".\n"
    )


def _section(table: Table) -> str:
    notes = "\n\n".join(table.notes)
    promise = f"Promise: {table.promise}." if table.promise else "For information."
    return f"## {table.figure}: {table.title}\n\n{promise}\n\n{markdown_table(table.rows)}\n\n{notes}\n"


def _words(row: Row) -> str:
    return ", ".join(f"{name} {cell_text(cell)}" for name, cell in row.cells.items())


def _plain(cell: Cell) -> object:
    return asdict(cell) if isinstance(cell, Spread) else cell


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
