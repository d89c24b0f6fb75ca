"""A unit for fast screen tests: the real card core before a simulated card, and scripted everything else.

Each part can be told to fail as the real one fails; nothing sleeps, and the clock stands still until it is moved.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TypeVar

from textual import events
from textual.pilot import Pilot
from textual.screen import Screen

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FaceBand, FaceComparison, FrameHint, FrameQuality
from appliance.domain.front_sight import UNREAD, CodeProposal, FrontHint, FrontSide, FrontSight
from appliance.domain.ids import PersonId, StaffId, UnitId, receipt_number
from appliance.domain.liveness import Ask
from appliance.domain.outbox import OutboxCounts, OutboxRow, OutboxState, Saved, Slot, Stamped
from appliance.domain.roster import Roster, RosterEntry, StaffName
from appliance.errors import SeveralCards, SignInRefused, UnitError
from appliance.pictures.decoding import decode_grey
from appliance.pictures.header import CHIP_BOUNDS
from appliance.ports import AttachedReader, Button, CardChannel, Presence
from appliance.service.chosen_reader import ChosenReader
from appliance.service.unit import Unit
from appliance.simulated.face_scenes import SceneName
from appliance.simulated.front_reader import SimulatedFrontReader
from appliance.simulated.issuer import training_issuers_toml
from appliance.simulated.panel import SimulatedPanel
from appliance.simulated.people import TrainingPerson, training_people, training_person
from appliance.simulated.personalisation import Personaliser
from appliance.simulated.reader import SimulatedReader
from appliance.trust.issuer_keys import IssuerKeys, parse_issuer_keys
from tui.catalogue import Language
from tui.field.app import FieldApp
from tui.field.training import PrintedFront

PASSPHRASE = "sakura"
STAFF = StaffId("staff-1")
SOON_S = 0.03
"""How long scripted devices wait at most, so that a screen that is left holds nothing up."""
HALT_AT_MOST_S = 10.0
"""How long a halted reader waits before it goes on by itself, so that no failed test hangs."""
TURNS_OF_THE_LOOP = 400
WAIT_S = 0.01

SIZES = [(80, 24), (100, 30), (160, 50)]
"""Terminal sizes that every screen has to fit (proof.md G9)."""

ScreenType = TypeVar("ScreenType", bound=Screen[None] | Screen[str | None])


@dataclass
class ManualClock:
    """Time that moves when told to."""

    instant: datetime = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    elapsed_s: float = 0.0

    def now(self) -> datetime:
        return self.instant

    def monotonic_s(self) -> float:
        return self.elapsed_s

    def wind(self, seconds: float) -> float:
        """Let time pass and return how much has passed."""
        self.elapsed_s += seconds
        return self.elapsed_s


class ScriptedReader(SimulatedReader):
    """The simulated reader, in a hurry, which can be told to fail, or to stop before a certain command to its card."""

    trouble: UnitError | None = None
    halt_before: int | None = None
    """How many more commands pass before the reader halts; it goes on when `go_on` is set."""

    def __init__(self, *, name: str) -> None:
        super().__init__(name=name)
        self.halted, self.go_on = threading.Event(), threading.Event()

    def pass_one(self) -> None:
        """Let one command pass, or halt before it."""
        if self.halt_before is None:
            return
        self.halt_before -= 1
        if self.halt_before < 0:
            self.halt_before = None
            self.halted.set()
            self.go_on.wait(HALT_AT_MOST_S)

    def wait_for(self, wanted: Presence, timeout_s: float) -> Presence:
        return super().wait_for(wanted, min(timeout_s, SOON_S))

    def connect(self) -> CardChannel:
        if self.trouble is not None:
            raise self.trouble
        return HaltingChannel(super().connect(), self)


@dataclass
class HaltingChannel:
    """A channel that asks its reader before each command."""

    channel: CardChannel
    reader: ScriptedReader

    def transmit(self, command: bytes) -> bytes:
        self.reader.pass_one()
        return self.channel.transmit(command)

    def close(self) -> None:
        self.channel.close()


@dataclass
class OpenedReaders:
    """The readers of the rig that one name stands for, as the PC/SC reader watches them."""

    every: Sequence[ScriptedReader]
    wanted: str

    @property
    def name(self) -> str:
        return next((reader.name for reader in self._holding() or self._mine()), "")

    def attached(self) -> Sequence[AttachedReader]:
        return [AttachedReader(reader.name, reader.presence()) for reader in self.every if reader.name]

    def presence(self) -> Presence:
        if self._holding():
            return Presence.CARD
        return Presence.EMPTY if self._mine() else Presence.NO_READER

    def wait_for(self, wanted: Presence, timeout_s: float) -> Presence:
        self.every[0].wait_for(wanted, timeout_s)
        return self.presence()

    def connect(self) -> CardChannel:
        holding = self._holding()
        if len(holding) > 1:
            raise SeveralCards(len(holding))
        return (holding or self._mine() or self.every)[0].connect()

    def close(self) -> None:
        pass

    def _mine(self) -> list[ScriptedReader]:
        return [reader for reader in self.every if reader.name and self.wanted in reader.name]

    def _holding(self) -> list[ScriptedReader]:
        return [reader for reader in self._mine() if reader.presence() is Presence.CARD]


class ScriptedPanel(SimulatedPanel):
    """The simulated panel, in a hurry."""

    def pressed(self, timeout_s: float) -> Button | None:
        return super().pressed(min(timeout_s, SOON_S))


@dataclass
class ScriptedCamera:
    """Gives tiny frames, no two of them the same, or fails."""

    trouble: UnitError | None = None
    name: str = "Scripted camera"
    taken: int = 0
    lent: Frame | None = None
    """The frame that was lent last."""

    @contextmanager
    def frame(self, deadline_s: float) -> Iterator[Frame]:
        if self.trouble is not None:
            raise self.trouble
        self.taken += 1
        with Frame(4, 4, bytearray([self.taken % 200 + 1, 120, 90] * 16)) as frame:
            self.lent = frame
            yield frame

    def close(self) -> None:
        pass


def quality(hint: FrameHint) -> FrameQuality:
    return FrameQuality(hint, faces=1, face_height_px=200, luma=120.0, sharpness=90.0, turn=0.0, nod=0.75)


@dataclass
class ScriptedFaceEngine:
    """Gives hints in turn, the last one again and again, and one band."""

    hints: list[FrameHint] = field(default_factory=lambda: [FrameHint.GOOD])
    band: FaceBand = FaceBand.MATCH
    trouble: BaseException | None = None
    compared: int = 0
    looks: int = 0
    luma: float = 120.0
    """How bright the face is while hints come."""
    qualities: list[FrameQuality] = field(default_factory=list)
    """Measures that come before the hints, one for each look."""
    person: Callable[[], FrameQuality] | None = None
    """Somebody who reacts; stands before everything else."""
    continuity: FaceBand = FaceBand.MATCH
    """What comparing two live frames says."""

    def look(self, frame: Frame) -> FrameQuality:
        if self.person is not None:
            return self.person()
        if self.qualities:
            return self.qualities.pop(0)
        hint = self.hints.pop(0) if len(self.hints) > 1 else self.hints[0]
        # A sensor's noise makes every frame a little different; frames that are alike to the last digit are a dead camera.
        self.looks += 1
        return replace(quality(hint), luma=self.luma, sharpness=90.0 + self.looks % 7)

    def compare_live(self, before: Frame, after: Frame) -> FaceComparison:
        if self.trouble is not None:
            raise self.trouble
        return FaceComparison(0.2, 0.1, self.continuity, quality(FrameHint.GOOD), 1)

    def compare(self, chip_photo: bytes, frames: Sequence[Frame]) -> FaceComparison:
        if self.trouble is not None:
            raise self.trouble
        self.compared += 1
        return FaceComparison(0.2, 0.1, self.band, quality(FrameHint.GOOD), len(frames))

    def close(self) -> None:
        pass


class ScriptedFrontReader(SimulatedFrontReader):
    """The simulated reader of card fronts, which can be told to fail, to read badly, and tells what it was asked."""

    def __init__(self, today: Callable[[], date]) -> None:
        super().__init__(today)
        self.trouble: UnitError | None = None
        self.unread: set[int] = set()
        """Places that it does not read."""
        self.misread: dict[int, int] = {}
        """Digits that it reads in the place of others."""
        self.doubtful: set[int] = set()
        self.looks = 0
        self.forgotten = 0
        self.proposals: list[CodeProposal] = []

    def look(self, frame: Frame) -> FrontSight:
        self.looks += 1
        if self.trouble is not None:
            frame.wipe()
            raise self.trouble
        sight = super().look(frame)
        if sight.proposal is None:
            return sight
        worse = self._worse(sight.proposal)
        self.proposals.append(worse)
        hint = FrontHint.KEEP_SHOWING if worse.doubtful else sight.hint
        return replace(sight, proposal=worse, hint=hint)

    def _worse(self, proposal: CodeProposal) -> CodeProposal:
        digits = bytearray(proposal.reveal())
        for place, digit in self.misread.items():
            digits[place] = ord("0") + digit
        for place in self.unread:
            digits[place] = UNREAD
        doubtful = proposal.doubtful | self.unread | self.doubtful
        made = CodeProposal(digits, proposal.confidences, doubtful, proposal.era, proposal.frames)
        proposal.wipe()
        return made

    def forget(self) -> None:
        self.forgotten += 1
        super().forget()


class HereDecoder:
    """Decodes in this process; the confined one has tests of its own."""

    def decode(self, picture: bytes) -> object:
        return decode_grey(picture, CHIP_BOUNDS)

    def close(self) -> None:
        pass


@dataclass
class ScriptedStaff:
    """One member of staff with one passphrase."""

    roster: Roster
    tries: int = 0

    def names(self) -> Sequence[StaffName]:
        return [StaffName(STAFF, "架空　職員"), StaffName(StaffId("staff-2"), "見本　担当")]

    def sign_in(self, staff: StaffId, passphrase: str) -> Roster:
        self.tries += 1
        if passphrase != PASSPHRASE:
            raise SignInRefused(wait_s=2.0)
        return self.roster


@dataclass
class MemoryStore:
    """Keeps records in memory and shows them as a store would."""

    rows: list[OutboxRow] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)
    trouble: UnitError | None = None
    trouble_asking: UnitError | None = None

    def save(self, seal: Callable[[Slot], Stamped]) -> Saved:
        if self.trouble is not None:
            raise self.trouble
        sequence = len(self.rows) + 1
        stamped = seal(Slot(UnitId("unit-01"), sequence, bytes(32), ()))
        row = OutboxRow(
            sequence,
            stamped.record_hash,
            stamped.receipt_number,
            stamped.envelope,
            OutboxState.SAVED,
            0,
            None,
        )
        self.rows.append(row)
        return Saved(sequence, stamped.record_hash, stamped.receipt_number)

    def audit(self, event: str, detail: str) -> None:
        self.events.append((event, detail))

    def set_state(self, sequence: int, state: OutboxState) -> None:
        old = self.rows[sequence - 1]
        self.rows[sequence - 1] = OutboxRow(
            old.sequence, old.record_hash, old.receipt_number, old.envelope, state, 1, None
        )

    def counts(self) -> OutboxCounts:
        if self.trouble_asking is not None:
            raise self.trouble_asking
        of = [row.state for row in self.rows]
        return OutboxCounts(*(of.count(state) for state in OutboxState))

    def states(self, sequences: Sequence[int]) -> Iterator[OutboxRow]:
        return iter([row for row in self.rows if row.sequence in sequences])

    def waiting(self, limit: int) -> Sequence[OutboxRow]:
        return [row for row in self.rows if row.state is not OutboxState.ARRIVED][:limit]

    def close(self) -> None:
        pass

    def mark_sent(self, sequence: int, sent_at: datetime) -> None:
        self.set_state(sequence, OutboxState.SENT)

    def mark_receipted(self, sequence: int, receipt: bytes, receipted_at: datetime) -> None:
        self.set_state(sequence, OutboxState.ARRIVED)

    def mark_refused(self, sequence: int, receipt: bytes, receipted_at: datetime) -> None:
        self.set_state(sequence, OutboxState.REFUSED)


class ScriptedHand:
    """Puts training cards on the rig's reader, and holds them before its camera."""

    def __init__(self, reader: SimulatedReader, front_reader: SimulatedFrontReader) -> None:
        self._reader = reader
        self._front_reader = front_reader
        self.seated: list[PersonId] = []
        self.played: list[tuple[PersonId, SceneName]] = []
        self.asked: list[Ask | None] = []

    def put_card(self, person: PersonId) -> None:
        self._reader.insert(Personaliser().card(training_person(person)))

    def take_card(self) -> None:
        self._reader.remove()

    def seat(self, person: PersonId) -> None:
        self.seated.append(person)

    def play(self, person: PersonId, scene: SceneName) -> None:
        self.played.append((person, scene))

    def obey(self, ask: Ask | None) -> None:
        self.asked.append(ask)

    def hold_up(self, person: PersonId, side: FrontSide) -> None:
        self._front_reader.show(training_person(person), side)

    def lower_card(self) -> None:
        self._front_reader.take_away()

    def printed_front(self, person: PersonId) -> PrintedFront | None:
        known = training_person(person)
        return PrintedFront(known.birth_date, known.card_expires_on.year, known.security_code)


