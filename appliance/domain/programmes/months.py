"""Counting in calendar months, as terms of certificates and ages of rules do."""

from __future__ import annotations

import calendar
from datetime import date


def months_later(day: date, months: int) -> date:
    """Return the same day of the month `months` later (earlier when negative), or that month's last day if there is none.

    Source for the last day: Civil Code (民法), Art. 143.
    """
    years, month_index = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month_index + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
