"""The day in Japan: cards, rules and visits all count days there (facts: card.md §13.2, notAfter 23:59:59 JST)."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Final

JAPAN_TIME: Final = timezone(timedelta(hours=9), "JST")
"""Japan keeps no summer time."""


def date_in_japan(instant: datetime) -> date:
    """Return the calendar day in Japan at an aware instant."""
    return instant.astimezone(JAPAN_TIME).date()
