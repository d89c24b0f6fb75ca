"""The tables of the office's database, in their own metadata, so that a unit in the same process never shares them.

The opened payload stands here in clear: this is where the record was going. The same tables serve SQLite and PostgreSQL
(design D9), so every column is of a kind that both have; instants are ISO 8601 text in UTC with milliseconds.
"""

from __future__ import annotations

from enum import Enum, unique
from typing import Final

from sqlalchemy import MetaData, UniqueConstraint
from sqlmodel import Field, SQLModel

APPLICATION_ID: Final = 0x4D4E564F
"""Kept in `PRAGMA application_id`: the letters MNVO; tells an office's database from a unit's."""
SCHEMA_VERSION: Final = 1
"""Kept in `PRAGMA user_version`; a database with another number is refused."""


@unique
class UnitStatus(Enum):
    """Whether the office takes a unit's records."""

    ACTIVE = "active"
    """Records are taken."""
    HELD = "held"
    """Nothing is answered until a person has looked; records wait on the unit."""
    REVOKED = "revoked"
    """Records are refused for good."""


@unique
class ChainState(Enum):
    """How a stored record stands in its unit's chain."""

    FOLLOWED = "followed"
    """It follows the record before."""
    PENDING = "pending"
    """A record before it has not come yet: a gap."""
    BROKEN = "broken"
    """It does not follow; a person has to look."""


@unique
class IncidentKind(Enum):
    """What a person at the office has to know about."""

    MALFORMED = "malformed"
    """Bytes that are no envelope or no presence, or on no unit's topic."""
    UNKNOWN_UNIT = "unknown_unit"
    """A unit that the office never claimed."""
    FORGED = "forged"
    """Not signed by the unit in whose name it came."""
    REPLAYED = "replayed"
    """A sequence number came again with other bytes."""
    CHAIN_BROKEN = "chain_broken"
    """A record does not follow the one before."""
    UNOPENED = "unopened"
    """A signed record whose seal does not open."""
    NOT_UNDERSTOOD = "not_understood"
    """A signed and opened record whose content does not parse."""
    UNIT_HELD = "unit_held"
    """A record of a unit that is held."""
    UNIT_REVOKED = "unit_revoked"
    """A record of a unit that is revoked."""
    SESSION_WENT_BACK = "session_went_back"
    """A unit came with an older session number: perhaps two units with one key (hazard H6)."""


class OfficeTable(SQLModel):
    """What all tables of the office share: one metadata of their own."""

    metadata = MetaData()


class UnitRow(OfficeTable, table=True):
    """One claimed unit, how far its chain was followed, and what it last said."""

    __tablename__ = "unit"

    unit: str = Field(primary_key=True)
    public_key: bytes
    """Key class and Ed25519 key, pinned at the claim."""
    status: str
    claimed_at: str
    sequence: int = 0
    """Of the newest record that was followed; with the next three, where the chain stands."""
    record_hash: bytes = b""
    chain_head: bytes
    next_position: int = 1
    session: int = 0
    presence_state: str = ""
    presence_at: str = ""
    """By the unit's clock."""
    seen_at: str = ""
    """By the office's clock."""
    counts: str = ""
    """The unit's own counts by state, as JSON."""


class EnvelopeRow(OfficeTable, table=True):
    """One sealed record as it came, and the office's word on it."""

    __tablename__ = "envelope"
    __table_args__ = (UniqueConstraint("unit", "sequence", name="one_record_at_each_place"),)

    id: int | None = Field(default=None, primary_key=True)
    unit: str = Field(foreign_key="unit.unit")
    sequence: int
    record_hash: bytes = Field(unique=True)
    envelope: bytes
    office_at: str
    """When the office took it; stands in the receipt."""
    reason: str
    """The receipt's reason code, `none` for a record that was stored and understood."""
    chain: str = Field(index=True)
    copies: int = 1
    """How often the same bytes came."""
    receipt: bytes | None = None
    """The signed receipt; signed after the commit, so empty for a moment."""


class PayloadRow(OfficeTable, table=True):
    """The opened content of one record."""

    __tablename__ = "payload"

    envelope_id: int = Field(primary_key=True, foreign_key="envelope.id")
    visit: str = Field(index=True)
    payload: bytes


class IncidentRow(OfficeTable, table=True):
    """How often something happened with one unit, first and last time."""

    __tablename__ = "incident"
    __table_args__ = (UniqueConstraint("kind", "unit", name="one_row_for_each_kind_and_unit"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    unit: str
    """As authenticated by the broker; empty when no unit's topic was named."""
    count: int
    first_at: str
    last_at: str
