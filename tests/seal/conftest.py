"""Keys of an invented unit and office, grown from fixed seeds, and one sealed record of theirs."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from appliance.domain.audit import AuditEntry, follow, genesis
from appliance.domain.ids import RandomBytes, UnitId, VisitId
from appliance.domain.outbox import Slot, Stamped
from appliance.seal.context import SealContext
from appliance.seal.keys import OfficeSealingPrivateKey, OfficeSigningPrivateKey, SoftwareUnitKey
from appliance.seal.record import seal_record

UNIT = UnitId("unit-01")
VISIT = VisitId("0123456789abcdef" * 2)
OFFICE_AT = datetime(2026, 11, 23, 4, 5, 6, 789_000, tzinfo=UTC)


def seeded(seed: int) -> RandomBytes:
    return random.Random(seed).randbytes


@dataclass(frozen=True, slots=True)
class Parties:
    """One unit and one office."""

    unit_key: SoftwareUnitKey = field(default_factory=lambda: SoftwareUnitKey.generate(seeded(1)))
    sealing: OfficeSealingPrivateKey = field(
        default_factory=lambda: OfficeSealingPrivateKey.generate(seeded(2))
    )
    signing: OfficeSigningPrivateKey = field(
        default_factory=lambda: OfficeSigningPrivateKey.generate(seeded(3))
    )

    def context(self, sequence: int = 1, previous_link: bytes = bytes(32)) -> SealContext:
        slot = Slot(UNIT, sequence, previous_link, ())
        return SealContext.of(slot, VISIT, self.sealing.key_id)

    def seal(
        self, payload: bytes, context: SealContext | None = None, events: tuple[AuditEntry, ...] = ()
    ) -> Stamped:
        place = context or self.context()
        return seal_record(payload, place, self.sealing.public, self.unit_key, events=events)


@pytest.fixture(scope="session")
def parties() -> Parties:
    return Parties()


def entries(*events: str, first: int = 1) -> tuple[AuditEntry, ...]:
    return tuple(
        AuditEntry(position, event, "detail", "2026-11-23T04:05:06.789+00:00")
        for position, event in enumerate(events, first)
    )


def head_after(*events: AuditEntry) -> bytes:
    return follow(genesis(UNIT), events, 1)


def flipped(whole: bytes, bit: int) -> bytes:
    """Return `whole` with one bit turned over."""
    changed = bytearray(whole)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