def entry_of(person: TrainingPerson) -> RosterEntry:
    return RosterEntry(person.id, person.name, person.name_kana, person.room, person.birth_date)


def seal(payload: bytes, slot: Slot, visit: str) -> Stamped:
    """Stand in for the sealing: only its place in the record matters to a screen."""
    record_hash = bytes([0xA5, slot.sequence, 0x3C, 0x77, 0x19]) + bytes(27)
    return Stamped(b"sealed", record_hash, receipt_number(record_hash))


class Rig:
    """A unit with all its parts in reach, and the program on it."""

    def __init__(self, *, is_training: bool = True, people: Sequence[TrainingPerson] | None = None) -> None:
        self.people = tuple(people or training_people())
        self.clock = ManualClock()
        self.reader = ScriptedReader(name="Contact reader 00 00")
        self.second_reader = ScriptedReader(name="Contactless reader 01 00")
        self.second_reader.unplug()
        self.readers = ChosenReader(lambda name: OpenedReaders([self.reader, self.second_reader], name))
        self.camera = ScriptedCamera()
        self.face_engine = ScriptedFaceEngine()
        self.front_reader = ScriptedFrontReader(lambda: self.clock.now().date())
        self.panel = ScriptedPanel()
        self.store = MemoryStore()
        self.staff = ScriptedStaff(
            Roster("特別養護老人ホームあさひ苑", date(2026, 11, 23), STAFF, tuple(map(entry_of, self.people)))
        )
        self.hand = ScriptedHand(self.reader, self.front_reader)
        numbers = itertools.count(1)
        self.unit = Unit(
            id=UnitId("unit-01"),
            is_training=is_training,
            reader=self.readers,
            camera=self.camera,
            face_engine=self.face_engine,
            front_reader=self.front_reader,
            pictures=HereDecoder(),  # type: ignore[arg-type]
            panel=self.panel,
            store=self.store,
            staff=self.staff,
            issuers=IssuerKeys.for_training(parse_issuer_keys(training_issuers_toml())),
            clock=self.clock,
            random_bytes=lambda size: next(numbers).to_bytes(size, "big"),
            seal=seal,
            readers=self.readers,
        )

    def app(self, language: Language = "ja") -> FieldApp:
        hand = self.hand if self.unit.is_training else None
        hint = PASSPHRASE if self.unit.is_training else None
        return FieldApp(self.unit, language, training_hint=hint, hand=hand, idle_lock_s=300)

    @asynccontextmanager
    async def running(
        self, size: tuple[int, int] = (80, 24), language: Language = "ja"
    ) -> AsyncIterator[Walk]:
        app = self.app(language)
        async with app.run_test(size=size) as pilot:
            yield Walk(self, app, pilot)


