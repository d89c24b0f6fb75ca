"""What the digits of code B mean, said while they are typed or confirmed: both calendars, and the year of expiry (R03)."""

from __future__ import annotations

from collections.abc import Iterator

from appliance.card.code_b import GREATEST_AGE_AT_EXPIRY, CodeB
from appliance.domain.ephemeral import overwrite
from appliance.domain.era import Era, EraDate, days_written
from appliance.errors import CodeMalformed
from tui.dates import in_both_calendars
from tui.field.session import Session

BirthDigits = tuple[int, int, int]
"""Year of an era, month and day."""


def meaning_said(
    session: Session, birth: BirthDigits | None, expiry_year: int | None, era: Era | None = None
) -> str:
    """Return the meaning of what is there so far, a line each; with `era` a birth date means that era's alone."""
    texts = session.texts
    said = [] if birth is None else [_birth_said(session, birth, era)]
    if expiry_year is not None:
        said.append(texts("card_code.expiry", year=expiry_year))
    return "\n".join(said)


def require_code(digits: bytearray) -> None:
    """Pass only digits that have the shape of a code; others are overwritten.

    Raises:
        CodeMalformed: no card has such a code.
    """
    try:
        CodeB(bytearray(digits)).wipe()
    except CodeMalformed:
        overwrite(digits)
        raise


def _birth_said(session: Session, birth: BirthDigits, era: Era | None) -> str:
    texts = session.texts
    possible = [day for day in _days_alive(session, birth) if era in {None, day.era}]
    if not possible:
        return texts("card_code.no_such_day")
    dates = texts("date.or").join(in_both_calendars(day, texts) for day in possible)
    return texts("card_code.birth", dates=dates)


def _days_alive(session: Session, birth: BirthDigits) -> Iterator[EraDate]:
    today = session.today
    oldest = today.replace(year=today.year - GREATEST_AGE_AT_EXPIRY, day=1)
    return (day for day in days_written(*birth) if oldest <= day.to_date() <= today)
