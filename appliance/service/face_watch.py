"""The camera on one person: each frame is measured, calm advice is given, and the lamp shines while the face needs light.

A camera that repeats one picture counts as silent; every trouble leads to the visual check (proof.md G2).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Final

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FrameHint, FrameQuality
from appliance.errors import CameraSilent
from appliance.face.advice import CalmAdvice
from appliance.face.face_light import FaceLight
from appliance.face.frame_choice import SeenFrame
from appliance.face.stillness import FROZEN_AFTER_S, Stillness
from appliance.ports import Lamp
from appliance.service.unit import Unit

FRAME_DEADLINE_S: Final = 2.5
"""After this the visual check is offered, well within the three seconds of proof.md G2."""


@dataclass(frozen=True, slots=True)
class FaceSight:
    """What one look at the person came to."""

    quality: FrameQuality
    """Of this very frame."""
    hint: FrameHint
    """What to tell the person: changes only when another hint lasts."""


class FaceWatch:
    """Looks at one person; one thread at a time looks, and any thread may end it."""

    def __init__(self, unit: Unit) -> None:
        """Watch with the unit's camera, engine and lamp; nothing is switched on yet."""
        self._unit = unit
        self._advice = CalmAdvice()
        self._stillness = Stillness()
        self._light = FaceLight()
        self._switching = Lock()
        self._rests = 0

    def look(self) -> FaceSight:
        """Measure one frame.

        Raises:
            CameraTrouble: no camera, no new frame in time, or no face engine.
        """
        with self.frame() as (_, seen):
            return FaceSight(seen.quality, self._advice.shown or seen.quality.hint)

    @contextmanager
    def frame(self) -> Iterator[tuple[Frame, SeenFrame]]:
        """Lend one measured frame; its pixels are overwritten when the context ends.

        Raises:
            CameraTrouble: no camera, no new frame in time, or no face engine.
        """
        rests = self._rests
        with self._unit.camera.frame(FRAME_DEADLINE_S) as frame:
            seen_at_s = self._unit.clock.monotonic_s()
            quality = self._unit.face_engine.look(frame)
            self._note(quality, seen_at_s, rests)
            yield frame, SeenFrame(seen_at_s, quality)

    def rest(self) -> None:
        """Darken the lamp; a look that is still on its way does not light it again, the next one may."""
        with self._switching:
            self._rests += 1
            self._unit.panel.light(Lamp.FACE_LIGHT, on=False)

    def _note(self, quality: FrameQuality, seen_at_s: float, rests: int) -> None:
        self._advice = self._advice.see(quality.hint, seen_at_s)
        self._light = self._light.see(quality)
        with self._switching:
            if rests == self._rests:
                self._unit.panel.light(Lamp.FACE_LIGHT, on=self._light.is_wanted)
        self._stillness = self._stillness.see(quality, seen_at_s)
        if self._stillness.is_frozen:
            raise CameraSilent(FROZEN_AFTER_S)
