"""The unit's audit chain: each entry is bound to the one before by SHA-256 (proof.md §3, T5).

Entries hold event names and counts, never personal data. A record's entry holds the hash of its sealed envelope, so that
the chain and the records prove each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from appliance.domain.ids import UnitId
from appliance.errors import ChainBroken

LINK_SIZE_BYTES: Final = 32
RECORD_EVENT: Final = "record_saved"
"""The event name of an entry that stands for a sealed record; its detail is the record's hash in hexadecimal."""

_VERSION: Final = b"mynavisit-audit-1"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One event in the unit's life."""

    position: int
    """1 for the first entry, without gaps."""
    event: str
    detail: str
    at: str
    """Instant by the unit's clock, ISO 8601 UTC; informative, the order is `position`."""


def genesis(unit: UnitId) -> bytes:
    """Return the link before a unit's first entry."""
    return hashlib.sha256(b"\0".join((_VERSION, unit.encode()))).digest()


def link(previous: bytes, entry: AuditEntry) -> bytes:
    """Return the link that binds `entry` to `previous`; every field is length-prefixed, so none can shift."""
    digest = hashlib.sha256(previous)
    for part in (str(entry.position), entry.event, entry.detail, entry.at):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(4, "big"))
        digest.update(encoded)
    return digest.digest()


def follow(head: bytes, entries: Iterable[AuditEntry], first_position: int) -> bytes:
    """Return the head after `entries`, which must start at `first_position` without gaps.

    Raises:
        ChainBroken: a position is missing, repeated or out of order.
    """
    for position, entry in enumerate(entries, first_position):
        if entry.position != position:
            raise ChainBroken(position)
        head = link(head, entry)
    return head
