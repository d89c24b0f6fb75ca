"""Units without a disk: they seal records one after the other, as a unit's store would have them sealed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from appliance.domain.audit import RECORD_EVENT, AuditEntry, follow, genesis
from appliance.domain.ids import UnitId, VisitId
from appliance.domain.outbox import Stamped
from appliance.errors import FactsMalformed, FormatUnknown
from appliance.seal.context import FORMAT_VERSION, SealContext
from appliance.seal.keys import OfficeSealingPrivateKey, OfficeSigningPrivateKey, SoftwareUnitKey
from appliance.seal.record import seal_record
from mqtt.office.office_home import OfficeKeys

RANDOM = Random(11)
UNIT = UnitId("u01")
NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
KEYS = OfficeKeys(
    OfficeSealingPrivateKey.generate(RANDOM.randbytes), OfficeSigningPrivateKey.generate(RANDOM.randbytes)
)
OTHER_KEYS = OfficeKeys(
    OfficeSealingPrivateKey.generate(RANDOM.randbytes), OfficeSigningPrivateKey.generate(RANDOM.randbytes)
)


def parse_note(payload: bytes) -> str:
    """Read the payloads of these tests: `note ...`; `newer ...` is of a version that is not known."""
    if payload.startswith(b"newer "):
        raise FormatUnknown("note", 2)
    if not payload.startswith(b"note "):
        raise FactsMalformed("note")
    return payload.decode()


class OfficeClock:
    """The office's time, which moves by a second with each look; implements `ports.Clock`."""

    def __init__(self) -> None:
        self.looks = 0

    def now(self) -> datetime:
        self.looks += 1
        return NOON + timedelta(seconds=self.looks, microseconds=123_456)

    def monotonic_s(self) -> float:
        return float(self.looks)


@dataclass
class PretendUnit:
    """A unit's key and its chain so far."""

    name: UnitId = UNIT
    key: SoftwareUnitKey = field(default_factory=lambda: SoftwareUnitKey.generate(RANDOM.randbytes))
    keys: OfficeKeys = KEYS
    sequence: int = 0
    entries: list[AuditEntry] = field(default_factory=list)
    """Not yet carried by a record."""
    head: bytes = b""

    def __post_init__(self) -> None:
        self.head = genesis(self.name)
        self.position = 0

    def audit(self, event: str, detail: str = "") -> None:
        """Let something happen on the unit."""
        self.position += 1
        self.entries.append(AuditEntry(self.position, event, detail, NOON.isoformat()))

    def seal(self, payload: bytes) -> Stamped:
        """Return the next record; it follows the one before."""
        events = tuple(self.entries)
        self.head = follow(self.head, events, self.position - len(events) + 1)
        self.sequence += 1
        stamped = self.stamp(payload, self.sequence, self.head, events)
        self.entries = []
        self.audit(RECORD_EVENT, stamped.record_hash.hex())
        return stamped

    def stamp(
        self, payload: bytes, sequence: int, previous_link: bytes, events: tuple[AuditEntry, ...] = ()
    ) -> Stamped:
        """Return a record at any place, signed by this unit whether or not it follows."""
        visit = VisitId(RANDOM.randbytes(16).hex())
        sealing = self.keys.sealing.public
        context = SealContext(FORMAT_VERSION, self.name, sequence, previous_link, visit, sealing.key_id)
        return seal_record(payload, context, sealing, self.key, events=events)
