"""What staff may see of a frame while a card is held up: a small grey picture, or nothing (R04).

The full size is still far below a photograph's. The coarse one is too coarse for print: were the back of a card not
noticed, its largest digits, 3 mm high on a card that fills the frame, would be two pixels high.
"""

from __future__ import annotations

from typing import Final

from appliance.domain.ephemeral import Frame, GreyPicture
from appliance.domain.front_sight import FrontSide, FrontSight

FULL_COLUMNS: Final = 320
"""Two for each column of the widest terminal that the screens are made for."""
COARSE_COLUMNS: Final = 64
"""docs/card-front.md allows 96 at most."""


def preview_of(frame: Frame, sight: FrontSight, *, shows_room: bool) -> GreyPicture | None:
    """Return what may be shown of `frame`, which the caller wipes, or None for a blank.

    `shows_room` tells whether a frame without a card, in which people may stand, may be shown at all.
    """
    if sight.may_preview:
        return _shrunk(frame, FULL_COLUMNS)
    if sight.side is FrontSide.NOTHING and shows_room:
        return _shrunk(frame, COARSE_COLUMNS)
    return None


def _shrunk(frame: Frame, most_columns: int) -> GreyPicture:
    """Return the frame's green channel, which is nearest to brightness, as means of square blocks."""
    import numpy as np

    block = -(-frame.width // most_columns)
    width, height = frame.width // block, frame.height // block
    pixels = np.frombuffer(frame.rgb, dtype=np.uint8).reshape(frame.height, frame.width, 3)
    blocks = pixels[: height * block, : width * block, 1].reshape(height, block, width, block)
    means = blocks.mean(axis=(1, 3))
    grey = bytearray(means.astype(np.uint8).tobytes())
    means.fill(0)
    return GreyPicture(width, height, grey)
