"""The one place that chooses real or simulated parts and puts a unit together (design §3, D6).

A unit in service gets real devices and production issuer keys; a training unit gets simulated ones and training keys. No third
mixture can be built here, except the try-out of `make run`, which puts an attached reader before an invented roster.
"""

from __future__ import annotations

import importlib.util
import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from appliance.card_front.worker import WorkerFrontReader
from appliance.domain.ids import UnitId, VisitId
from appliance.domain.japan import date_in_japan
from appliance.domain.outbox import Slot, Stamped
from appliance.errors import ChainBroken, FaceWeightsRefused, NoPanel, NoReader
from appliance.face.weights_shelf import WeightsShelf
from appliance.face.worker import WorkerFaceEngine
from appliance.hardware.absent import AbsentPanel
from appliance.hardware.camera_pi import PiCamera
from appliance.hardware.camera_v4l2 import V4l2Camera
from appliance.hardware.clock import SystemClock
from appliance.hardware.panel_gpio import GpioPanel, PanelPins
from appliance.hardware.pcsc_reader import PcscReader
from appliance.pictures.freed_memory import overwrite_freed_memory
from appliance.pictures.guarded import PictureChild
from appliance.ports import AttachedReader, Camera, CardReader, Panel
from appliance.seal.context import SealContext
from appliance.seal.keys import UnitKey
from appliance.seal.record import seal_record
from appliance.service.card_check import CardReport, Part, PartProgress, check_card
from appliance.service.chosen_reader import ChosenReader
from appliance.service.front_on_demand import FrontReaderOnDemand
from appliance.service.unit import Sealer, Unit
from appliance.settings import Settings
from appliance.simulated.issuer import training_issuers_toml
from appliance.simulated.panel import SimulatedPanel
from appliance.store.chain import verify_chain
from appliance.store.database import open_database
from appliance.store.keyfile import read_unit_key
from appliance.store.records import LEAST_FREE_BYTES, SqliteRecordStore
from appliance.store.staff import SqliteStaffRegister
from appliance.trust.issuer_keys import IssuerKeys, parse_issuer_keys, shipped_issuer_keys
from appliance.unit_home import Claim, UnitHome

UNIT_PINS: Final = PanelPins(face_light=17, saved=27, attention=22, back=5, help=6, next=13)
"""The unit's wiring, in Broadcom numbers; pins without a second function on the Pi's header."""

TRAINING_LEAST_FREE_BYTES: Final = 64 * 2**20
"""Training records are few and thrown away; the limit of service (proof.md W9) would only keep people from trying."""


def service_unit(settings: Settings) -> Unit:
    """Return the unit in service on this machine.

    Raises:
        NotProvisioned: no office has claimed it.
        StoreTrouble: its database or key does not open.
    """
    reader = ChosenReader(PcscReader, settings.reader)
    return _unit(
        UnitHome(settings.unit_home), reader, _camera(), _panel(), service_issuers(), is_training=False
    )


def training_unit(home: UnitHome, reader: CardReader, camera: Camera, panel: Panel | None = None) -> Unit:
    """Return a unit of the training kit, before a reader, a camera and a panel of the kit's choosing."""
    return _unit(home, reader, camera, panel or SimulatedPanel(), training_issuers(), is_training=True)


def try_out_unit(home: UnitHome, settings: Settings) -> Unit:
    """Return a unit with the attached reader and camera before the training roster; it trusts production keys only."""
    reader = ChosenReader(PcscReader, settings.reader)
    return _unit(home, reader, _camera(), _panel(), service_issuers(), is_training=True)


def service_issuers() -> IssuerKeys:
    """Return the issuer keys for real cards; none is shipped, so genuineness is unknown until they are configured."""
    return IssuerKeys.for_service(shipped_issuer_keys())


def training_issuers() -> IssuerKeys:
    """Return the issuer keys of the invented people's cards."""
    return IssuerKeys.for_training(parse_issuer_keys(training_issuers_toml()))


@contextmanager
def opened_store(home: UnitHome) -> Iterator[SqliteRecordStore]:
    """Lend the record store of a claimed unit; it is closed at the end.

    Raises:
        NotProvisioned: no office has claimed the unit.
        StoreTrouble: the database does not open.
    """
    unit = home.claim().unit
    store = SqliteRecordStore(
        open_database(home.database_file), unit, SystemClock(), sequence_file=home.sequence_file
    )
    try:
        yield store
    finally:
        store.close()


