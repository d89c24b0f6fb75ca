"""Hints that a living head is before the camera: turning it to both sides, or closing the eyes (face.md §4).

A flat print that is turned keeps the place of its nose between its eyes; a head does not. That is all this proves: a film
of the person, a mask or a made-up picture passes. The challenge is pure: it is fed with measures and their times, keeps no
picture, and says which frames its caller keeps to compare who came before and after.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from appliance.domain.face_advice import FrameQuality
from appliance.domain.liveness import Ask, LivenessResult, LivenessVerdict, SkipReason
from appliance.face.gates import FRAME_GATES

TURN_LEAST: Final = 0.12
"""Change of the nose's place; 0 of 149 flat prints reach it up to a turn of 40 degrees."""
NOD_CAP: Final = 1.25
"""Times the person's own frontal value: a steeply turned print exceeds it."""
FRAMES_IN_A_ROW: Final = 3
LONGEST_GAP_S: Final = 0.5
"""Time enough to change places must break the challenge."""
TIME_LIMIT_S: Final = 10.0
CLOSED_FOR_S: Final = 0.7
"""A second is asked for; a blink lasts 0.1 to 0.4."""
CLOSED_FROM: Final = 0.6
OPEN_BELOW: Final = 0.4
CLOSED_CHANGE: Final = 0.4
"""Above the person's own open eyes, which may look nearly closed."""
STRAIGHT_AGAIN: Final = 0.06
"""Change of the nose's place that counts as the middle again: half of a turn."""

_OPPOSITE: Final = {Ask.TURN_LEFT: Ask.TURN_RIGHT, Ask.TURN_RIGHT: Ask.TURN_LEFT}


