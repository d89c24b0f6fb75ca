"""Where the user-authentication certificate of a card stands on a day: in term, renewable, or in its last three months.

The three-month rule has two readings; the shorter one, expiry plus three months on the same day, is the one that is shown
and counted with (domain.md F1.21, R14).
"""

from __future__ import annotations

from datetime import date
from enum import Enum, unique
from typing import Final

from appliance.domain.programmes.months import months_later

RENEWAL_MONTHS_BEFORE: Final = 3
"""Renewal opens so many months before the last day (F1.19)."""
INSURANCE_USE_MONTHS_AFTER: Final = 3
"""Insurance use goes on for so many months after the last day (F1.21)."""


@unique
class CertificateTerm(Enum):
    """The stages of R14; each holds up to and including its last day."""

    IN_TERM = "in_term"
    RENEWAL_OPEN = "renewal_open"
    """In term, and may be renewed."""
    LAPSED = "lapsed"
    """Expired; use for insurance goes on for a time, nothing else does."""
    ENDED = "ended"
    """To be treated as if nothing worked any more."""


def certificate_term(expires_on: date, on: date) -> CertificateTerm:
    """Return the stage on a day of a certificate whose last day is `expires_on`."""
    if on < months_later(expires_on, -RENEWAL_MONTHS_BEFORE):
        return CertificateTerm.IN_TERM
    if on <= expires_on:
        return CertificateTerm.RENEWAL_OPEN
    if on <= insurance_use_last_day(expires_on):
        return CertificateTerm.LAPSED
    return CertificateTerm.ENDED


def insurance_use_last_day(expires_on: date) -> date:
    """Return the day to show as "renew by"."""
    return months_later(expires_on, INSURANCE_USE_MONTHS_AFTER)