def card_on_bench(
    digits: str,
    reader_name: str,
    *,
    also: Collection[Part] = (),
    wait_s: float = 0.0,
    progress: PartProgress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> CardReport:
    """Read the card on a reader of this machine once, as the unit would.

    A machine that an office has claimed trusts production keys only. On any other machine a card of the invented people is
    recognised too, and the report's `trust` says so.

    Raises:
        CardTrouble: see `card_check.check_card`, which says also what the arguments mean.
    """
    settings = Settings()
    is_in_service = UnitHome(settings.unit_home).claim_file.exists()
    issuers = service_issuers() if is_in_service else training_issuers()
    with closing(PcscReader(reader_name or settings.reader)) as reader:
        return check_card(
            reader,
            digits,
            issuers,
            SystemClock(),
            secrets.token_bytes,
            also=also,
            wait_s=wait_s,
            progress=progress,
            is_cancelled=is_cancelled,
        )


def readers_on_bench() -> tuple[AttachedReader, ...]:
    """Return the readers of this machine and what stands on each; no card is powered.

    Raises:
        NoReader: none is attached, or the card service does not run.
    """
    with closing(PcscReader()) as every_reader:
        attached = every_reader.attached()
    if not attached:
        raise NoReader
    return attached


@dataclass(frozen=True, slots=True)
class UnitState:
    """What `unit status` says; no personal data."""

    unit: UnitId
    key_class: str
    counts: dict[str, int]
    chain: dict[str, object]
    """Length, head and whether every link holds; `first_bad` names the first that does not."""


def unit_state(*, training: bool) -> UnitState:
    """Return the state of the unit on this machine, after following its whole chain.

    Raises:
        NotProvisioned: no office has claimed it.
        StoreTrouble: its database or key does not open.
    """
    home = _home(training=training)
    key = read_unit_key(home.unit_key_file)
    with opened_store(home) as store:
        try:
            report = verify_chain(store)
            chain: dict[str, object] = {"length": report.length, "head": report.head.hex(), "ok": True}
        except ChainBroken as broken:
            chain = {"length": broken.position - 1, "head": None, "ok": False, "first_bad": broken.position}
        return UnitState(store.unit, key.public.key_class.value, asdict(store.counts()), chain)


def unit_backlog(*, training: bool) -> list[dict[str, object]]:
    """Return the records without a verified receipt, by number and state."""
    with opened_store(_home(training=training)) as store:
        return [
            {
                "sequence": row.sequence,
                "receipt": row.receipt_number,
                "state": row.state.value,
                "word": row.state.word,
            }
            for row in store.waiting(limit=1000)
        ]


def weights_shelf(home: UnitHome | None = None, *, training: bool = False) -> WeightsShelf:
    """Return the face weights of a unit, by default of the one on this machine."""
    return WeightsShelf((home or _home(training=training)).face_folder)


def _face_evidence(shelf: WeightsShelf) -> Path:
    """Return the evidence of the weights in use.

    A choice that does not hold is handed on as it is: the engine refuses it, and the visual check is offered.
    """
    try:
        return shelf.in_use()
    except FaceWeightsRefused:
        return shelf.choice_file


def _home(*, training: bool) -> UnitHome:
    settings = Settings()
    return UnitHome(settings.training_home / "unit" if training else settings.unit_home)


def _unit(
    home: UnitHome,
    reader: CardReader,
    camera: Camera,
    panel: Panel,
    issuers: IssuerKeys,
    *,
    is_training: bool,
) -> Unit:
    claim = home.claim()
    unit_key = read_unit_key(home.unit_key_file)
    clock = SystemClock()
    database = open_database(home.database_file)
    # Copies that nobody can wipe, as a photo's bytes on their way to a worker, end with their use (design D4).
    overwrite_freed_memory()
    return Unit(
        id=claim.unit,
        is_training=is_training,
        reader=reader,
        camera=camera,
        face_engine=WorkerFaceEngine(_face_evidence(weights_shelf(home))),
        # A training camera shows drawn cards, so that the reader is the real one everywhere.
        front_reader=FrontReaderOnDemand(lambda: WorkerFrontReader(lambda: date_in_japan(clock.now()))),
        pictures=PictureChild(),
        panel=panel,
        store=SqliteRecordStore(
            database,
            claim.unit,
            clock,
            sequence_file=home.sequence_file,
            least_free_bytes=TRAINING_LEAST_FREE_BYTES if is_training else LEAST_FREE_BYTES,
        ),
        staff=SqliteStaffRegister(database, claim.unit, clock, secrets.token_bytes),
        issuers=issuers,
        clock=clock,
        random_bytes=secrets.token_bytes,
        seal=_sealer(claim, unit_key),
        readers=reader if isinstance(reader, ChosenReader) else None,
    )


def _sealer(claim: Claim, unit_key: UnitKey) -> Sealer:
    def seal(payload: bytes, slot: Slot, visit: VisitId) -> Stamped:
        context = SealContext.of(slot, visit, claim.sealing_key.key_id)
        return seal_record(payload, context, claim.sealing_key, unit_key, events=slot.events)

    return seal


def _camera() -> Camera:
    """Choose the camera by what is installed: picamera2 comes with a Raspberry Pi's own extra, and with nothing else."""
    return PiCamera() if importlib.util.find_spec("picamera2") else V4l2Camera()


def _panel() -> Panel:
    with suppress(NoPanel):
        return GpioPanel(UNIT_PINS)
    return AbsentPanel()
