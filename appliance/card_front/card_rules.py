"""Whether the digits of a front can stand on one card, on a given day (card.md §14, domain.md §9).

Pure. A rule that is broken does not say which digit is wrong, so all the digits it speaks of become doubtful. A rule
that holds proves nothing: it only lets fewer mistakes through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from appliance.domain.era import Era, EraDate, days_written, is_day_of

BIRTH: Final = frozenset(range(6))
BIRTH_YEAR: Final = frozenset(range(2))
EXPIRY_YEAR: Final = frozenset(range(6, 10))
OLDEST_EXPIRY_YEARS: Final = 5
"""A card that ended longer ago is not shown any more."""
LONGEST_TERM_YEARS: Final = 10
"""Until the tenth birthday after issue (card.md §14)."""
MINORS_TERM_YEARS: Final = 5
GREATEST_AGE: Final = 120
_OF_AGE: Final = 18
_OF_AGE_BEFORE_2022: Final = 20
"""The Civil Code's age of majority until 31 March 2022, which the card's term followed."""
_LAST_EXPIRY_OF_OLD_MINORS: Final = 2027
_FIRST_EXPIRY_YEAR: Final = 2018
"""Cards of foreign residents may end with a short stay; the first cards are of 2016."""


def doubtful_places(places: Sequence[int], era: Era | None, on: date) -> frozenset[int]:
    """Return which of the first fourteen places cannot be as read.

    `places` holds the digits by `fields.Part`: code B, then month and day of expiry.
    """
    doubts: set[int] = set(_unlike_birthday(places))
    expiry_year = _number(places[6:10])
    births = _births(places, era, expiry_year)
    if not births:
        doubts |= BIRTH
    if not _is_current(expiry_year, on):
        doubts |= EXPIRY_YEAR
    if births and not any(_is_term(birth.to_date(), expiry_year, on) for birth in births):
        doubts |= BIRTH_YEAR | EXPIRY_YEAR
    return frozenset(doubts)


def _unlike_birthday(places: Sequence[int]) -> Iterator[int]:
    """Yield the digits of a month or day of birth that differs from that of expiry: a card ends on a birthday."""
    for birth, expiry in ((2, 14), (4, 16)):
        if list(places[birth : birth + 2]) != list(places[expiry : expiry + 2]):
            yield from (birth, birth + 1)


def _births(places: Sequence[int], era: Era | None, expiry_year: int) -> tuple[EraDate, ...]:
    year, month, day = (_number(places[at : at + 2]) for at in (0, 2, 4))
    if era is not None:
        return (EraDate(era, year, month, day),) if is_day_of(era, year, month, day) else ()
    return tuple(
        written
        for written in days_written(year, month, day)
        if 0 <= expiry_year - written.to_date().year <= GREATEST_AGE + LONGEST_TERM_YEARS
    )


def _is_current(expiry_year: int, on: date) -> bool:
    earliest = max(_FIRST_EXPIRY_YEAR, on.year - OLDEST_EXPIRY_YEARS)
    return earliest <= expiry_year <= on.year + LONGEST_TERM_YEARS


def _is_term(birth: date, expiry_year: int, on: date) -> bool:
    """Tell whether a card can end in `expiry_year` on the birthday of somebody born on `birth` and alive on `on`."""
    age_at_expiry = expiry_year - birth.year
    if birth > on or on.year - birth.year > GREATEST_AGE or age_at_expiry < 0:
        return False
    was_of_age = age_at_expiry >= _OF_AGE + LONGEST_TERM_YEARS
    adults_term = was_of_age and _birthday(birth, expiry_year) <= _years_after(on, LONGEST_TERM_YEARS)
    limit = _OF_AGE_BEFORE_2022 if expiry_year <= _LAST_EXPIRY_OF_OLD_MINORS else _OF_AGE
    was_minor = age_at_expiry < limit + MINORS_TERM_YEARS
    return adults_term or (was_minor and _birthday(birth, expiry_year) <= _years_after(on, MINORS_TERM_YEARS))


def _birthday(birth: date, year: int) -> date:
    """Return the birthday in a year, the day before for 29 February in a common one."""
    try:
        return birth.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _years_after(day: date, years: int) -> date:
    return _birthday(day, day.year + years)


def _number(digits: Sequence[int]) -> int:
    """Return the number that digits make; an unread one (negative) spoils it."""
    value = 0
    for each in digits:
        if each < 0:
            return -1
        value = value * 10 + each
    return value
