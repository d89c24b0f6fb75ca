"""The confined process that compares faces; started by `appliance.face.worker`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.pictures.confined import Arguments, Job, serve
from appliance.pictures.confinement import Message
from appliance.pictures.exchange import Exchange, Stage
from appliance.pictures.header import CHIP_BOUNDS, FILE_BOUNDS

if TYPE_CHECKING:
    from appliance.face.engine import DlibEngine


def prepare(words: tuple[str, ...]) -> Mapping[str, Job]:
    """Load and warm the engine whose evidence file is the first word.

    Raises:
        FaceEvidenceOutdated, FaceWeightsRefused: evidence or files are missing, altered, or of another way.
    """
    from PIL import Image

    from appliance.face.engine import load_engine

    Image.init()
    engine = load_engine(Path(words[0]))
    return {
        "compare": partial(compare, engine),
        "compare_live": partial(compare_live, engine),
        "compare_pictures": partial(compare_pictures, engine),
    }


def compare(engine: DlibEngine, question: Message, exchange: Exchange) -> Message:
    """Compare the chip photo with frames."""
    from appliance.face.lent_pictures import lent_content, take_greys
    from appliance.face.messages import comparison_message

    with lent_content(question["photo"], exchange) as content:
        exchange.stage = Stage.DECODING
        photo = engine.decode(content, CHIP_BOUNDS)
        exchange.stage = Stage.IDLE
    frames = take_greys(question["frames"], exchange)
    exchange.wipe()
    return comparison_message(engine.compare_greys(photo, frames))


def compare_live(engine: DlibEngine, question: Message, exchange: Exchange) -> Message:
    """Compare two live frames."""
    from appliance.face.lent_pictures import take_greys
    from appliance.face.messages import comparison_message

    before, after = take_greys(question["frames"], exchange)
    exchange.wipe()
    return comparison_message(engine.compare_live_greys(before, after))


def compare_pictures(engine: DlibEngine, question: Message, exchange: Exchange) -> Message:
    """Compare two picture files."""
    from appliance.face.lent_pictures import lent_content
    from appliance.face.messages import comparison_message

    exchange.stage = Stage.DECODING
    with (
        lent_content(question["reference"], exchange) as reference,
        lent_content(question["live"], exchange) as live,
    ):
        pictures = engine.decode(reference, FILE_BOUNDS), engine.decode(live, FILE_BOUNDS)
    exchange.wipe()
    return comparison_message(engine.compare_grey_pictures(*pictures))


if __name__ == "__main__":
    serve(Arguments.parse(sys.argv[1:]), prepare)
