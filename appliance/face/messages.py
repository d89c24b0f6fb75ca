"""What the face engine and its worker processes say to each other: numbers as JSON, pictures by their place.

A process that decodes pictures may have been taken over by a hostile one, so its answers are parsed field by field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FaceBand, FaceComparison, FrameHint, FrameQuality
from appliance.pictures.confinement import Confinement, Message


def look_question(confinement: Confinement, frame: Frame) -> Message:
    """Put one frame to be measured."""
    return {"job": "look", "frames": [_put_frame(confinement, frame)]}


def compare_question(
    confinement: Confinement, photo: bytes | bytearray | memoryview, frames: Sequence[Frame]
) -> Message:
    """Put a chip photo and frames to be compared."""
    return {
        "job": "compare",
        "photo": [confinement.exchange.put(photo), len(photo)],
        "frames": [_put_frame(confinement, frame) for frame in frames],
    }


def live_question(confinement: Confinement, before: Frame, after: Frame) -> Message:
    """Put two live frames to be compared."""
    return {"job": "compare_live", "frames": [_put_frame(confinement, frame) for frame in (before, after)]}


def pictures_question(confinement: Confinement, reference: bytes, live: bytes) -> Message:
    """Put two picture files to be compared."""
    return {
        "job": "compare_pictures",
        "reference": [confinement.exchange.put(reference), len(reference)],
        "live": [confinement.exchange.put(live), len(live)],
    }


def _put_frame(confinement: Confinement, frame: Frame) -> list[int]:
    return [confinement.exchange.put(frame.rgb), frame.width, frame.height]


def quality_message(quality: FrameQuality) -> Message:
    """Describe a frame's measures."""
    return asdict(quality) | {"hint": quality.hint.value}


def comparison_message(comparison: FaceComparison) -> Message:
    """Describe a comparison."""
    return asdict(comparison) | {
        "band": comparison.band.value,
        "quality": quality_message(comparison.quality),
    }


def read_quality(answer: Mapping[str, object]) -> FrameQuality:
    """Read a frame's measures.

    Raises:
        KeyError, TypeError, ValueError: the answer is none.
    """
    return FrameQuality(
        hint=FrameHint(answer["hint"]),
        faces=_whole(answer["faces"]),
        face_height_px=_whole(answer["face_height_px"]),
        luma=_number(answer["luma"]),
        sharpness=_number(answer["sharpness"]),
        turn=_number(answer["turn"]),
        nod=_number(answer["nod"]),
        eyes_closed=_number(answer["eyes_closed"]),
        covered=_number(answer["covered"]),
        rotation_deg=_whole(answer["rotation_deg"]),
        roll_deg=_number(answer["roll_deg"]),
        one_sided=_number(answer["one_sided"]),
    )


def read_comparison(answer: Mapping[str, object]) -> FaceComparison:
    """Read a comparison.

    Raises:
        KeyError, TypeError, ValueError: the answer is none.
    """
    quality = answer["quality"]
    if not isinstance(quality, dict):
        raise TypeError("quality")
    return FaceComparison(
        score=_number(answer["score"]),
        threshold=_number(answer["threshold"]),
        band=FaceBand(answer["band"]),
        quality=read_quality(quality),
        frames_used=_whole(answer["frames_used"]),
    )


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("number")
    return float(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("whole number")
    return value
