"""What a bench found, and whether it keeps a promise of the product."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

from tests.bench.timing import Spread

Cell = str | int | float | Spread


@unique
class Verdict(StrEnum):
    """How a row stands to its promise."""

    STRETCH = "stretch met"
    MUST = "must met"
    MISSED = "MISSED"
    BEYOND_LINK = "not possible on this link"
    """The bytes of the fewest short commands alone take longer than the promise allows."""
    INFORMATION = ""
    """No promise is about it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The largest value that keeps a promise, and the one that the product strives for."""

    must: float
    stretch: float | None = None

    def verdict(self, value: float, floor: float = 0.0) -> Verdict:
        """Judge `value`; `floor` is the least that is possible at all."""
        if self.stretch is not None and value <= self.stretch:
            return Verdict.STRETCH
        if value <= self.must:
            return Verdict.MUST
        return Verdict.BEYOND_LINK if floor > self.must else Verdict.MISSED


@dataclass(frozen=True, slots=True)
class Row:
    """One measured thing; the cells of all rows of a table bear the same names."""

    cells: Mapping[str, Cell]
    verdict: Verdict = Verdict.INFORMATION


@dataclass(frozen=True, slots=True)
class Table:
    """Rows about one question."""

    figure: str
    """The promise's name in the list of figures, such as S1."""
    title: str
    promise: str
    """Empty when the table is for information only."""
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def missed(self) -> tuple[Row, ...]:
        """The rows that break the promise."""
        return tuple(row for row in self.rows if row.verdict is Verdict.MISSED)


Told = Callable[[], None]
"""Called once for each step of a bench that is done."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One figure's measuring."""

    figure: str
    steps: int
    """How often `Told` is called."""
    measure: Callable[[Told], tuple[Table, ...]]
