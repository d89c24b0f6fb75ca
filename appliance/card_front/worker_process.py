"""The confined process that reads card fronts; started by `appliance.card_front.worker`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from appliance.pictures.confined import Arguments, Job, serve
from appliance.pictures.confinement import Message
from appliance.pictures.exchange import Exchange

if TYPE_CHECKING:
    from appliance.card_front.reading import FrontEye


def prepare(_: tuple[str, ...]) -> Mapping[str, Job]:
    """Load the engine.

    Raises:
        CardReadingMissing: the engine or a language is not installed.
    """
    import cv2

    from appliance.card_front.reading import FrontEye

    cv2.setNumThreads(1)
    return {"look": partial(look, FrontEye())}


def look(eye: FrontEye, question: Message, exchange: Exchange) -> Message:
    """Look at one frame; leave the votes of a front in the exchange in its place."""
    import numpy as np

    match question:
        case {"frame": [int(offset), int(width), int(height)]}:
            pass
        case _:
            raise ValueError("frame")
    with exchange.view(offset, width * height * 3) as content:
        seen = eye.look(np.frombuffer(content, dtype=np.uint8).reshape(height, width, 3))
    exchange.wipe()
    if seen.votes is not None:
        exchange.put(seen.votes.tobytes())
        seen.votes.fill(0)
    corners = [] if seen.corners is None else [[float(x), float(y)] for x, y in seen.corners]
    return {"side": seen.side.value, "hint": seen.hint.value, "outline": corners}


if __name__ == "__main__":
    serve(Arguments.parse(sys.argv[1:]), prepare)
