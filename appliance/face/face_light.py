"""When the lamp for the face is wanted: darkness doubles or triples the misses (face.md §3), so light comes before words.

The lamp changes what is measured. Once on it stays on through the brightness that it causes itself, and goes off only
where the face gets too bright; it does so after several frames, so that a hand or a passing shadow does not switch it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from appliance.domain.face_advice import FrameQuality

ON_BELOW_LUMA: Final = 80.0
"""Above the gate of 60, so that the lamp comes before the hint."""
OFF_ABOVE_LUMA: Final = 185.0
"""Below the gate of 200."""
ONE_SIDED_FROM: Final = 0.35
"""One half of the face twice as bright as the other: the lamp fills the shadow."""
FRAMES_TO_TURN_ON: Final = 3
FRAMES_TO_TURN_OFF: Final = 8


@dataclass(frozen=True, slots=True)
class FaceLight:
    """Whether the lamp is wanted, and for how many frames the opposite has been true."""

    is_wanted: bool = False
    against: int = 0

    def see(self, quality: FrameQuality) -> FaceLight:
        """Return the wish after one more frame."""
        against = is_glaring(quality) if self.is_wanted else is_gloomy(quality)
        if not against:
            return replace(self, against=0)
        frames = FRAMES_TO_TURN_OFF if self.is_wanted else FRAMES_TO_TURN_ON
        if self.against + 1 >= frames:
            return FaceLight(is_wanted=not self.is_wanted)
        return replace(self, against=self.against + 1)


def is_gloomy(quality: FrameQuality) -> bool:
    """Tell whether the face lacks light; where no face is found, darkness may be why."""
    if quality.faces == 0:
        return True
    return not quality.luma >= ON_BELOW_LUMA or abs(quality.one_sided) >= ONE_SIDED_FROM


def is_glaring(quality: FrameQuality) -> bool:
    """Tell whether the face has more light than it needs."""
    return quality.faces > 0 and quality.luma > OFF_ABOVE_LUMA
