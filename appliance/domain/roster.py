"""Who is to be visited today, and who visits (design D2).

The roster is personal data: it lives encrypted on the unit, in memory only while staff are signed in, and is erased after
the visit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from appliance.domain.ids import PersonId, StaffId


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One person on the day's roster."""

    person: PersonId
    name: str
    name_kana: str
    room: str
    birth_date: date | None = None

    def __repr__(self) -> str:
        """Show the random id only, so that no log or traceback holds a name."""
        return f"RosterEntry({self.person!r})"


@dataclass(frozen=True, slots=True)
class Roster:
    """One home's people for one day, opened by one staff member's sign-in."""

    facility: str
    visit_on: date
    staff: StaffId
    entries: tuple[RosterEntry, ...]


@dataclass(frozen=True, slots=True)
class StaffName:
    """A member of staff on the sign-in screen."""

    staff: StaffId
    name: str

    def __repr__(self) -> str:
        """Show the id only."""
        return f"StaffName({self.staff!r})"
