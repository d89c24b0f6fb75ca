"""One frame, from pixels to votes: outline, side, print; digits are read only on what is surely a front (R03, R04).

Runs in the confined reading process. The order is the rule: the back is looked for first, then the words まで有効 must be
found at the end of a line, and only then is any digit read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.card_front.alignment import align, group_columns
from appliance.card_front.ballot import ERAS, OPINIONS, VOTE_NUMBERS, VOTES
from appliance.card_front.fields import (
    PLACES,
    LineSeen,
    PartSeen,
    is_expiry_label,
    understand_birth,
    understand_code,
    understand_expiry,
    understand_group,
)
from appliance.card_front.lines import LOOKS, Look, TextLine, column_ink, find_lines, picture_of
from appliance.card_front.outline import find_outline
from appliance.card_front.rectified import Corners, RectifiedCard, Zone, rectify
from appliance.card_front.side import has_code, shows_back
from appliance.card_front.tesseract import LineReader
from appliance.domain.front_sight import FrontHint, FrontSide

Pixels = NDArray[np.uint8]
Votes = NDArray[np.float32]

_DATES: Final = Zone(25.0, 15.0, 62.0, 32.0)
"""Birth date and expiry stand to the right of the photo, with room for an outline that is a millimetre off."""
_CODE: Final = Zone(4.0, 42.0, 26.0, 49.0)
"""The security code stands under the photo (card.md §9.2)."""
_LEAST_PIXELS_PER_MM: Final = 4.6
"""Below this a digit is under eight pixels high."""
_LABEL_WIDTH: Final = 4.6
"""まで有効, in heights of the line, and a little before it."""
_TYPE_OVER_LINE: Final = 1.06
"""Size of the type over the height of its strokes."""


@dataclass(frozen=True, slots=True)
class FrameRead:
    """What one frame said; `votes` only of a front."""

    side: FrontSide
    hint: FrontHint
    corners: Corners | None = None
    votes: Votes | None = None


class FrontEye:
    """The loaded networks; one for the life of the process."""

    def __init__(self) -> None:
        """Load both networks.

        Raises:
            CardReadingMissing: the engine or a language is not installed.
        """
        self._lines = LineReader("jpn")
        self._digits = LineReader("eng", "0123456789")

    def look(self, rgb: Pixels) -> FrameRead:
        """Look at one frame; whatever is copied of it is overwritten."""
        corners = find_outline(rgb)
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        try:
            if corners is None:
                return _back(None) if has_code(grey) else FrameRead(FrontSide.NOTHING, FrontHint.SHOW_CARD)
            return self._look_at_card(grey, corners)
        finally:
            grey.fill(0)

    def _look_at_card(self, grey: Pixels, corners: Corners) -> FrameRead:
        card = rectify(grey, corners)
        try:
            if shows_back(card):
                return _back(corners)
            if card.seen_pixels_per_mm < _LEAST_PIXELS_PER_MM:
                return FrameRead(FrontSide.UNCLEAR, FrontHint.COME_CLOSER, corners)
            for front, lines, at in self._ways_up(card):
                votes = self._read(front, lines, at)
                front.wipe()
                return FrameRead(FrontSide.FRONT, FrontHint.KEEP_SHOWING, corners, votes)
            return (
                _back(corners)
                if has_code(grey)
                else FrameRead(FrontSide.UNCLEAR, FrontHint.HOLD_STILL, corners)
            )
        finally:
            card.wipe()

    def _ways_up(self, card: RectifiedCard) -> Iterator[tuple[RectifiedCard, tuple[TextLine, ...], int]]:
        """Yield the card the way up in which a line ends in まで有効, its date lines and which of them that is."""
        for way in (card, card.turned()):
            lines = find_lines(way, _DATES)
            for at, line in enumerate(lines):
                if self._is_expiry(way, line):
                    yield way, lines, at
                    return
            if way is not card:
                way.wipe()

    def _is_expiry(self, card: RectifiedCard, line: TextLine) -> bool:
        width = line.right - line.left
        tail = line.part(max(0, width - round(_LABEL_WIDTH * line.height)), width)
        return any(is_expiry_label(self._lines.read(picture_of(card, tail, look))) for look in LOOKS)

    def _read(self, card: RectifiedCard, lines: tuple[TextLine, ...], expiry_at: int) -> Votes:
        votes = np.zeros(VOTE_NUMBERS, dtype=np.float32)
        for look in LOOKS:
            _vote(votes, 0, self._dates(card, lines[expiry_at], look, votes, is_expiry=True))
            if expiry_at > 0:
                _vote(votes, 0, self._dates(card, lines[expiry_at - 1], look, votes, is_expiry=False))
            self._read_code(card, look, votes)
        return np.minimum(votes / len(LOOKS), 1.0)

    def _dates(
        self, card: RectifiedCard, line: TextLine, look: Look, votes: Votes, *, is_expiry: bool
    ) -> LineSeen:
        """Read a whole line, and by the second network each group of digits in it."""
        symbols = self._lines.read(picture_of(card, line, look))
        seen = understand_expiry(symbols) if is_expiry else understand_birth(symbols)
        spans = (
            align(column_ink(card, line), seen.words, line.height * _TYPE_OVER_LINE) if seen.parts else None
        )
        for part in seen.parts:
            if spans is not None and part.printed:
                group = line.part(*group_columns(spans, *part.characters))
                again = self._digits.read(picture_of(card, group, look))
                _vote(votes, 1, understand_group(part.part, part.printed, again))
        return seen

    def _read_code(self, card: RectifiedCard, look: Look, votes: Votes) -> None:
        for line in find_lines(card, _CODE):
            picture = picture_of(card, line, look)
            first, second = (
                understand_code(self._lines.read(picture)),
                understand_code(self._digits.read(picture)),
            )
            _vote(votes, 0, first)
            _vote(votes, 1, second)


def _back(corners: Corners | None) -> FrameRead:
    return FrameRead(FrontSide.BACK, FrontHint.TURN_OVER, corners)


def _vote(votes: Votes, opinion: int, seen: LineSeen) -> None:
    table = votes[:VOTES].reshape(OPINIONS, PLACES, 10)
    for part in seen.parts:
        for place, digit in _placed(part):
            table[opinion, place, digit] += part.confidence
    if seen.era is not None:
        votes[VOTES + ERAS.index(seen.era)] += 1


def _placed(part: PartSeen) -> Iterator[tuple[int, int]]:
    yield from enumerate(part.digits, start=part.part.first)
