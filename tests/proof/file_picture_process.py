"""The confined process that decodes camera pictures for F4, as the face worker's own does, without a face engine."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from appliance.pictures.confined import Arguments, Job, serve
from appliance.pictures.confinement import Message
from appliance.pictures.decoding import decode_grey
from appliance.pictures.exchange import Exchange, Stage
from appliance.pictures.header import FILE_BOUNDS


def prepare(_: tuple[str, ...]) -> Mapping[str, Job]:
    """Have the decoder loaded."""
    from PIL import Image

    Image.init()
    return {"decode": decode}


def decode(question: Message, exchange: Exchange) -> Message:
    """Decode the picture at the start of the exchange and tell its size."""
    size_bytes = question["size_bytes"]
    assert isinstance(size_bytes, int)
    exchange.stage = Stage.DECODING
    with exchange.view(0, size_bytes) as content, decode_grey(content, FILE_BOUNDS) as picture:
        return {"width": picture.width, "height": picture.height, "size_bytes": len(picture.grey)}


if __name__ == "__main__":
    serve(Arguments.parse(sys.argv[1:]), prepare)
