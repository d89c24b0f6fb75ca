"""One invented unit with its database, keys and a clock that is set by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.domain.ids import UnitId, VisitId
from appliance.domain.outbox import Saved, Slot, Stamped
from appliance.seal.context import SealContext
from appliance.seal.keys import OfficeSealingPrivateKey, SoftwareUnitKey
from appliance.seal.record import parse_envelope, seal_record
from appliance.seal.succession import ChainPlace, follow_record
from appliance.store.database import free_bytes, open_database
from appliance.store.records import SqliteRecordStore
from tests.seal.conftest import seeded

UNIT = UnitId("unit-01")
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PAYLOAD = "山田 花子 1938-04-05 さくら苑 302号室".encode()


class HandClock:
    """Shows what it is set to."""

    def __init__(self, now: datetime = START) -> None:
        self.shown = now

    def now(self) -> datetime:
        return self.shown

    def monotonic_s(self) -> float:
        return (self.shown - START).total_seconds()

    def step(self, **duration: float) -> None:
        self.shown += timedelta(**duration)


@dataclass(slots=True)
class Keys:
    """Who signs and who opens."""

    unit: SoftwareUnitKey = field(default_factory=lambda: SoftwareUnitKey.generate(seeded(1)))
    office: OfficeSealingPrivateKey = field(
        default_factory=lambda: OfficeSealingPrivateKey.generate(seeded(2))
    )

    slots: list[Slot] = field(default_factory=list)
    """Every place that was asked to be sealed."""

    def sealer(self, payload: bytes = PAYLOAD) -> Callable[[Slot], Stamped]:
        def seal(slot: Slot) -> Stamped:
            self.slots.append(slot)
            context = SealContext.of(slot, VisitId("ab" * 16), self.office.key_id)
            return seal_record(payload, context, self.office.public, self.unit, events=slot.events)

        return seal


@dataclass(slots=True)
class UnitUnderTest:
    """A store in a folder, with everything around it."""

    folder: Path
    keys: Keys = field(default_factory=Keys)
    clock: HandClock = field(default_factory=HandClock)
    opened: list[SqliteRecordStore] = field(default_factory=list)
    reported: list[int] = field(default_factory=list)
    """Sequences that were reported as saved."""

    @property
    def database_file(self) -> Path:
        return self.folder / "unit.sqlite3"

    @property
    def sequence_file(self) -> Path:
        return self.folder / "sequence"

    def open(
        self,
        busy_timeout_s: float = 5.0,
        free: Callable[[Path], int] = free_bytes,
        least_free_bytes: int = 0,
        unit: UnitId = UNIT,
    ) -> SqliteRecordStore:
        database = open_database(self.database_file, busy_timeout_s)
        store = SqliteRecordStore(
            database,
            unit,
            self.clock,
            sequence_file=self.sequence_file,
            free_bytes=free,
            least_free_bytes=least_free_bytes,
        )
        self.opened.append(store)
        return store

    def save(self, store: SqliteRecordStore, payload: bytes = PAYLOAD) -> Saved:
        saved = store.save(self.keys.sealer(payload))
        self.reported.append(saved.sequence)
        return saved

    def follow_at_office(self, store: SqliteRecordStore) -> ChainPlace:
        """Verify and open every record that still has its bytes, as the office would."""
        place = ChainPlace.start(store.unit)
        for row in store.states(range(1, 1_000)):
            envelope = parse_envelope(row.envelope).verify(self.keys.unit.public)
            assert envelope.open(self.keys.office) == PAYLOAD
            place = follow_record(place, envelope)
        return place


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[UnitUnderTest]:
    under_test = UnitUnderTest(tmp_path)
    yield under_test
    for store in under_test.opened:
        store.close()


@pytest.fixture
def store(unit: UnitUnderTest) -> SqliteRecordStore:
    return unit.open()