class Walk:
    """Drives the program by keys, and waits for what they bring."""

    def __init__(self, rig: Rig, app: FieldApp, pilot: Pilot[None]) -> None:
        self.rig = rig
        self.app = app
        self.pilot = pilot
        self.on_arrival: Callable[[], Awaitable[object]] | None = None
        """Called on every screen that a walk waits for."""

    async def press(self, *keys: str) -> None:
        # Straight into the queue, as a fast typist would; the pilot itself pauses after each key.
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else None))
            await self.pilot.pause(0)

    async def write(self, text: str) -> None:
        await self.press(*text)

    async def resize(self, size: tuple[int, int]) -> None:
        await self.pilot.resize_terminal(*size)
        await self.pilot.pause()

    async def until(self, holds: Callable[[], object], what: str = "condition") -> None:
        for _ in range(TURNS_OF_THE_LOOP):
            if holds():
                return
            await self.pilot.pause(WAIT_S)
        raise AssertionError(f"never came: {what}; on {type(self.app.screen).__name__}")

    async def on(self, screen: type[ScreenType]) -> ScreenType:
        """Wait for a screen that is laid out."""
        await self.until(lambda: isinstance(self.app.screen, screen), screen.__name__)
        await self.pilot.pause()
        shown = self.app.screen
        assert isinstance(shown, screen)
        if self.on_arrival is not None:
            await self.on_arrival()
        return shown
