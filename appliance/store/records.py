"""Sealed records and their outbox in one database: the unit's `RecordStore` (design D2, D3, D8).

One transaction holds a record, its audit entry and its outbox row, and only its commit is ever called saved (proof.md W2).
Rows move forward only, and nothing but an office receipt moves one to the end (W3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlmodel import col

from appliance.domain.ids import UnitId
from appliance.domain.outbox import OutboxCounts, OutboxRow, OutboxState, Saved, Slot, Stamped
from appliance.errors import DiskFull, StoreDamaged
from appliance.ports import Clock
from appliance.store.audit_log import AuditLog
from appliance.store.database import Database, free_bytes, named_errors
from appliance.store.sequence_file import SequenceFile
from appliance.store.tables import MetaRow, OutboxEntry, RecordRow

LEAST_FREE_BYTES: Final = 512 * 1024 * 1024
"""Below this no new record is begun, while sending and erasing go on (proof.md W9)."""

_UNDECIDED: Final = (OutboxState.SAVED.value, OutboxState.SENT.value)
_OUTBOX_ROWS: Final = (
    select(
        col(RecordRow.sequence),
        col(RecordRow.record_hash),
        col(RecordRow.receipt_number),
        col(RecordRow.envelope),
        col(OutboxEntry.state),
        col(OutboxEntry.attempts),
        col(OutboxEntry.sent_at),
    )
    .join(OutboxEntry, col(OutboxEntry.sequence) == col(RecordRow.sequence))
    .order_by(col(RecordRow.sequence))
)

# Built once: putting a statement together costs more than running it.
_NEWEST: Final = select(func.max(col(RecordRow.sequence)))
_ADD_RECORD: Final = insert(RecordRow)
_ADD_TO_OUTBOX: Final = insert(OutboxEntry)


class SqliteRecordStore:
    """The record store of one unit, for any number of threads and for both of the unit's processes."""

    __slots__ = ("_free_bytes", "_least_free_bytes", "_sequence_file", "database", "log")

    def __init__(
        self,
        database: Database,
        unit: UnitId,
        clock: Clock,
        *,
        sequence_file: Path,
        free_bytes: Callable[[Path], int] = free_bytes,
        least_free_bytes: int = LEAST_FREE_BYTES,
    ) -> None:
        """Serve `unit` from `database`, and bind the two together on the first day.

        Raises:
            StoreDamaged: `unit`: the database belongs to another unit.
        """
        self.database: Final = database
        self.log: Final = AuditLog(unit, clock)
        self._sequence_file = SequenceFile(sequence_file)
        self._free_bytes = free_bytes
        self._least_free_bytes = least_free_bytes
        try:
            self._bind_unit()
        except BaseException:
            # The database is the store's to close, also one that it refuses.
            database.close()
            raise

    @property
    def unit(self) -> UnitId:
        """Whose records these are."""
        return self.log.unit

    def save(self, seal: Callable[[Slot], Stamped]) -> Saved:
        """Commit a sealed record, its audit link and its outbox row in one transaction (proof.md W2).

        `seal` is called once, inside the transaction, with the place the record takes; what it raises undoes everything.

        Raises:
            DiskFull: too little room; nothing was written.
            StoreDamaged: the database failed a check; nothing was written.
            StoreBusy: another process holds the database; nothing was written.
        """
        free = self._free_bytes(self.database.path)
        if free < self._least_free_bytes:
            raise DiskFull(free)
        with self.database.writing() as connection:
            sequence = self._demand_no_step_back(connection) + 1
            head, events = self.log.head(connection), self.log.since_last_record(connection)
            stamped = seal(Slot(self.unit, sequence, head.link, events))
            position = self.log.append_record(connection, head, stamped.record_hash)
            _insert(connection, sequence, stamped, position)
        # The record is committed: a number that cannot be noted must not turn that into a failure.
        with suppress(OSError):
            self._sequence_file.raise_to(sequence)
        return Saved(sequence, stamped.record_hash, stamped.receipt_number)

    def audit(self, event: str, detail: str) -> None:
        """Append one event without personal data to the audit chain.

        Raises:
            FactsMalformed: `event` or `detail` is not fit for the chain.
            StoreTrouble: nothing was written.
        """
        with self.database.writing() as connection:
            self._demand_no_step_back(connection)
            self.log.append(connection, event, detail)

    def waiting(self, limit: int) -> Sequence[OutboxRow]:
        """Return up to `limit` rows without a verified receipt, lowest sequence first."""
        query = _OUTBOX_ROWS.where(col(OutboxEntry.state).in_(_UNDECIDED)).limit(limit)
        with self.database.reading() as connection:
            return [_outbox_row(row) for row in connection.execute(query)]

    def states(self, sequences: Sequence[int]) -> Iterator[OutboxRow]:
        """Return the rows of these sequences, lowest first; the envelope of an erased record is empty."""
        query = _OUTBOX_ROWS.where(col(OutboxEntry.sequence).in_(sequences))
        with self.database.reading() as connection:
            rows = [_outbox_row(row) for row in connection.execute(query)]
        return iter(rows)

    def counts(self) -> OutboxCounts:
        """Count records by state."""
        query = select(col(OutboxEntry.state), func.count()).group_by(col(OutboxEntry.state))
        with self.database.reading() as connection:
            return OutboxCounts(**{_state(state).value: count for state, count in connection.execute(query)})

    def receipt(self, sequence: int) -> bytes | None:
        """Return the office's signed receipt for a record, None while there is none (hazard H4)."""
        query = select(col(OutboxEntry.receipt)).where(col(OutboxEntry.sequence) == sequence)
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one_or_none()

    def mark_sent(self, sequence: int, sent_at: datetime) -> None:
        """Note that the broker took the record; a record with a verdict stays where it is."""
        change = (
            update(OutboxEntry)
            .where(col(OutboxEntry.sequence) == sequence, col(OutboxEntry.state).in_(_UNDECIDED))
            .values(
                state=OutboxState.SENT.value,
                attempts=col(OutboxEntry.attempts) + 1,
                sent_at=sent_at.isoformat(),
            )
        )
        with self.database.writing() as connection:
            connection.execute(change)

    def mark_receipted(self, sequence: int, receipt: bytes, receipted_at: datetime) -> None:
        """Note a verified receipt; only the caller that verified it may call this.

        The same receipt may come twice. A record that was refused first and stored later has arrived.
        """
        with self.database.writing() as connection:
            _decide(connection, sequence, OutboxState.ARRIVED, receipt, receipted_at)

    def mark_refused(self, sequence: int, receipt: bytes, receipted_at: datetime) -> None:
        """Note a verified refusal; the record is kept in sight and no longer sent (hazard H24).

        A record that has arrived stays arrived.
        """
        with self.database.writing() as connection:
            if _decide(connection, sequence, OutboxState.REFUSED, receipt, receipted_at):
                self.log.append(connection, "record_refused", f"sequence={sequence}")

    def note_sequence(self, sequence: int) -> None:
        """Note a sequence that the office has verified for this unit; writing locks if the database stands behind it.

        Raises:
            StoreDamaged: `disk`: the number cannot be noted.
        """
        with named_errors(self._sequence_file.path):
            self._sequence_file.raise_to(sequence)
            self._sequence_file.sync()

    def close(self) -> None:
        """Sync the sequence file and close the database; safe to call again."""
        with suppress(OSError):
            self._sequence_file.sync()
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _bind_unit(self) -> None:
        query = select(col(MetaRow.value)).where(col(MetaRow.name) == "unit")
        with self.database.writing() as connection:
            bound = connection.execute(query).scalar_one_or_none()
            if bound is None:
                connection.execute(insert(MetaRow).values(name="unit", value=self.unit))
            elif bound != self.unit:
                raise StoreDamaged("unit")

    def _demand_no_step_back(self, connection: Connection) -> int:
        """Return the newest sequence, unless a higher one is known to have been used (proof.md W5)."""
        newest: int = connection.execute(_NEWEST).scalar_one() or 0
        if newest < self._sequence_file.read():
            raise StoreDamaged("sequence")
        return newest


