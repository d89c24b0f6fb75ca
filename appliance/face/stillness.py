"""A camera that repeats one picture: alive to the driver, dead to the person.

A sensor's noise makes two frames differ in brightness and sharpness far behind the point; frames that agree in both to the
last digit are one frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from appliance.domain.face_advice import FrameQuality

FROZEN_AFTER_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Stillness:
    """Since when the same picture has been seen."""

    last: FrameQuality | None = None
    since_s: float = 0.0
    is_frozen: bool = False
    """True once one picture with a face has stood for `FROZEN_AFTER_S`; a frame without a face has no measures to compare."""

    def see(self, quality: FrameQuality, seen_at_s: float) -> Stillness:
        """Return what is known after one more frame."""
        if quality.faces == 0 or quality != self.last:
            return Stillness(quality, seen_at_s)
        return replace(self, is_frozen=seen_at_s - self.since_s >= FROZEN_AFTER_S)
