"""What all screens of the staff program share: the unit, the words, and whose day and turn it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from appliance.domain.japan import date_in_japan
from appliance.domain.outbox import OutboxCounts
from appliance.errors import UnitError
from appliance.ports import Lamp
from appliance.service.outcomes import OUTCOMES, Outcome
from appliance.service.unit import Unit
from appliance.service.visit_day import VisitDay
from tui.catalogue import Catalogue
from tui.field.messages import Standing
from tui.field.training import TrainingHand
from tui.field.turn import Turn


class NobodysTurn(RuntimeError):
    """A screen of a turn was opened without one: a mistake in the program."""


@dataclass(slots=True)
class Session:
    """One run of the staff program."""

    unit: Unit
    texts: Catalogue
    training_hint: str | None = None
    hand: TrainingHand | None = None
    reads_fronts: bool = True
    """False once it was said that no engine is installed for reading a card's front."""
    day: VisitDay | None = None
    turn: Turn | None = None
    standing: Standing = field(default_factory=lambda: Standing(OutboxCounts(), {}))

    @property
    def today(self) -> date:
        """The day in Japan."""
        return date_in_japan(self.unit.clock.now())

    @property
    def open_turn(self) -> Turn:
        """The turn that is open.

        Raises:
            NobodysTurn: there is none.
        """
        if self.turn is None:
            raise NobodysTurn
        return self.turn

    @property
    def signed_in_day(self) -> VisitDay:
        """The day that is open.

        Raises:
            NobodysTurn: nobody is signed in.
        """
        if self.day is None:
            raise NobodysTurn
        return self.day

    def end_turn(self) -> None:
        """Close the person's turn, if one is open, and darken the lamps that belonged to it."""
        if self.turn is not None:
            self.turn.end()
            self.turn = None
            self.unit.panel.light(Lamp.FACE_LIGHT, on=False)
            self.unit.panel.light(Lamp.SAVED, on=False)

    def light_for(self, error: UnitError) -> None:
        """Light the lamp that calls for help when an error needs some."""
        if OUTCOMES[type(error)] in {Outcome.UNIT_NEEDS_HELP, Outcome.STOP}:
            self.unit.panel.light(Lamp.ATTENTION, on=True)