def _insert(connection: Connection, sequence: int, stamped: Stamped, audit_position: int) -> None:
    connection.execute(
        _ADD_RECORD,
        {
            "sequence": sequence,
            "record_hash": stamped.record_hash,
            "receipt_number": stamped.receipt_number,
            "envelope": stamped.envelope,
            "envelope_size_bytes": len(stamped.envelope),
            "audit_position": audit_position,
        },
    )
    connection.execute(
        _ADD_TO_OUTBOX, {"sequence": sequence, "state": OutboxState.SAVED.value, "attempts": 0}
    )


def _decide(connection: Connection, sequence: int, state: OutboxState, receipt: bytes, at: datetime) -> bool:
    """Move a row to a verdict if that is a step forward; tell whether it was."""
    before = _UNDECIDED if state is OutboxState.REFUSED else (*_UNDECIDED, OutboxState.REFUSED.value)
    change = (
        update(OutboxEntry)
        .where(col(OutboxEntry.sequence) == sequence, col(OutboxEntry.state).in_(before))
        .values(state=state.value, receipt=receipt, receipted_at=at.isoformat())
    )
    return connection.execute(change).rowcount == 1


def _outbox_row(row: Row[int, bytes, str, bytes | None, str, int, str | None]) -> OutboxRow:
    return OutboxRow(
        sequence=row.sequence,
        record_hash=row.record_hash,
        receipt_number=row.receipt_number,
        envelope=row.envelope or b"",
        state=_state(row.state),
        attempts=row.attempts,
        sent_at=None if row.sent_at is None else parse_instant(row.sent_at),
    )


def parse_instant(text: str) -> datetime:
    """Return an instant that was stored.

    Raises:
        StoreDamaged: `row`: it is none.
    """
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise StoreDamaged("row") from error


def _state(word: str) -> OutboxState:
    try:
        return OutboxState(word)
    except ValueError as error:
        raise StoreDamaged("row") from error