@dataclass(frozen=True, slots=True)
class Frontal:
    """The person's own values when looking straight."""

    turn: float
    nod: float
    eyes_closed: float


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge in progress; `see` returns what follows it."""

    asks: tuple[Ask, ...]
    began_at_s: float
    last_seen_at_s: float
    verdict: LivenessVerdict = LivenessVerdict.RUNNING
    step: int = 0
    row: tuple[tuple[float, FrameQuality], ...] = ()
    """Frames in a row that do what is asked, with their times."""
    wrong: int = 0
    """Frames in a row that do the opposite."""
    is_centred: bool = True
    """Whether the head has been back in the middle since the last turn."""
    frontal: Frontal | None = None
    keeps_frame: bool = False
    """True when the frame just seen is the one to compare: of before or after."""

    @classmethod
    def turning(cls, *, left_first: bool, now_s: float) -> Challenge:
        """Begin the head turn to both sides; `left_first` is drawn by chance."""
        sides = (Ask.TURN_LEFT, Ask.TURN_RIGHT) if left_first else (Ask.TURN_RIGHT, Ask.TURN_LEFT)
        return cls((Ask.LOOK_STRAIGHT, *sides, Ask.LOOK_STRAIGHT_AGAIN), now_s, now_s)

    @classmethod
    def closing_eyes(cls, *, now_s: float) -> Challenge:
        """Begin the challenge for those who cannot turn their heads."""
        return cls((Ask.LOOK_STRAIGHT, Ask.CLOSE_EYES, Ask.LOOK_STRAIGHT_AGAIN), now_s, now_s)

    @property
    def ask(self) -> Ask | None:
        """What is asked now, or None once it is over."""
        return self.asks[self.step] if self.verdict is LivenessVerdict.RUNNING else None

    def see(self, quality: FrameQuality, seen_at_s: float) -> Challenge:
        """Return the challenge after one more frame; one that is over stays as it is."""
        if self.verdict is not LivenessVerdict.RUNNING:
            return replace(self, keeps_frame=False)
        if seen_at_s - self.began_at_s > TIME_LIMIT_S:
            return _end(self, LivenessVerdict.TIME_OVER)
        if self.frontal is not None and seen_at_s - self.last_seen_at_s > LONGEST_GAP_S:
            return _end(self, LivenessVerdict.INTERRUPTED)
        if quality.faces != 1:
            return replace(self, row=(), wrong=0, keeps_frame=False)
        return _judge(replace(self, last_seen_at_s=seen_at_s, keeps_frame=False), quality, seen_at_s)

    def compared(self, *, is_same_person: bool) -> Challenge:
        """Return the end after the frames of before and after were compared by the margin.

        Raises:
            ValueError: the challenge does not wait for it.
        """
        if self.verdict is not LivenessVerdict.AWAITS_COMPARISON:
            raise ValueError("nothing to compare")
        return _end(self, LivenessVerdict.DONE if is_same_person else LivenessVerdict.ANOTHER_PERSON)

    def skipped(self, reason: SkipReason) -> LivenessResult:
        """Return the result when staff go on without; possible at any time."""
        return LivenessResult(LivenessVerdict.SKIPPED, self.asks, reason)

    def result(self) -> LivenessResult:
        """Return what the screens and the record are told."""
        return LivenessResult(self.verdict, self.asks)


def _end(challenge: Challenge, verdict: LivenessVerdict) -> Challenge:
    return replace(challenge, verdict=verdict, row=(), wrong=0, keeps_frame=False)


def _judge(challenge: Challenge, quality: FrameQuality, seen_at_s: float) -> Challenge:
    """Go on with a frame that shows one face."""
    now = _centred(challenge, quality)
    if _does_what_is_asked(now, quality):
        now = replace(now, row=(*now.row, (seen_at_s, quality)), wrong=0)
        return _next_step(now) if _is_enough(now) else now
    wrong = now.wrong + 1 if _does_the_opposite(now, quality) else 0
    if wrong >= FRAMES_IN_A_ROW:
        return _end(now, LivenessVerdict.WRONG_SIDE)
    return replace(now, row=(), wrong=wrong)


def _centred(challenge: Challenge, quality: FrameQuality) -> Challenge:
    own = challenge.frontal
    is_back = own is not None and abs(quality.turn - own.turn) <= STRAIGHT_AGAIN
    return replace(challenge, is_centred=challenge.is_centred or is_back)


def _does_what_is_asked(challenge: Challenge, quality: FrameQuality) -> bool:
    match challenge.asks[challenge.step]:
        case Ask.LOOK_STRAIGHT:
            return is_frontal(quality)
        case Ask.LOOK_STRAIGHT_AGAIN:
            return is_frontal(quality) and _is_as_open(quality, challenge.frontal)
        case Ask.CLOSE_EYES:
            return is_facing(quality) and _is_closed(quality, challenge.frontal)
        case Ask.TURN_LEFT | Ask.TURN_RIGHT as side:
            return challenge.is_centred and _is_turned(quality, challenge.frontal, side)


def _does_the_opposite(challenge: Challenge, quality: FrameQuality) -> bool:
    opposite = _OPPOSITE.get(challenge.asks[challenge.step])
    return opposite is not None and challenge.is_centred and _is_turned(quality, challenge.frontal, opposite)


def _is_as_open(quality: FrameQuality, own: Frontal | None) -> bool:
    return own is not None and quality.eyes_closed <= max(OPEN_BELOW, own.eyes_closed + 0.1)


def _is_closed(quality: FrameQuality, own: Frontal | None) -> bool:
    if own is None:
        return False
    return quality.eyes_closed >= CLOSED_FROM and quality.eyes_closed - own.eyes_closed >= CLOSED_CHANGE


def _is_turned(quality: FrameQuality, own: Frontal | None, side: Ask) -> bool:
    if own is None:
        return False
    change = quality.turn - own.turn
    towards = change if side is Ask.TURN_LEFT else -change
    return towards >= TURN_LEAST and quality.nod <= NOD_CAP * own.nod


def _is_enough(challenge: Challenge) -> bool:
    lasted_s = challenge.row[-1][0] - challenge.row[0][0]
    least_s = CLOSED_FOR_S if challenge.asks[challenge.step] is Ask.CLOSE_EYES else 0.0
    return len(challenge.row) >= FRAMES_IN_A_ROW and lasted_s >= least_s


def _next_step(challenge: Challenge) -> Challenge:
    ask = challenge.asks[challenge.step]
    if ask is Ask.LOOK_STRAIGHT_AGAIN:
        return replace(_end(challenge, LivenessVerdict.AWAITS_COMPARISON), keeps_frame=True)
    on = replace(challenge, row=(), step=challenge.step + 1, is_centred=ask not in _OPPOSITE)
    if ask is Ask.LOOK_STRAIGHT:
        return replace(on, frontal=_own_values([seen for _, seen in challenge.row]), keeps_frame=True)
    return on


def is_frontal(quality: FrameQuality) -> bool:
    """Tell whether a frame can be compared and measured from: straight, sharp, the eyes as they are."""
    return is_facing(quality) and quality.sharpness >= FRAME_GATES.sharpness_least


def is_facing(quality: FrameQuality) -> bool:
    """Tell whether the head is straight, level and free."""
    is_level = FRAME_GATES.nod_least <= quality.nod <= FRAME_GATES.nod_most
    is_free = quality.covered <= FRAME_GATES.covered_most
    return abs(quality.turn) <= FRAME_GATES.turn_most and is_level and is_free


def _own_values(frames: list[FrameQuality]) -> Frontal:
    """Return the middle one of each measure."""

    def middle(values: list[float]) -> float:
        return sorted(values)[len(values) // 2]

    return Frontal(
        turn=middle([frame.turn for frame in frames]),
        nod=middle([frame.nod for frame in frames]),
        eyes_closed=middle([frame.eyes_closed for frame in frames]),
    )
