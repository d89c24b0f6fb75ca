"""Erasing what the office has: only a verified receipt lets sealed bytes go, and count and hash stay (proof.md W3).

The bytes are overwritten in the file (`secure_delete`) and the write-ahead log is folded and emptied, so that they are in
neither (V3).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select, update
from sqlmodel import col

from appliance.domain.outbox import OutboxState
from appliance.store.records import SqliteRecordStore, parse_instant
from appliance.store.tables import OutboxEntry, RecordRow

BATCH: Final = 500
"""Records erased in one transaction."""


def erase_arrived(store: SqliteRecordStore, keep_for: timedelta) -> int:
    """Erase the sealed bytes of records whose receipt is at least `keep_for` old, and return how many.

    At most `BATCH` go at once, so that the other process never waits long; call again while it returns that many.

    Raises:
        StoreTrouble: nothing was erased.
    """
    now = store.log.clock.now()
    with store.database.writing() as connection:
        sequences = _erasable(connection, now - keep_for)
        if sequences:
            _erase(connection, sequences, now)
            store.log.append(connection, "records_erased", f"count={len(sequences)}")
    # Also with nothing new to erase: an earlier call may have met a reader and left the log as it was.
    store.database.fold_log()
    return len(sequences)


def _erasable(connection: Connection, receipted_until: datetime) -> list[int]:
    """Return the oldest such sequences; instants are compared as instants, whatever zone they were written in."""
    query = (
        select(col(OutboxEntry.sequence), col(OutboxEntry.receipted_at))
        .where(col(OutboxEntry.state) == OutboxState.ARRIVED.value)
        .order_by(col(OutboxEntry.sequence))
    )
    rows = connection.execute(query)
    return [row.sequence for row in rows if parse_instant(row.receipted_at) <= receipted_until][:BATCH]


def _erase(connection: Connection, sequences: list[int], at: datetime) -> None:
    connection.execute(update(RecordRow).where(col(RecordRow.sequence).in_(sequences)).values(envelope=None))
    connection.execute(
        update(OutboxEntry)
        .where(col(OutboxEntry.sequence).in_(sequences))
        .values(state=OutboxState.ERASED.value, erased_at=at.isoformat())
    )
