"""Bounds that a usable face keeps; apart from the measuring, so that nothing heavy comes with them.

They keep frames away on which the engine errs more, and never judge a person (face.md §6.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Gates:
    """Bounds that a usable face keeps."""

    face_height_px: int
    luma_least: float = 60.0
    luma_most: float = 200.0
    turn_most: float = 0.08
    """Nose offset over eye distance (face.md §4)."""
    nod_least: float = 0.5
    nod_most: float = 1.0
    """Of 336 press pictures 98 in 100 lie between 0.57 and 0.95; upright faces about 0.76."""
    sharpness_least: float = 2.0
    """Enlarged press pictures have 2.2 and more in 19 of 20; motion over a tenth of the face's height leaves 1.7."""
    eyes_closed_most: float = 0.5
    covered_most: float = 0.5
    """Even chances, by the scale of the two measures."""


FRAME_GATES: Final = Gates(face_height_px=140)
"""Live frames. The halved frame finds boxes from 74 px, so a face found there passes; one found at full size only is
too far away."""

PICTURE_GATES: Final = Gates(face_height_px=70)
"""Picture files: accuracy holds down to 60 to 80 px (face.md §6.3)."""
