"""A short burst of live frames, of which the best few are compared (face.md §6.2).

Frames are kept for a second or two at most: one for each tenth of a second, the better one, and all of them are
overwritten when the comparison ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FrameQuality
from appliance.errors import CameraSilent
from appliance.face.frame_choice import SeenFrame, choose_frames, worth_of
from appliance.face.stillness import FROZEN_AFTER_S
from appliance.service.face_watch import FaceWatch

FRAMES_PER_COMPARISON: Final = 3
"""Mean of three frames under the margin score (face.md §3, §6.2)."""
BURST_S: Final = 1.5
"""Twice what three good frames 0.3 s apart need; nobody is asked to hold still for longer."""
LOOKS_AT_MOST: Final = 40
"""A bound for cameras faster than any that is known."""
_SLOT_S: Final = 0.1


@dataclass(slots=True)
class _Kept:
    seen: SeenFrame
    frame: Frame


class Burst:
    """The frames kept so far, in time order; wiped by whoever made it."""

    def __init__(self) -> None:
        """Begin without a frame."""
        self._kept: list[_Kept] = []
        self._first: FrameQuality | None = None
        self._has_stirred = False

    def take(self, frame: Frame, seen: SeenFrame) -> None:
        """Keep a copy of `frame`, unless a better one was seen in the same tenth of a second."""
        self._first = self._first or seen.quality
        self._has_stirred |= seen.quality != self._first
        if not self._kept or self._slot(seen) != self._slot(self._kept[-1].seen):
            self._kept.append(_Kept(seen, copy_of(frame)))
        elif _rank(seen) > _rank(self._kept[-1].seen):
            self._kept[-1].frame.wipe()
            self._kept[-1] = _Kept(seen, copy_of(frame))

    def best(self) -> list[Frame]:
        """Return the frames to compare; where none shows one person alone, the last one, which says why not."""
        return [self._kept[place].frame for place in self._places()] or [self._kept[-1].frame]

    @property
    def is_enough(self) -> bool:
        """True once waiting longer would gain nothing: enough good frames, or time is up."""
        places = self._places()
        is_full = len(places) == FRAMES_PER_COMPARISON
        if is_full and all(self._kept[place].seen.quality.is_good for place in places):
            return True
        return self._kept[-1].seen.seen_at_s - self._kept[0].seen.seen_at_s >= BURST_S

    @property
    def is_still(self) -> bool:
        """True while every frame shows the same face to the last digit, as only a frozen picture does."""
        return not self._has_stirred and self._first is not None and self._first.faces > 0

    def wipe(self) -> None:
        """Overwrite every kept frame; safe to call again."""
        for kept in self._kept:
            kept.frame.wipe()

    def _places(self) -> tuple[int, ...]:
        return choose_frames([kept.seen for kept in self._kept], FRAMES_PER_COMPARISON)

    def _slot(self, seen: SeenFrame) -> int:
        return int((seen.seen_at_s - self._kept[0].seen.seen_at_s) / _SLOT_S)


def fill_burst(burst: Burst, watch: FaceWatch) -> None:
    """Look at the person until `burst` holds enough; a picture that stands still is never enough.

    Raises:
        CameraTrouble: no camera, no new frame in time, or no face engine.
    """
    for _ in range(LOOKS_AT_MOST):
        with watch.frame() as (frame, seen):
            burst.take(frame, seen)
        if burst.is_enough and not burst.is_still:
            return
    if burst.is_still:
        raise CameraSilent(FROZEN_AFTER_S)


def copy_of(frame: Frame) -> Frame:
    """Return a copy that outlives the camera's loan; its owner wipes it."""
    return Frame(frame.width, frame.height, bytearray(frame.rgb))


def _rank(seen: SeenFrame) -> tuple[bool, bool, float]:
    return seen.quality.faces == 1, seen.quality.is_good, worth_of(seen.quality)
