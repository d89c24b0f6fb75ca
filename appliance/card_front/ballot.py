"""The vote of several frames on each digit, by two networks that were trained apart (R03).

The first network reads the whole line, the second only groups of digits, so what fools the one seldom fools the other in
the same way. A digit is free of doubt only when two frames say it, both networks agree or the birthday's second print
stands in for the weaker one, and the card's own rules hold. Plain lists in one buffer: nothing heavy on the unit's side.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from appliance.card_front.card_rules import doubtful_places
from appliance.card_front.fields import CODE_PLACES, PLACES
from appliance.domain.ephemeral import Wiped, overwrite
from appliance.domain.era import Era
from appliance.domain.front_sight import UNREAD, CodeProposal

OPINIONS: Final = 2
VOTES: Final = OPINIONS * PLACES * 10
ERAS: Final = tuple(Era)
VOTE_NUMBERS: Final = VOTES + len(ERAS)
VOTE_BYTES: Final = VOTE_NUMBERS * 4
"""One frame's votes: single-precision numbers by opinion, place and digit, then one for each era."""

CERTAIN: Final = 0.8
"""Confidence below which a digit is doubtful."""
LEAST_FRAMES: Final = 2
_LEAST_VOICE: Final = 0.15
"""A second opinion fainter than this, for each frame, counts as none."""
_WITHOUT_SECOND: Final = 0.6
"""Confidence left when only one network speaks."""
_FULL_VOICE: Final = 0.5
"""From here on a first opinion is loud enough."""
_SECOND_PRINT: Final = {2: 14, 3: 15, 4: 16, 5: 17}
"""Month and day of birth stand again in the date of expiry."""


class Ballot(Wiped):
    """All votes of one person's step."""

    __slots__ = ("_frames", "_frames_for", "_sums")

    def __init__(self) -> None:
        """Begin without a vote."""
        self._sums = bytearray(VOTE_BYTES)
        self._frames_for = bytearray(PLACES * 10)
        self._frames = 0

    def add(self, votes: bytes | bytearray | memoryview) -> None:
        """Add one frame's votes.

        Raises:
            ValueError: not as many as there are, or not finite numbers from 0 to 1.
        """
        with memoryview(votes).cast("B").cast("f") as frame, memoryview(self._sums).cast("f") as sums:
            if len(frame) != VOTE_NUMBERS or not all(0.0 <= each <= 1.001 for each in frame):
                raise ValueError("votes")
            for index, each in enumerate(frame):
                sums[index] += each
            for place in range(PLACES):
                winner = _winner(frame[place * 10 : place * 10 + 10])
                if winner is not None:
                    index = place * 10 + winner
                    self._frames_for[index] = min(255, self._frames_for[index] + 1)
        self._frames += 1

    @property
    def frames(self) -> int:
        """How many frames voted."""
        return self._frames

    def proposal(self, on: date) -> CodeProposal | None:
        """Return what the votes say on the day `on`, or None before the first frame."""
        if not self._frames:
            return None
        winners = [self._winner_at(place) for place in range(PLACES)]
        confidences = [self._confidence(place, winners) for place in range(CODE_PLACES)]
        era = self._era()
        doubts = {
            place for place in range(CODE_PLACES) if self._is_weak(place, winners[place], confidences[place])
        }
        doubts |= doubtful_places([-1 if digit is None else digit for digit in winners], era, on)
        digits = bytearray(UNREAD if digit is None else 0x30 + digit for digit in winners[:CODE_PLACES])
        return CodeProposal(digits, tuple(confidences), frozenset(doubts), era, self._frames)

    def _is_weak(self, place: int, winner: int | None, confidence: float) -> bool:
        if winner is None or confidence < CERTAIN:
            return True
        return self._frames_for[place * 10 + winner] < LEAST_FRAMES

    def _confidence(self, place: int, winners: Sequence[int | None]) -> float:
        winner = winners[place]
        if winner is None:
            return 0.0
        first = self._votes(0, place)
        voice = min(1.0, sum(first) / self._frames / _FULL_VOICE)
        return first[winner] / sum(first) * self._second_opinion(place, winner) * (0.5 + 0.5 * voice)

    def _second_opinion(self, place: int, winner: int) -> float:
        """Return how far the other network, or the birthday's second print, agrees."""
        second = self._votes(1, place)
        agreed = _WITHOUT_SECOND
        if sum(second) >= _LEAST_VOICE * self._frames:
            agreed = second[winner] / sum(second)
        if place in _SECOND_PRINT:
            again = self._votes(0, _SECOND_PRINT[place])
            if sum(again) >= _LEAST_VOICE * self._frames:
                agreed = max(agreed, again[winner] / sum(again))
        return agreed

    def _winner_at(self, place: int) -> int | None:
        return _winner(self._votes(0, place))

    def _votes(self, opinion: int, place: int) -> list[float]:
        start = (opinion * PLACES + place) * 10
        with memoryview(self._sums).cast("f") as sums:
            return list(sums[start : start + 10])

    def _era(self) -> Era | None:
        with memoryview(self._sums).cast("f") as sums:
            winner = _winner(list(sums[VOTES:]))
        return None if winner is None else ERAS[winner]

    def wipe(self) -> None:
        """Overwrite all votes and begin anew; safe to call again."""
        overwrite(self._sums)
        overwrite(self._frames_for)
        self._frames = 0

    def __repr__(self) -> str:
        return f"Ballot({self._frames} frames, hidden)"


def _winner(votes: Sequence[float] | memoryview) -> int | None:
    best = max(range(len(votes)), key=lambda index: votes[index])
    return best if votes[best] > 0 else None
