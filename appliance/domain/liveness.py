"""What a liveness challenge asks for and what may come of it (face.md §4).

A result is a hint for the person who decides. It says of itself how little it means.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

HONEST_LABEL: Final = "photo deterrent, not tested to ISO/IEC 30107-3"
"""Stands wherever a result is shown."""
HONEST_LABEL_JA: Final = (
    "写真によるなりすましを思いとどまらせるものです。ISO/IEC 30107-3 の試験はしていません。"
)
"""The same in Japanese."""


@unique
class LivenessWay(Enum):
    """Which challenge staff offer."""

    TURN_HEAD = "turn_head"
    """To both sides, in an order drawn by chance."""
    CLOSE_EYES = "close_eyes"
    """For those who cannot turn."""


@unique
class Ask(Enum):
    """What the person is asked to do."""

    LOOK_STRAIGHT = "look_straight"
    TURN_LEFT = "turn_left"
    """To the person's own left, which is to the right of the picture."""
    TURN_RIGHT = "turn_right"
    CLOSE_EYES = "close_eyes"
    LOOK_STRAIGHT_AGAIN = "look_straight_again"


@unique
class LivenessVerdict(Enum):
    """What came of a challenge; a hint for the person who decides, never more."""

    RUNNING = "running"
    AWAITS_COMPARISON = "awaits_comparison"
    """All was done; whether the same person did it is still to be compared."""
    DONE = "done"
    """All was done by one person."""
    TIME_OVER = "time_over"
    INTERRUPTED = "interrupted"
    """For too long no single face was seen."""
    WRONG_SIDE = "wrong_side"
    """Turned to the other side than asked: by mistake, or a film that cannot know the order."""
    ANOTHER_PERSON = "another_person"
    """Before and after do not look like one person."""
    SKIPPED = "skipped"
    """Staff went on without, with a reason."""


@unique
class SkipReason(Enum):
    """Why staff go on without the challenge."""

    CANNOT_MOVE = "cannot_move"
    DOES_NOT_UNDERSTAND = "does_not_understand"
    TIRED = "tired"
    DOES_NOT_WANT = "does_not_want"
    KNOWN_TO_STAFF = "known_to_staff"
    DEVICE = "device"
    """Camera or light do not allow it."""


_OPEN: Final = frozenset({LivenessVerdict.RUNNING, LivenessVerdict.AWAITS_COMPARISON})
_ASKS_AT_MOST: Final = len(Ask)
"""No challenge asks for one thing twice."""


@dataclass(frozen=True, slots=True)
class LivenessResult:
    """What the screens and the record are told: no picture, no measure."""

    verdict: LivenessVerdict
    asks: tuple[Ask, ...]
    """What was asked for, in order; empty where staff went on before anything was asked."""
    skip_reason: SkipReason | None = None

    def __post_init__(self) -> None:
        """Keep verdict and reason together.

        Raises:
            ValueError: a reason without a skip, a skip without a reason, or more than can be asked for.
        """
        if (self.verdict is LivenessVerdict.SKIPPED) != (self.skip_reason is not None):
            raise ValueError("skip_reason")
        if len(self.asks) > _ASKS_AT_MOST:
            raise ValueError("asks")

    @property
    def is_over(self) -> bool:
        """True once nothing more is asked or compared."""
        return self.verdict not in _OPEN

    @property
    def label(self) -> str:
        """The honest limit of what the verdict means."""
        return HONEST_LABEL
