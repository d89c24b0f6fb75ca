"""A staff member's day on the unit: sign in, see who is to be visited and what has arrived, sign out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from appliance.domain.ids import PersonId, StaffId
from appliance.domain.outbox import OutboxCounts, OutboxRow, Saved
from appliance.domain.roster import Roster, RosterEntry, StaffName
from appliance.service.unit import Unit
from appliance.service.visit import Visit


@dataclass(slots=True)
class VisitDay:
    """One signed-in day; the roster is in memory for as long as this object is."""

    unit: Unit
    roster: Roster
    _saved: dict[PersonId, Saved] = field(default_factory=dict)

    def open_visit(self, entry: RosterEntry) -> Visit:
        """Open one person's turn."""
        return Visit(self.unit, self.roster.staff, entry)

    def note_saved(self, entry: RosterEntry, saved: Saved) -> None:
        """Remember which record belongs to whom, for today's list only; the link is never stored."""
        self._saved[entry.person] = saved

    def row_of(self, entry: RosterEntry) -> OutboxRow | None:
        """Return where this person's record of today stands, None while there is none."""
        saved = self._saved.get(entry.person)
        if saved is None:
            return None
        return next(iter(self.unit.store.states([saved.sequence])), None)

    def counts(self) -> OutboxCounts:
        """Count the unit's records by state."""
        return self.unit.store.counts()

    def sign_out(self) -> None:
        """End the day at this screen; the roster is forgotten with this object."""
        self.unit.store.audit("signed_out", str(self.roster.staff))
        self._saved.clear()


def staff_names(unit: Unit) -> Sequence[StaffName]:
    """Return the staff who can sign in on this unit."""
    return unit.staff.names()


def sign_in(unit: Unit, staff: StaffId, passphrase: str) -> VisitDay:
    """Open the day for a staff member.

    Raises:
        SignInRefused: name and passphrase do not open the roster.
    """
    roster = unit.staff.sign_in(staff, passphrase)
    unit.store.audit("signed_in", str(staff))
    return VisitDay(unit, roster)
