"""One unit of real parts around simulated devices; only the face engine is scripted, since its own tests run the real one."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from appliance.assembly import training_issuers
from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FaceBand, FaceComparison, FrameHint, FrameQuality
from appliance.domain.ids import PersonId, StaffId, UnitId, VisitId
from appliance.domain.outbox import Slot, Stamped
from appliance.domain.roster import RosterEntry, StaffName
from appliance.errors import FaceEngineSilent, NoFace
from appliance.pictures.guarded import PictureChild
from appliance.seal.context import SealContext
from appliance.seal.keys import OfficeSealingPrivateKey, SoftwareUnitKey
from appliance.seal.record import seal_record
from appliance.service.unit import Unit
from appliance.service.visit_day import VisitDay, sign_in
from appliance.simulated.camera import RecordedCamera
from appliance.simulated.front_reader import SimulatedFrontReader
from appliance.simulated.panel import SimulatedPanel
from appliance.simulated.people import TrainingPerson, training_people
from appliance.simulated.personalisation import Personaliser
from appliance.simulated.reader import SimulatedReader
from appliance.store.database import Database, open_database
from appliance.store.records import SqliteRecordStore
from appliance.store.roster_key import PassphraseCost, RosterKey
from appliance.store.staff import SqliteStaffRegister

UNIT_ID = UnitId("unit-test")
STAFF = StaffId("s01")
PASSPHRASE = "asahi-en"
GOOD = FrameQuality(FrameHint.GOOD, 1, 200, 120.0, 80.0, 0.0, nod=0.75)
ROOM_BYTES = 2**40
CHEAP = PassphraseCost(iterations=1, lanes=1, memory_kib=64)


@dataclass
class SteppedClock:
    """Time that moves when a test says so."""

    at: datetime = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.at.timestamp()

    def step(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class ScriptedEngine:
    """Answers as told and remembers what frames and photos it was lent."""

    band: FaceBand = FaceBand.MATCH
    has_photo_face: bool = True
    is_silent: bool = False
    frames: list[Frame] = field(default_factory=list)
    compared: list[Frame] = field(default_factory=list)
    """The frames of comparisons alone."""
    qualities: list[FrameQuality] = field(default_factory=list)
    """What the next looks say; after them good frames, no two in a row alike, as a sensor gives them."""
    continuity: FaceBand = FaceBand.MATCH
    """What comparing two live frames says."""
    on_look: Callable[[], object] = lambda: None
    """Called at each look, such as to let time pass."""

    def look(self, frame: Frame) -> FrameQuality:
        self.frames.append(frame)
        self.on_look()
        if self.is_silent:
            raise FaceEngineSilent(2.0)
        if self.qualities:
            return self.qualities.pop(0)
        return replace(GOOD, sharpness=GOOD.sharpness + 0.01 * (len(self.frames) % 7))

    def compare_live(self, before: Frame, after: Frame) -> FaceComparison:
        self.compared = [before, after]
        return FaceComparison(0.2, 0.1, self.continuity, GOOD, 1)

    def compare(self, chip_photo: bytes, frames: Sequence[Frame]) -> FaceComparison:
        if self.is_silent:
            raise FaceEngineSilent(8.0)
        if not self.has_photo_face:
            raise NoFace("chip_photo")
        assert chip_photo[4:8] == b"jP  "
        self.frames.extend(frames)
        self.compared = list(frames)
        return FaceComparison(0.2, 0.1, self.band, GOOD, len(frames))

    def close(self) -> None:
        self.frames.clear()


@dataclass
class Bench:
    """The unit under test with a hand on every simulated part."""

    unit: Unit
    reader: SimulatedReader
    camera: RecordedCamera
    engine: ScriptedEngine
    clock: SteppedClock
    store: SqliteRecordStore
    office_key: OfficeSealingPrivateKey
    unit_key: SoftwareUnitKey
    people: dict[str, TrainingPerson]
    personaliser: Personaliser
    front_reader: SimulatedFrontReader
    free_bytes: int = ROOM_BYTES
    """What the disk says is left."""

    def put_card(self, person: str) -> TrainingPerson:
        self.reader.insert(self.personaliser.card(self.people[person]))
        return self.people[person]

    def day(self) -> VisitDay:
        return sign_in(self.unit, STAFF, PASSPHRASE)

    def events(self) -> list[str]:
        with self.store.database.reading() as connection:
            rows = connection.exec_driver_sql("select event from audit_entry order by position")
            return [row[0] for row in rows]


@contextmanager
def opened_bench(tmp_path: Path) -> Iterator[Bench]:
    """Lend a unit whose files lie in `tmp_path`."""
    database = open_database(tmp_path / "unit.sqlite3")
    clock = SteppedClock()
    store = SqliteRecordStore(
        database,
        UNIT_ID,
        clock,
        sequence_file=tmp_path / "sequence",
        free_bytes=lambda _path: bench.free_bytes,
    )
    people = {str(person.id): person for person in training_people()}
    staff = _staffed(database, clock, people)
    office_key = OfficeSealingPrivateKey.generate(secrets.token_bytes)
    unit_key = SoftwareUnitKey.generate(secrets.token_bytes)

    def seal(payload: bytes, slot: Slot, visit: VisitId) -> Stamped:
        context = SealContext.of(slot, visit, office_key.key_id)
        return seal_record(payload, context, office_key.public, unit_key, events=slot.events)

    reader, camera, engine = SimulatedReader(), RecordedCamera(), ScriptedEngine()
    front_reader = SimulatedFrontReader(lambda: clock.now().date())
    unit = Unit(
        id=UNIT_ID,
        is_training=True,
        reader=reader,
        camera=camera,
        face_engine=engine,
        front_reader=front_reader,
        pictures=PictureChild(),
        panel=SimulatedPanel(),
        store=store,
        staff=staff,
        issuers=training_issuers(),
        clock=clock,
        random_bytes=secrets.token_bytes,
        seal=seal,
    )
    bench = Bench(
        unit, reader, camera, engine, clock, store, office_key, unit_key, people, Personaliser(), front_reader
    )
    yield bench
    unit.close()


def _staffed(
    database: Database, clock: SteppedClock, people: dict[str, TrainingPerson]
) -> SqliteStaffRegister:
    register = SqliteStaffRegister(database, UNIT_ID, clock, secrets.token_bytes, CHEAP)
    key = RosterKey.generate(secrets.token_bytes)
    register.enrol_staff(StaffName(STAFF, "研修　担当"), PASSPHRASE, key)
    entries = [
        RosterEntry(PersonId(person), each.name, each.name_kana, each.room, each.birth_date)
        for person, each in people.items()
    ]
    register.replace_roster("あさひ苑", date(2026, 11, 23), entries, key)
    return register
