"""What only training has: a hand that puts an invented card on the reader and seats its owner (design D6, R30)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from appliance.domain.front_sight import FrontSide
from appliance.domain.ids import PersonId
from appliance.domain.liveness import Ask
from appliance.simulated.face_scenes import SceneName


@dataclass(frozen=True, slots=True)
class PrintedFront:
    """What a trainee would read on the front of an invented card."""

    birth_date: date
    expiry_year: int
    security_code: str


class TrainingHand(Protocol):
    """Moves invented cards and people; every call returns soon."""

    def put_card(self, person: PersonId) -> None:
        """Put the person's card on the reader; one that lay there is taken away first."""

    def take_card(self) -> None:
        """Take the card away; does nothing when there is none."""

    def seat(self, person: PersonId) -> None:
        """Seat the person before the camera."""

    def play(self, person: PersonId, scene: SceneName) -> None:
        """Let a scene be seen before the camera, in this person's turn."""

    def obey(self, ask: Ask | None) -> None:
        """Let whoever sits there do what is asked; with None, sit as before."""

    def hold_up(self, person: PersonId, side: FrontSide) -> None:
        """Hold the person's card before the camera, this side to it.

        Raises:
            TrainingPartMissing: there is nothing to draw it with.
        """

    def lower_card(self) -> None:
        """Put the card that was held up down again; does nothing when there is none."""

    def printed_front(self, person: PersonId) -> PrintedFront | None:
        """Return what the card's front says, None when the person has no card."""
