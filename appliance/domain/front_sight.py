"""What one look at a card's front says: which side is up, and a proposal for the code that staff confirm (R03, R04).

A proposal is never a code: nothing here turns into one. Birth date, expiry year and security code together are a key to
the card (F9.26), so the digits live in one buffer that is wiped, and show in no text, `repr` or error.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

from appliance.domain.ephemeral import Ephemeral, Wiped
from appliance.domain.era import Era

PROPOSED_DIGITS: Final = 14
"""Era birth date YYMMDD, expiry year YYYY, security code (card.md §9.2)."""
UNREAD: Final = ord("?")
"""Stands for a digit that could not be read."""


@unique
class FrontSide(Enum):
    """What a frame shows."""

    NOTHING = "nothing"
    """No card; a coarse preview is safe, in which no print can be read."""
    UNCLEAR = "unclear"
    """A card whose side is not sure: treated like a back, the frame is gone."""
    BACK = "back"
    """The back: the preview is blanked, the frame is gone, nothing of it was read (R04)."""
    FRONT = "front"
    """The front, told by its print."""


@unique
class FrontHint(Enum):
    """What the person who holds the card could change."""

    SHOW_CARD = "show_card"
    COME_CLOSER = "come_closer"
    HOLD_STILL = "hold_still"
    """Too blurred, dark or bright to read."""
    TURN_OVER = "turn_over"
    """The back is up."""
    KEEP_SHOWING = "keep_showing"
    """Being read; some digits are still doubtful."""
    DONE = "done"
    """No digit is doubtful; staff confirm them now."""


Point = tuple[float, float]


class CodeProposal(Wiped):
    """What the camera proposes for code B; staff confirm it digit by digit, or type it (R03)."""

    __slots__ = ("_digits", "confidences", "doubtful", "era", "frames")

    def __init__(
        self,
        digits: bytearray,
        confidences: tuple[float, ...],
        doubtful: frozenset[int],
        era: Era | None,
        frames: int,
    ) -> None:
        """Own the fourteen ASCII digits, `?` for one that was not read; `digits` is wiped here.

        `confidences` run from 0 to 1; `doubtful` holds places, counted from 0, that staff should compare first;
        `era` is what was read before the birth date, for showing the date in both forms; `frames` were used.

        Raises:
            ValueError: not fourteen of each.
        """
        if not len(digits) == len(confidences) == PROPOSED_DIGITS:
            raise ValueError("proposal length")
        self._digits = Ephemeral(digits)
        self.confidences = confidences
        self.doubtful = doubtful
        self.era = era
        self.frames = frames

    @property
    def is_complete(self) -> bool:
        """True when every digit was read, doubtful or not; False once wiped."""
        digits = self._digits.reveal()
        return bool(digits) and UNREAD not in digits

    def reveal(self) -> bytes:
        """Return the digits for immediate display, `?` for an unread one; empty after wiping."""
        return self._digits.reveal()

    def wipe(self) -> None:
        """Overwrite the digits; safe to call again."""
        self._digits.wipe()

    def __repr__(self) -> str:
        return "CodeProposal(hidden)"

    def __reduce__(self) -> tuple[type, ...]:
        """Refuse to be copied or written out: one owner, one buffer."""
        raise TypeError("CodeProposal")


@dataclass(frozen=True, slots=True)
class FrontSight:
    """The answer to one frame."""

    side: FrontSide
    hint: FrontHint
    outline: tuple[Point, ...] = ()
    """The card's corners in pixels of the frame, clockwise from its upper left; empty when none was found."""
    proposal: CodeProposal | None = None
    """From all fronts seen in this step, None before the first; the caller wipes it."""

    @property
    def may_preview(self) -> bool:
        """True when the frame may be shown in full; else nothing of it, or for `NOTHING` a coarse picture."""
        return self.side is FrontSide.FRONT
