"""A front reader that knows which card is held up, and reads without a camera's troubles (design D6).

It keeps the contract of `ports.FrontReader`, the rules of the vote and of the card included; only looking is pretended.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from datetime import date
from typing import Final

from appliance.card_front.ballot import ERAS, OPINIONS, VOTE_NUMBERS, VOTES, Ballot
from appliance.card_front.fields import PLACES
from appliance.domain.ephemeral import Frame
from appliance.domain.era import to_era
from appliance.domain.front_sight import FrontHint, FrontSide, FrontSight
from appliance.errors import CardReadingSilent
from appliance.simulated.card_faces import Printed, print_of
from appliance.simulated.people import TrainingPerson

_OUTLINE: Final = ((160.0, 60.0), (1120.0, 60.0), (1120.0, 665.0), (160.0, 665.0))
_HINTS: Final = {
    FrontSide.NOTHING: FrontHint.SHOW_CARD,
    FrontSide.UNCLEAR: FrontHint.HOLD_STILL,
    FrontSide.BACK: FrontHint.TURN_OVER,
}


class SimulatedFrontReader:
    """One reader; the training kit's hand holds cards before it."""

    def __init__(self, today: Callable[[], date]) -> None:
        """Begin with nothing held up; `today` is the day in Japan."""
        self._today = today
        self._ballot = Ballot()
        self._side = FrontSide.NOTHING
        self._printed: Printed | None = None
        self._is_closed = False

    def show(self, person: TrainingPerson, side: FrontSide = FrontSide.FRONT) -> None:
        """Hold a training person's card up, this side to the camera."""
        self._printed, self._side = print_of(person), side

    def take_away(self) -> None:
        """Hold nothing up."""
        self._printed, self._side = None, FrontSide.NOTHING

    def look(self, frame: Frame) -> FrontSight:
        """Tell what is held up; a frame of a back or an unclear side is overwritten.

        Raises:
            CardReadingSilent: the reader is closed.
        """
        if self._is_closed:
            frame.wipe()
            raise CardReadingSilent(0.0)
        if self._printed is None or self._side is not FrontSide.FRONT:
            if self._side is not FrontSide.NOTHING:
                frame.wipe()
            return FrontSight(self._side, _HINTS[self._side], _OUTLINE if self._printed else ())
        self._ballot.add(_votes_for(self._printed))
        proposal = self._ballot.proposal(self._today())
        is_done = proposal is not None and not proposal.doubtful
        hint = FrontHint.DONE if is_done else FrontHint.KEEP_SHOWING
        return FrontSight(FrontSide.FRONT, hint, _OUTLINE, proposal)

    def forget(self) -> None:
        """End a person's step: overwrite the votes."""
        self._ballot.wipe()

    def close(self) -> None:
        """Forget every vote; safe to call again."""
        self._is_closed = True
        self._ballot.wipe()


def _votes_for(printed: Printed) -> bytes:
    """Return one frame's votes, all of them for what is printed."""
    votes = array("f", bytes(VOTE_NUMBERS * 4))
    digits = f"{printed.digits}{printed.expires_on:%m%d}"
    for opinion in range(OPINIONS):
        for place, digit in enumerate(digits):
            votes[(opinion * PLACES + place) * 10 + int(digit)] = 1.0
    votes[VOTES + ERAS.index(to_era(printed.birth_date).era)] = 1.0
    return votes.tobytes()
