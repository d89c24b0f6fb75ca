"""Japanese eras: the birth date on a card's front, and in reference code B, counts years by the emperor's reign.

Apart from the other dates because an era year is ambiguous once its era is left out, as code B does (card.md §9.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, unique
from typing import Final

from appliance.errors import FactsMalformed


@unique
class Era(Enum):
    """The five eras since 1868, by their Japanese name."""

    MEIJI = "明治"
    TAISHO = "大正"
    SHOWA = "昭和"
    HEISEI = "平成"
    REIWA = "令和"

    @property
    def starts_on(self) -> date:
        """The era's first day."""
        return _STARTS[self]

    @property
    def last_day(self) -> date:
        """The last day that may be written in this era; far ahead while the era lasts.

        Meiji and Taisho ended on the day on which the next era began, so that day may bear either name.
        """
        following = _FOLLOWING.get(self)
        if following is None:
            return date.max
        return following.starts_on - (timedelta(0) if self in _SHARES_LAST_DAY else timedelta(1))

    def year_in_west(self, year: int) -> int:
        """Return the Gregorian year of the era's `year`, counted from 1."""
        return self.starts_on.year + year - 1


_STARTS: Final = {
    Era.MEIJI: date(1868, 1, 25),
    Era.TAISHO: date(1912, 7, 30),
    Era.SHOWA: date(1926, 12, 25),
    Era.HEISEI: date(1989, 1, 8),
    Era.REIWA: date(2019, 5, 1),
}
"""First days (card.md §9.2)."""
_FOLLOWING: Final = {
    Era.MEIJI: Era.TAISHO,
    Era.TAISHO: Era.SHOWA,
    Era.SHOWA: Era.HEISEI,
    Era.HEISEI: Era.REIWA,
}
_SHARES_LAST_DAY: Final = frozenset({Era.MEIJI, Era.TAISHO})
"""The accession edicts of 1912 and 1926 took effect on the day itself, those of 1989 and 2019 on the day after."""
_FIRST_YEAR_WORD: Final = "元"


@dataclass(frozen=True, slots=True)
class EraDate:
    """A day counted by era; every value that exists is a day of that era."""

    era: Era
    year: int
    month: int
    day: int

    def __post_init__(self) -> None:
        """Check that the day exists and lies in the era.

        Raises:
            FactsMalformed: no such day, or not in this era.
        """
        if not is_day_of(self.era, self.year, self.month, self.day):
            raise FactsMalformed("era_date")

    def to_date(self) -> date:
        """Return the Gregorian date."""
        return date(self.era.year_in_west(self.year), self.month, self.day)

    @property
    def in_japanese(self) -> str:
        """The date as printed on a card, such as 昭和15年4月1日; an era's first year is 元年."""
        year = _FIRST_YEAR_WORD if self.year == 1 else str(self.year)
        return f"{self.era.value}{year}年{self.month}月{self.day}日"

    @property
    def digits(self) -> str:
        """The six digits YYMMDD of code B (card.md §9.2)."""
        return f"{self.year:02}{self.month:02}{self.day:02}"


def to_era(day: date) -> EraDate:
    """Return `day` counted by era; a day shared by two eras counts in the later one.

    Raises:
        FactsMalformed: a day before Meiji.
    """
    for era in reversed(Era):
        if day >= era.starts_on:
            return EraDate(era, day.year - era.starts_on.year + 1, day.month, day.day)
    raise FactsMalformed("era_date")


def in_western(day: date) -> str:
    """Return the date in the Gregorian calendar, such as 1940年4月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


def days_written(year: int, month: int, day: int) -> Iterator[EraDate]:
    """Yield each day that an era year, month and day without the era's name can mean, oldest first."""
    for era in Era:
        if is_day_of(era, year, month, day):
            yield EraDate(era, year, month, day)


def is_day_of(era: Era, year: int, month: int, day: int) -> bool:
    """Tell whether the era has such a day."""
    try:
        written = date(era.year_in_west(year), month, day)
    except (ValueError, OverflowError):
        return False
    return year >= 1 and era.starts_on <= written <= era.last_day
