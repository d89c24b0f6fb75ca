"""How usable one frame is, and what the person before the camera could change (face.md §6.3).

The gates keep frames away on which the engine errs more: darkness doubles or triples the misses, distance and motion
add a few per cent (face.md §3, degraded frames). They never judge a person.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from appliance.domain.face_advice import FrameHint, FrameQuality
from appliance.face.detection import CHIP_SIDE_PX, FivePoints, FoundFace, Grey, count_people


@dataclass(frozen=True, slots=True)
class Gates:
    """Bounds that a usable face keeps."""

    face_height_px: int
    luma_least: float = 60.0
    luma_most: float = 200.0
    turn_most: float = 0.08
    """Nose offset over eye distance (face.md §4)."""
    sharpness_least: float = 12.0
    """Below every one of 80 sharp pictures enlarged to this size (least 12.5); a Gaussian blur of 3 px leaves 7."""


FRAME_GATES: Final = Gates(face_height_px=140)
"""Live frames. The halved frame finds boxes from 74 px, so a face found there passes; one found at full size only is
too far away."""

PICTURE_GATES: Final = Gates(face_height_px=70)
"""Picture files: accuracy holds down to 60 to 80 px (face.md §6.3)."""

_INNER: Final = slice(CHIP_SIDE_PX // 5, CHIP_SIDE_PX - CHIP_SIDE_PX // 5)
"""The middle of the chip shows skin; its margin shows hair and room."""


def measure(faces: list[FoundFace], chip: Grey | None, gates: Gates) -> FrameQuality:
    """Measure a frame in which `faces` were found, the largest first, and `chip` was cut from the largest."""
    if not faces or chip is None:
        return FrameQuality(FrameHint.NO_FACE, 0, 0, 0.0, 0.0, 0.0)
    quality = FrameQuality(
        hint=FrameHint.GOOD,
        faces=count_people(faces),
        face_height_px=faces[0].height_px,
        luma=float(chip[_INNER, _INNER].mean()),
        sharpness=_sharpness(chip),
        turn=_turn(faces[0].points),
    )
    return FrameQuality(
        hint=advise(quality, gates),
        faces=quality.faces,
        face_height_px=quality.face_height_px,
        luma=quality.luma,
        sharpness=quality.sharpness,
        turn=quality.turn,
    )


def advise(quality: FrameQuality, gates: Gates) -> FrameHint:
    """Return the most urgent hint that the measures give."""
    failing = (
        (quality.faces == 0, FrameHint.NO_FACE),
        (quality.faces > 1, FrameHint.SEVERAL_FACES),
        (quality.face_height_px < gates.face_height_px, FrameHint.COME_CLOSER),
        (not quality.luma >= gates.luma_least, FrameHint.TOO_DARK),
        (not quality.luma <= gates.luma_most, FrameHint.TOO_BRIGHT),
        (not abs(quality.turn) <= gates.turn_most, FrameHint.LOOK_STRAIGHT),
        (not quality.sharpness >= gates.sharpness_least, FrameHint.HOLD_STILL),
    )
    return next((hint for fails, hint in failing if fails), FrameHint.GOOD)


def _sharpness(chip: Grey) -> float:
    """Return the variance of the Laplacian."""
    wide = chip.astype(np.float32)
    edges = wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:] - 4.0 * wide[1:-1, 1:-1]
    return float(edges.var())


def _turn(points: FivePoints) -> float:
    """Return the nose base's offset from the middle of the eyes along the eye axis, over the eye distance.

    Positive when the nose points to the right of the picture.
    """
    (right_x, right_y), (left_x, left_y) = points.eyes
    axis_x, axis_y = right_x - left_x, right_y - left_y
    length = math.hypot(axis_x, axis_y)
    if length == 0.0:
        return 1.0
    offset_x = points.nose[0] - (right_x + left_x) / 2
    offset_y = points.nose[1] - (right_y + left_y) / 2
    return (offset_x * axis_x + offset_y * axis_y) / length**2
