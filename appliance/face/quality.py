"""How usable one frame is, and what the person before the camera could change (face.md §6.3).

The gates keep frames away on which the engine errs more: darkness doubles or triples the misses, distance and motion
add a few per cent (face.md §3, degraded frames). They never judge a person.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.domain.face_advice import FrameHint, FrameQuality
from appliance.face.covering import measure_cover
from appliance.face.detection import CHIP_SIDE_PX, FoundFace, Grey, count_people
from appliance.face.eyes import measure_closed_eyes
from appliance.face.gates import Gates
from appliance.face.pose import measure_pose
from appliance.face.sharpness import measure_sharpness

_INNER: Final = slice(CHIP_SIDE_PX // 5, CHIP_SIDE_PX - CHIP_SIDE_PX // 5)
"""The middle of the chip shows skin; its margin shows hair and room."""


def measure(faces: list[FoundFace], chip: Grey | None, gates: Gates, rotation_deg: int = 0) -> FrameQuality:
    """Measure a frame in which `faces` were found, the largest first, and `chip` was cut from the largest.

    `rotation_deg` is by how much the picture had been turned before, for a person who lies.
    """
    if not faces or chip is None:
        return FrameQuality(FrameHint.NO_FACE, 0, 0, 0.0, 0.0, 0.0)
    pose = measure_pose(faces[0].points)
    inner = chip[_INNER, _INNER].astype(np.float32)
    sharpness = measure_sharpness(inner)
    # A blurred eye is as even as a covered one: a picture that shows no detail says nothing of either.
    shows_detail = sharpness >= gates.sharpness_least
    quality = FrameQuality(
        hint=FrameHint.GOOD,
        faces=count_people(faces),
        face_height_px=faces[0].height_px,
        luma=float(inner.mean()),
        sharpness=sharpness,
        turn=pose.turn,
        nod=pose.nod,
        eyes_closed=measure_closed_eyes(chip) if shows_detail else 0.0,
        covered=measure_cover(chip) if shows_detail else 0.0,
        rotation_deg=rotation_deg,
        roll_deg=pose.roll_deg,
        one_sided=_one_sidedness(inner),
    )
    inner.fill(0)
    return replace(quality, hint=advise(quality, gates))


def advise(quality: FrameQuality, gates: Gates) -> FrameHint:
    """Return the most urgent hint that the measures give; a measure that is no number fails its gate."""
    is_straight = abs(quality.turn) <= gates.turn_most and gates.nod_least <= quality.nod <= gates.nod_most
    failing = (
        (quality.faces == 0, FrameHint.NO_FACE),
        (quality.faces > 1, FrameHint.SEVERAL_FACES),
        (quality.face_height_px < gates.face_height_px, FrameHint.COME_CLOSER),
        (not quality.luma >= gates.luma_least, FrameHint.TOO_DARK),
        (not quality.luma <= gates.luma_most, FrameHint.TOO_BRIGHT),
        (not quality.covered <= gates.covered_most, FrameHint.COVERED),
        (not is_straight, FrameHint.LOOK_STRAIGHT),
        (not quality.eyes_closed <= gates.eyes_closed_most, FrameHint.OPEN_EYES),
        (not quality.sharpness >= gates.sharpness_least, FrameHint.HOLD_STILL),
    )
    return next((hint for fails, hint in failing if fails), FrameHint.GOOD)


def _one_sidedness(inner: NDArray[np.float32]) -> float:
    """Compare the halves of the face: a lamp or window at one side."""
    middle = inner.shape[1] // 2
    left, right = float(inner[:, :middle].mean()), float(inner[:, -middle:].mean())
    return 0.0 if left + right == 0.0 else (right - left) / (right + left)
