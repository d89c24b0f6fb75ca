"""The confined process that holds the face engine; started by `appliance.face.worker`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.domain.face_advice import FaceComparison, FrameQuality
from appliance.pictures.confined import Arguments, Job, serve
from appliance.pictures.confinement import Message
from appliance.pictures.exchange import Exchange, Stage

if TYPE_CHECKING:
    from appliance.face.detection import Grey
    from appliance.face.engine import DlibEngine


def prepare(words: tuple[str, ...]) -> Mapping[str, Job]:
    """Load and warm the engine whose evidence file is the first word.

    Raises:
        FaceWeightsRefused: evidence or files are missing or altered.
    """
    from PIL import Image

    from appliance.face.engine import load_engine

    Image.init()
    engine = load_engine(Path(words[0]))
    return {
        "look": partial(look, engine),
        "compare": partial(compare, engine),
        "compare_pictures": partial(compare_pictures, engine),
    }


def look(engine: DlibEngine, question: Message, exchange: Exchange) -> Message:
    """Measure one frame."""
    (frame,) = _greys(question, exchange)
    exchange.wipe()
    return quality_message(engine.look_at_grey(frame))


def compare(engine: DlibEngine, question: Message, exchange: Exchange) -> Message:
    """Compare the chip photo with frames."""
    from appliance.pictures.header import CHIP_BOUNDS

    with _view(question["photo"], exchange) as content:
        exchange.stage = Stage.DECODING
        photo = engine.decode(content, CHIP_BOUNDS)
        exchange.stage = Stage.IDLE
    frames = _greys(question, exchange)
    exchange.wipe()
    return comparison_message(engine.compare_greys(photo, frames))


def compare_pictures(engine: DlibEngine, question: Message, exchange: Exchange) -> Message:
    """Compare two picture files."""
    from appliance.pictures.header import FILE_BOUNDS

    exchange.stage = Stage.DECODING
    with _view(question["reference"], exchange) as reference, _view(question["live"], exchange) as live:
        pictures = engine.decode(reference, FILE_BOUNDS), engine.decode(live, FILE_BOUNDS)
    exchange.wipe()
    return comparison_message(engine.compare_grey_pictures(*pictures))


def _view(place: object, exchange: Exchange) -> memoryview:
    match place:
        case [int(offset), int(size_bytes)]:
            return exchange.view(offset, size_bytes)
        case _:
            raise ValueError("place")


def _greys(question: Message, exchange: Exchange) -> list[Grey]:
    """Turn the frames in the exchange grey; the colour pixels stay where they are until the exchange is wiped."""
    from appliance.face.engine import grey_of_pixels

    greys = []
    for frame in _list(question["frames"]):
        match frame:
            case [int(offset), int(width), int(height)]:
                with exchange.view(offset, width * height * 3) as rgb:
                    greys.append(grey_of_pixels(rgb, width, height))
            case _:
                raise ValueError("frame")
    return greys


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("frames")
    return value


def quality_message(quality: FrameQuality) -> Message:
    """Describe a frame's measures."""
    return {
        "hint": quality.hint.value,
        "faces": quality.faces,
        "face_height_px": quality.face_height_px,
        "luma": quality.luma,
        "sharpness": quality.sharpness,
        "turn": quality.turn,
    }


def comparison_message(comparison: FaceComparison) -> Message:
    """Describe a comparison."""
    return {
        "score": comparison.score,
        "threshold": comparison.threshold,
        "band": comparison.band.value,
        "quality": quality_message(comparison.quality),
        "frames_used": comparison.frames_used,
    }


if __name__ == "__main__":
    serve(Arguments.parse(sys.argv[1:]), prepare)
