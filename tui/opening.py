"""Opening the staff screen: in service, on the training kit, or to try out an attached reader (design §4, `field`)."""

from __future__ import annotations

from contextlib import closing

from appliance.assembly import service_unit
from appliance.console import tell
from appliance.domain.front_sight import FrontSide
from appliance.domain.ids import PersonId
from appliance.domain.liveness import Ask
from appliance.hardware.attached_readers import attached_readers
from appliance.settings import Settings
from appliance.simulated.face_scenes import SceneName
from appliance.simulated.people import training_person
from mqtt.training.desk import TrainingDesk
from mqtt.training.kit import TrainingKit, training_kit, try_out_kit
from mqtt.training.office_beside import TRAINING_PASSPHRASE
from tui.field.app import FieldApp
from tui.field.training import PrintedFront
from tui.terminal import require_terminal


class DeskHand:
    """The training desk's hand by person id; implements `TrainingHand`."""

    def __init__(self, desk: TrainingDesk) -> None:
        """Work with the cards and the camera of `desk`."""
        self._desk = desk

    def put_card(self, person: PersonId) -> None:
        """Put the person's card on the reader; one that lay there is taken away first."""
        self._desk.put_card(training_person(person))

    def take_card(self) -> None:
        """Take the card away; does nothing when there is none."""
        self._desk.take_card()

    def seat(self, person: PersonId) -> None:
        """Seat the person before the camera."""
        self._desk.seat(training_person(person))

    def play(self, person: PersonId, scene: SceneName) -> None:
        """Let a scene be seen before the camera, in this person's turn."""
        self._desk.play(scene, training_person(person))

    def obey(self, ask: Ask | None) -> None:
        """Let whoever sits there do what is asked; with None, sit as before."""
        self._desk.room.actor.obey(ask)

    def hold_up(self, person: PersonId, side: FrontSide) -> None:
        """Hold the person's card before the camera, this side to it.

        Raises:
            TrainingPartMissing: there is no Japanese font to draw it with.
        """
        self._desk.hold_up(training_person(person), side)

    def lower_card(self) -> None:
        """Put the card that was held up down again; does nothing when there is none."""
        self._desk.lower()

    def printed_front(self, person: PersonId) -> PrintedFront:
        """Return what the card's front says."""
        owner = training_person(person)
        return PrintedFront(owner.birth_date, owner.card_expires_on.year, owner.security_code)


def open_field(*, training: bool, try_out: bool) -> None:
    """Open the staff screen and return when staff close it.

    With `training` everything is simulated; with `try_out` an attached reader is used if there is one, and the training kit
    otherwise; with neither the unit in service is opened.

    Raises:
        SystemExit: there is no terminal.
        UnitError: the unit or the kit cannot be put together.
    """
    require_terminal()
    settings = Settings()
    if try_out and not training and attached_readers():
        tell("A card reader is attached: trying it out with an invented roster.")
        with try_out_kit(settings.home / "try-out", settings) as kit:
            _show_kit(kit, settings)
    elif try_out or training:
        tell("Starting the training kit: card service, broker and office.")
        with training_kit(settings.training_home, tell) as kit:
            _show_kit(kit, settings)
    else:
        with closing(service_unit(settings)) as unit:
            FieldApp(unit, language=settings.language).run()


def _show_kit(kit: TrainingKit, settings: Settings) -> None:
    hand = None if kit.desk is None else DeskHand(kit.desk)
    FieldApp(kit.unit, language=settings.language, training_hint=TRAINING_PASSPHRASE, hand=hand).run()
