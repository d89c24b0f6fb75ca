"""The audit chain as rows: appending inside a caller's transaction, and what the next record carries of it.

Events hold no personal data (design D11): a name from this program's own words, and a detail that is short and printable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select
from sqlmodel import col

from appliance.domain.audit import RECORD_EVENT, AuditEntry, genesis, link
from appliance.domain.ids import UnitId
from appliance.errors import FactsMalformed
from appliance.ports import Clock
from appliance.seal.record import DETAIL_LONGEST, EVENT_LONGEST, EVENTS_LIMIT
from appliance.store.tables import AuditEntryRow, RecordRow

WITHHELD_EVENT: Final = "events_withheld"
"""Stands once for all events after it, up to the next record, that no longer fit beside that record."""

_EVENT: Final = re.compile(rf"[a-z][a-z0-9_]{{0,{EVENT_LONGEST - 1}}}")
_PENDING_LIMIT: Final = EVENTS_LIMIT - 1
"""Beside the entry of the record before, an envelope has room for so many."""

# Built once: putting a statement together costs more than running it.
_HEAD: Final = (
    select(col(AuditEntryRow.link), col(AuditEntryRow.position))
    .order_by(col(AuditEntryRow.position).desc())
    .limit(1)
)
_LAST_RECORD: Final = select(func.max(col(RecordRow.audit_position)))
_SINCE: Final = (
    select(
        col(AuditEntryRow.position),
        col(AuditEntryRow.event),
        col(AuditEntryRow.detail),
        col(AuditEntryRow.at),
    )
    .where(col(AuditEntryRow.position) >= bindparam("first"))
    .order_by(col(AuditEntryRow.position))
)
_APPEND: Final = insert(AuditEntryRow)


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest link and the position of the entry that made it; 0 while there is none."""

    link: bytes
    position: int


@dataclass(frozen=True, slots=True)
class AuditLog:
    """The chain of one unit; every method works inside the caller's transaction."""

    unit: UnitId
    clock: Clock

    def head(self, connection: Connection) -> ChainHead:
        """Return where the chain ends."""
        newest = connection.execute(_HEAD).one_or_none()
        return ChainHead(newest.link, newest.position) if newest else ChainHead(genesis(self.unit), 0)

    def append(self, connection: Connection, event: str, detail: str) -> None:
        """Append an event, as far as the next envelope has room for it.

        Raises:
            FactsMalformed: `event` or `detail` is not fit for the chain.
        """
        if not _EVENT.fullmatch(event) or event in {RECORD_EVENT, WITHHELD_EVENT}:
            raise FactsMalformed("event")
        if len(detail) > DETAIL_LONGEST or not detail.isprintable():
            raise FactsMalformed("detail")
        head = self.head(connection)
        pending = head.position - last_record_position(connection)
        if pending < _PENDING_LIMIT - 1:
            self._insert(connection, head, event, detail)
        elif pending == _PENDING_LIMIT - 1:
            self._insert(connection, head, WITHHELD_EVENT, "")

    def append_record(self, connection: Connection, head: ChainHead, record_hash: bytes) -> int:
        """Append the entry that stands for a record to `head`, where the chain ends, and return its position."""
        return self._insert(connection, head, RECORD_EVENT, record_hash.hex())

    def since_last_record(self, connection: Connection) -> tuple[AuditEntry, ...]:
        """Return the entries that the next record carries: from the entry of the newest record on, with it."""
        rows = connection.execute(_SINCE, {"first": last_record_position(connection)})
        return tuple(AuditEntry(*row) for row in rows)

    def _insert(self, connection: Connection, head: ChainHead, event: str, detail: str) -> int:
        at = self.clock.now().isoformat(timespec="milliseconds")
        entry = AuditEntry(head.position + 1, event, detail, at)
        made = link(head.link, entry)
        row = {"position": entry.position, "event": event, "detail": detail, "at": at, "link": made}
        connection.execute(_APPEND, row)
        return entry.position


def last_record_position(connection: Connection) -> int:
    """Return the position of the entry that stands for the newest record; 0 before the first record."""
    return connection.execute(_LAST_RECORD).scalar_one() or 0
