"""The tables of the unit's database, in their own metadata, so that an office in the same process never shares them.

Nothing personal stands in any column: a record is sealed bytes, a roster row is encrypted bytes, and the clear columns hold
random ids, counts, hashes and instants. The exception is the name of each staff member, which the sign-in screen shows
before anybody has signed in.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from sqlalchemy import CheckConstraint, MetaData, Text
from sqlmodel import Field, SQLModel

from appliance.domain.outbox import OutboxState

SCHEMA_VERSION: Final = 1
"""Kept in `PRAGMA user_version`; a database with a higher number is refused."""

_STATES: Final = ", ".join(f"'{state.value}'" for state in OutboxState)
_WITH_RECEIPT: Final = ", ".join(
    f"'{state.value}'" for state in (OutboxState.ARRIVED, OutboxState.REFUSED, OutboxState.ERASED)
)


_STRICT: Final = {"sqlite_strict": True}
"""A column holds its own type only, so that a check of the file finds a value that changed its type."""


class UnitTable(SQLModel):
    """What all tables of the unit share: one metadata of their own, and strict columns."""

    metadata = MetaData()
    __table_args__: ClassVar[Any] = _STRICT


def _text(**options: Any) -> Any:  # noqa: ANN401 - what SQLModel's own Field takes and gives
    """Return a column of SQLite's own text type, the only one that a strict table takes."""
    return Field(sa_type=Text, **options)


class AuditEntryRow(UnitTable, table=True):
    """One entry of the audit chain and the link it makes."""

    __tablename__ = "audit_entry"

    position: int = Field(primary_key=True)
    event: str = _text()
    detail: str = _text()
    at: str = _text()
    link: bytes
    """Head of the chain after this entry: 32 bytes."""


class RecordRow(UnitTable, table=True):
    """One sealed record."""

    __tablename__ = "record"

    sequence: int = Field(primary_key=True)
    record_hash: bytes = Field(unique=True)
    receipt_number: str = _text()
    envelope: bytes | None
    """None after erasing; hash and size stay."""
    envelope_size_bytes: int
    audit_position: int = Field(foreign_key="audit_entry.position", unique=True)
    """The entry that stands for this record."""


class OutboxEntry(UnitTable, table=True):
    """How far one record has come."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", "known_state"),
        CheckConstraint(f"state NOT IN ({_WITH_RECEIPT}) OR receipt IS NOT NULL", "only_by_receipt"),
        _STRICT,
    )

    sequence: int = Field(primary_key=True, foreign_key="record.sequence")
    state: str = _text(index=True)
    attempts: int = 0
    sent_at: str | None = _text(default=None)
    receipt: bytes | None = None
    """The office's signed bytes, verified by whoever stored them."""
    receipted_at: str | None = _text(default=None)
    erased_at: str | None = _text(default=None)


class MetaRow(UnitTable, table=True):
    """A fact about the database itself."""

    __tablename__ = "meta"

    name: str = _text(primary_key=True)
    value: str = _text()


class StaffRow(UnitTable, table=True):
    """One member of staff: what opens the roster key with the right passphrase, and how often it went wrong."""

    __tablename__ = "staff"

    staff: str = _text(primary_key=True)
    name: str = _text()
    salt: bytes
    iterations: int
    lanes: int
    memory_kib: int
    wrapped_key: bytes
    """Nonce and encrypted roster key."""
    failures: int = 0
    """Tries since the last success, counted before each try."""
    tried_at: str | None = _text(default=None)


class RosterRow(UnitTable, table=True):
    """One encrypted part of the day's roster: the heading (empty `person`) or one person."""

    __tablename__ = "roster"

    person: str = _text(primary_key=True)
    place: int
    """In the order of the list."""
    sealed: bytes
    """Nonce and encrypted entry."""
