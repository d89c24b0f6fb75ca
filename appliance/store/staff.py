"""Staff sign-in and the day's roster at rest: the unit's `StaffRegister` (design D2, hazards H7, H16).

A try is counted and committed before it is made, so that neither a pulled plug nor a second process gives one for free. The
delay grows with each failure and never passes `LONGEST_WAIT_S`, also when the clock steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Update, delete, insert, select, update
from sqlmodel import col

from appliance.domain.ids import PersonId, RandomBytes, StaffId, UnitId
from appliance.domain.japan import date_in_japan
from appliance.domain.roster import Roster, RosterEntry, StaffName
from appliance.errors import SealBroken, SignInRefused, StoreDamaged
from appliance.ports import Clock
from appliance.seal.codec import encode
from appliance.store.database import Database
from appliance.store.records import parse_instant
from appliance.store.roster_form import (
    ROSTER_VERSION,
    decode_entry,
    decode_heading,
    encode_entry,
    encode_heading,
)
from appliance.store.roster_key import (
    FIELD_COST,
    SALT_SIZE_BYTES,
    PassphraseCost,
    RosterKey,
    key_from_passphrase,
)
from appliance.store.tables import RosterRow, StaffRow

FREE_TRIES: Final = 3
"""Failures before the next try has to wait."""
LONGEST_WAIT_S: Final = 900.0

_HEADING: Final = ""
"""Stands in the person column for the part that belongs to nobody: facility and day."""


@dataclass(frozen=True, slots=True)
class SqliteStaffRegister:
    """Who may sign in on one unit, and the roster that a sign-in opens."""

    database: Database
    unit: UnitId
    clock: Clock
    random_bytes: RandomBytes
    cost: PassphraseCost = FIELD_COST

    def names(self) -> Sequence[StaffName]:
        """Return the staff who can sign in, for the sign-in screen."""
        query = select(col(StaffRow.staff), col(StaffRow.name)).order_by(col(StaffRow.staff))
        with self.database.reading() as connection:
            return [StaffName(StaffId(row.staff), row.name) for row in connection.execute(query)]

    def sign_in(self, staff: StaffId, passphrase: str) -> Roster:
        """Open the day's roster.

        Raises:
            SignInRefused: unknown staff or wrong passphrase; the next try waits longer.
            StoreDamaged: `roster`: the passphrase is right and the roster does not open.
            FormatUnknown: the roster was written by a newer program.
        """
        key = self.open_key(staff, passphrase)
        query = select(col(RosterRow.person), col(RosterRow.sealed)).order_by(col(RosterRow.place))
        with self.database.reading() as connection:
            rows = {row.person: row.sealed for row in connection.execute(query)}
        try:
            return self._open_roster(staff, key, rows)
        except SealBroken as error:
            raise StoreDamaged("roster") from error

    def open_key(self, staff: StaffId, passphrase: str) -> RosterKey:
        """Return the roster key for a member of staff, to enrol another one or to replace the roster.

        Raises:
            SignInRefused: unknown staff or wrong passphrase; the next try waits longer.
        """
        row = self._begin_try(staff)
        cost = PassphraseCost(row.iterations, row.lanes, row.memory_kib)
        try:
            key = key_from_passphrase(passphrase, row.salt, cost).unwrap(
                row.wrapped_key, self._bound_to("staff", staff)
            )
        except SealBroken as error:
            raise SignInRefused(wait_after(row.failures + 1)) from error
        with self.database.writing() as connection:
            connection.execute(_staff_change(staff).values(failures=0, tried_at=None))
        return key

    def enrol_staff(self, name: StaffName, passphrase: str, roster_key: RosterKey) -> None:
        """Let a member of staff open the roster with a passphrase; replaces an earlier passphrase."""
        salt = self.random_bytes(SALT_SIZE_BYTES)
        wrapping = key_from_passphrase(passphrase, salt, self.cost)
        row = {
            "staff": name.staff,
            "name": name.name,
            "salt": salt,
            "iterations": self.cost.iterations,
            "lanes": self.cost.lanes,
            "memory_kib": self.cost.memory_kib,
            "wrapped_key": roster_key.wrap(wrapping, self._bound_to("staff", name.staff), self.random_bytes),
            "failures": 0,
        }
        with self.database.writing() as connection:
            connection.execute(delete(StaffRow).where(col(StaffRow.staff) == name.staff))
            connection.execute(insert(StaffRow).values(row))

    def replace_roster(
        self, facility: str, visit_on: date, entries: Sequence[RosterEntry], roster_key: RosterKey
    ) -> None:
        """Put the roster of one day in the place of the one before, which is erased."""
        parts = [(_HEADING, encode_heading(facility, visit_on))]
        parts += [(str(entry.person), encode_entry(entry)) for entry in entries]
        rows = [
            {
                "place": place,
                "person": person,
                "sealed": roster_key.encrypt(part, self._bound_to("roster", person), self.random_bytes),
            }
            for place, (person, part) in enumerate(parts)
        ]
        with self.database.writing() as connection:
            connection.execute(delete(RosterRow))
            connection.execute(insert(RosterRow), rows)
        self.database.fold_log()

    def erase_person(self, person: PersonId) -> None:
        """Erase one person from the roster, in the file and in its log; nothing happens when they are not on it."""
        with self.database.writing() as connection:
            connection.execute(
                delete(RosterRow).where(col(RosterRow.person) == person, col(RosterRow.person) != _HEADING)
            )
        self.database.fold_log()

    def erase_roster(self) -> None:
        """Erase the whole roster, in the file and in its log."""
        with self.database.writing() as connection:
            connection.execute(delete(RosterRow))
        self.database.fold_log()

    def _begin_try(self, staff: StaffId) -> Row[*tuple[Any, ...]]:
        """Count a try before it is made, and return the row as it was."""
        now = self.clock.now()
        with self.database.writing() as connection:
            row = _staff_row(connection, staff)
            if row is None:
                raise SignInRefused
            left_s = _wait_left_s(row.failures, row.tried_at, now)
            if left_s > 0:
                raise SignInRefused(left_s)
            connection.execute(
                _staff_change(staff).values(failures=row.failures + 1, tried_at=now.isoformat())
            )
        return row

    def _open_roster(self, staff: StaffId, key: RosterKey, rows: dict[str, bytes]) -> Roster:
        """Return the roster in `rows`; without a heading there is none, and nobody is on it."""
        plain = {
            person: key.decrypt(sealed, self._bound_to("roster", person)) for person, sealed in rows.items()
        }
        heading = plain.pop(_HEADING, None)
        if heading is None:
            return Roster("", date_in_japan(self.clock.now()), staff, ())
        facility, visit_on = decode_heading(heading)
        entries = tuple(decode_entry(PersonId(person), part) for person, part in plain.items())
        return Roster(facility, visit_on, staff, entries)

    def _bound_to(self, purpose: str, who: str) -> bytes:
        return encode(ROSTER_VERSION, purpose, self.unit, who)


def wait_after(failures: int) -> float:
    """Return the seconds that must pass after so many failures in a row: 0, 0, 0, then 2, 4, 8 ... up to the longest."""
    if failures <= FREE_TRIES:
        return 0.0
    return min(LONGEST_WAIT_S, 2.0 ** min(failures - FREE_TRIES, 32))


def _wait_left_s(failures: int, tried_at: str | None, now: datetime) -> float:
    """Return what is left of the wait; a clock that was put back never makes it longer than the wait itself."""
    if tried_at is None:
        return 0.0
    wait_s = wait_after(failures)
    passed_s = (now - parse_instant(tried_at)).total_seconds()
    return min(wait_s, max(0.0, wait_s - passed_s))


def _staff_row(connection: Connection, staff: StaffId) -> Row[*tuple[Any, ...]] | None:
    columns = (
        StaffRow.salt,
        StaffRow.iterations,
        StaffRow.lanes,
        StaffRow.memory_kib,
        StaffRow.wrapped_key,
        StaffRow.failures,
        StaffRow.tried_at,
    )
    query = select(*map(col, columns)).where(col(StaffRow.staff) == staff)
    return connection.execute(query).one_or_none()


def _staff_change(staff: StaffId) -> Update:
    return update(StaffRow).where(col(StaffRow.staff) == staff)
