"""Checking the whole chain: every entry, every record, and that the two prove each other (proof.md W8, T5)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlmodel import col

from appliance.domain.audit import RECORD_EVENT, AuditEntry, genesis, link
from appliance.errors import ChainBroken
from appliance.store.records import SqliteRecordStore
from appliance.store.tables import AuditEntryRow, RecordRow


@dataclass(frozen=True, slots=True)
class ChainReport:
    """A chain that holds."""

    length: int
    """Entries in the chain."""
    head: bytes
    """Link of the newest entry; the unit's first link when there is none."""


def verify_chain(store: SqliteRecordStore) -> ChainReport:
    """Return length and head of a chain in which every link and every record holds.

    Raises:
        ChainBroken: the position of the first entry that does not follow, or whose record is missing, altered or moved.
        StoreTrouble: the database cannot be read.
    """
    head, position = genesis(store.unit), 0
    with store.database.reading() as connection:
        records = _records(connection)
        for position, row in enumerate(_entries(connection), 1):
            head = link(head, AuditEntry(row.position, row.event, row.detail, row.at))
            if row.position != position or row.link != head:
                raise ChainBroken(position)
            if row.event == RECORD_EVENT:
                _check_record(next(records, None), row)
    if next(records, None) is not None:
        raise ChainBroken(position + 1)
    return ChainReport(position, head)


def _check_record(record: tuple[int, Row[*tuple[Any, ...]]] | None, entry: Row[*tuple[Any, ...]]) -> None:
    """Demand that the next record is the one the entry stands for, in the place it has in the unit's order."""
    if record is None:
        raise ChainBroken(entry.position)
    sequence, row = record
    envelope_hash = row.record_hash if row.envelope is None else hashlib.sha256(row.envelope).digest()
    found = (row.sequence, row.audit_position, row.record_hash.hex(), envelope_hash)
    if found != (sequence, entry.position, entry.detail, row.record_hash):
        raise ChainBroken(entry.position)


def _entries(connection: Connection) -> Iterator[Row[*tuple[Any, ...]]]:
    columns = (
        AuditEntryRow.position,
        AuditEntryRow.event,
        AuditEntryRow.detail,
        AuditEntryRow.at,
        AuditEntryRow.link,
    )
    query = select(*map(col, columns)).order_by(col(AuditEntryRow.position))
    return iter(connection.execute(query.execution_options(yield_per=1_000)))


def _records(connection: Connection) -> Iterator[tuple[int, Row[*tuple[Any, ...]]]]:
    columns = (RecordRow.sequence, RecordRow.record_hash, RecordRow.envelope, RecordRow.audit_position)
    query = select(*map(col, columns)).order_by(col(RecordRow.sequence))
    return enumerate(connection.execute(query.execution_options(yield_per=100)), 1)
