"""The optional liveness challenge before the camera: it asks, watches, and compares who came before and after (face.md §4).

What comes of it is a hint with an honest label, never a condition of any other step.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FaceBand, FrameHint
from appliance.domain.liveness import Ask, LivenessResult, LivenessVerdict, LivenessWay
from appliance.face.challenge import Challenge
from appliance.service.face_burst import copy_of
from appliance.service.face_watch import FaceWatch
from appliance.service.unit import Unit


@dataclass(frozen=True, slots=True)
class LivenessSight:
    """Where the challenge stands after one look."""

    ask: Ask | None
    """What the person is asked now; None once it is over."""
    hint: FrameHint
    """What stands against seeing the person well in this frame."""
    result: LivenessResult | None
    """Once it is over."""


class LivenessCheck:
    """One challenge; its two kept frames are wiped as soon as they are compared, and by `end` on every other way out."""

    def __init__(self, unit: Unit, watch: FaceWatch, way: LivenessWay) -> None:
        """Begin now; which side comes first is drawn by chance."""
        self._unit = unit
        self._watch = watch
        self._kept: list[Frame] = []
        now_s = unit.clock.monotonic_s()
        if way is LivenessWay.CLOSE_EYES:
            self._challenge = Challenge.closing_eyes(now_s=now_s)
        else:
            is_left_first = unit.random_bytes(1)[0] % 2 == 0
            self._challenge = Challenge.turning(left_first=is_left_first, now_s=now_s)

    @property
    def ask(self) -> Ask | None:
        """What the person is asked now; None once it is over."""
        return self._challenge.ask

    @property
    def asks(self) -> tuple[Ask, ...]:
        """All that is asked, in order."""
        return self._challenge.asks

    def look(self) -> LivenessSight:
        """Look at one more frame; after the last one, compare who came before and after.

        Raises:
            CameraTrouble: no camera, no new frame in time, or no face engine.
        """
        with self._watch.frame() as (frame, seen):
            self._challenge = self._challenge.see(seen.quality, seen.seen_at_s)
            if self._challenge.keeps_frame:
                self._kept.append(copy_of(frame))
        if self._challenge.verdict is LivenessVerdict.AWAITS_COMPARISON:
            self._compare()
        result = self._challenge.result()
        return LivenessSight(self._challenge.ask, seen.quality.hint, result if result.is_over else None)

    def end(self) -> None:
        """Overwrite what was kept; safe to call again."""
        for frame in self._kept:
            frame.wipe()

    def _compare(self) -> None:
        before, after = self._kept
        try:
            comparison = self._unit.face_engine.compare_live(before, after)
        finally:
            self.end()
        # Two frames of one camera, seconds apart: anything less than alike is no continuity.
        self._challenge = self._challenge.compared(is_same_person=comparison.band is FaceBand.MATCH)
