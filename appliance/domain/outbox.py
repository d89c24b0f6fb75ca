"""Where a saved record stands on its way to the office (design D3, proof.md W3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, unique

from appliance.domain.audit import AuditEntry
from appliance.domain.ids import UnitId


@unique
class OutboxState(Enum):
    """Durability in the words of the screen: each value is drawn only after it became true."""

    SAVED = "saved"
    """保存済: committed on the unit."""
    SENT = "sent"
    """送信済: a broker took it."""
    ARRIVED = "arrived"
    """到着確認: an office-signed receipt was verified."""
    REFUSED = "refused"
    """The office answered with a signed refusal; the record waits visibly for a person (H24)."""
    ERASED = "erased"
    """The sealed bytes are gone from the unit; count and hash stay."""

    @property
    def word(self) -> str:
        """The Japanese word for this state, the same on screen and in `rehearse`."""
        return _WORDS[self]


_WORDS = {
    OutboxState.SAVED: "保存済",
    OutboxState.SENT: "送信済",
    OutboxState.ARRIVED: "到着確認",
    OutboxState.REFUSED: "要確認",
    OutboxState.ERASED: "消去済",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """The place that the next record takes in the unit's order."""

    unit: UnitId
    sequence: int
    """1 for the unit's first record, without gaps."""
    previous_link: bytes
    """Head of the audit chain just before this record: 32 bytes."""
    events: tuple[AuditEntry, ...]
    """Audit entries since the record before, so that the office can follow the chain."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """A sealed record ready to be stored: opaque bytes and what is known of them."""

    envelope: bytes
    record_hash: bytes
    """SHA-256 of `envelope`."""
    receipt_number: str


@dataclass(frozen=True, slots=True)
class Saved:
    """Proof that a record was committed."""

    sequence: int
    record_hash: bytes
    receipt_number: str


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One record in the outbox."""

    sequence: int
    record_hash: bytes
    receipt_number: str
    envelope: bytes
    state: OutboxState
    attempts: int
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """How many records stand where."""

    saved: int = 0
    sent: int = 0
    arrived: int = 0
    refused: int = 0
    erased: int = 0
