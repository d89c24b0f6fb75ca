"""The confined process that decodes chip pictures; started by `appliance.pictures.guarded`."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from appliance.pictures.confined import Arguments, Job, serve
from appliance.pictures.confinement import Message
from appliance.pictures.exchange import Exchange, Stage
from appliance.pictures.header import CHIP_BOUNDS


def prepare(_: tuple[str, ...]) -> Mapping[str, Job]:
    """Load the decoder, so that the first picture does not wait for it."""
    from PIL import Image

    Image.init()
    return {"decode": decode}


def decode(question: Message, exchange: Exchange) -> Message:
    """Decode the picture at the start of the exchange; leave its grey pixels there in its place."""
    from appliance.pictures.decoding import decode_grey

    match question:
        case {"size_bytes": int(size_bytes)}:
            pass
        case _:
            raise ValueError("question")
    exchange.stage = Stage.DECODING
    with exchange.view(0, size_bytes) as content, decode_grey(content, CHIP_BOUNDS) as picture:
        exchange.stage = Stage.IDLE
        exchange.wipe()
        exchange.put(picture.grey)
        return {"width": picture.width, "height": picture.height}


if __name__ == "__main__":
    serve(Arguments.parse(sys.argv[1:]), prepare)
