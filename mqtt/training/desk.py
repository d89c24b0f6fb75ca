"""The hand that puts invented people's cards on the reader and seats them before the camera."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Final

from appliance.domain.front_sight import FrontSide
from appliance.errors import NoReader, TrainingPartMissing
from appliance.hardware.pcsc_reader import PcscReader
from appliance.ports import CardReader, Presence
from appliance.service.chosen_reader import ChosenReader
from appliance.simulated.card_before_camera import CardBeforeCamera
from appliance.simulated.card_host import CardHost
from appliance.simulated.face_scenes import SceneName, scene_named
from appliance.simulated.pcsc_stack import PcscStack
from appliance.simulated.people import TrainingPerson, stranger_to
from appliance.simulated.personalisation import Personaliser
from appliance.simulated.reader import SimulatedReader
from appliance.simulated.room import TrainingRoom
from mqtt.reporting import Tell, sentence

READER_DEADLINE_S: Final = 3.0
"""A private card service lists its readers at once (pcsc.md); this allows for a slow machine."""


@dataclass(frozen=True, slots=True)
class TrainingDesk:
    """A reader and a room with a camera, and a hand on them; the hand fits `appliance.simulated.rehearsal.Hand`."""

    reader: CardReader
    room: TrainingRoom
    """Who sits before the camera, and the panel whose lamp shines on them."""
    view: CardBeforeCamera
    """What the unit looks through: the camera, and a card that is held before it."""
    is_real_card_service: bool
    """False where no private card service could be started, and cards lie in a reader inside this process."""
    _insert: Callable[[TrainingPerson], object]
    _remove: Callable[[], object]

    def put_card(self, person: TrainingPerson) -> None:
        """Put the person's card on the reader; one that lay there is taken away first."""
        self._insert(person)

    def take_card(self) -> None:
        """Take the card away."""
        self._remove()

    def seat(self, person: TrainingPerson) -> None:
        """Seat the person before the camera; a card that was held up is put down."""
        self.play(SceneName.RIGHT_PERSON, person)

    def play(self, name: SceneName, person: TrainingPerson) -> None:
        """Let a scene be seen in the turn of `person`; a card that was held up is put down."""
        scene = scene_named(name)
        self.view.lower()
        seated = stranger_to(person) if scene.is_stranger else person
        self.room.actor.begin(scene, seated.portrait)

    def hold_up(self, person: TrainingPerson, side: FrontSide = FrontSide.FRONT) -> None:
        """Hold the person's card up, this side to the camera.

        Raises:
            TrainingPartMissing: there is no Japanese font to draw it with.
        """
        self.view.hold_up(person, side)

    def lower(self) -> None:
        """Put the card that was held up down again."""
        self.view.lower()


@contextmanager
def training_desk(tell: Tell) -> Iterator[TrainingDesk]:
    """Lend a desk behind a private pcscd, or, where none can run, behind a reader in this process, and say so."""
    with ExitStack() as parts:
        try:
            desk = _desk_behind_card_service(parts)
        except (TrainingPartMissing, NoReader) as trouble:
            tell(f"{sentence(trouble)} Training cards lie in a reader inside the program instead.")
            desk = _desk_in_process()
        yield desk


def _desk_behind_card_service(parts: ExitStack) -> TrainingDesk:
    """Return a desk on a private card service, which `parts` will end.

    Raises:
        TrainingPartMissing: pcscd or the virtual reader's driver is not installed.
        NoReader: the service does not start, or does not let this program in.
    """
    stack = parts.enter_context(PcscStack())
    stack.adopt()
    reader = parts.enter_context(closing(ChosenReader(PcscReader)))
    if reader.wait_for(Presence.EMPTY, READER_DEADLINE_S) is Presence.NO_READER:
        raise NoReader
    host = parts.enter_context(CardHost(stack.addresses[:1]))
    room = TrainingRoom()
    return TrainingDesk(
        reader=reader,
        room=room,
        view=CardBeforeCamera(room.camera),
        is_real_card_service=True,
        _insert=lambda person: host.insert(str(person.id)),
        _remove=host.remove,
    )


def _desk_in_process() -> TrainingDesk:
    reader, personaliser, room = SimulatedReader(), Personaliser(), TrainingRoom()
    return TrainingDesk(
        reader=reader,
        room=room,
        view=CardBeforeCamera(room.camera),
        is_real_card_service=False,
        _insert=lambda person: reader.insert(personaliser.card(person)),
        _remove=reader.remove,
    )
