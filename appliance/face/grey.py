"""Live frames in grey, in memory that is overwritten after use (face.md §3: grey as the card's photo is)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.domain.ephemeral import Frame
from appliance.face.detection import Grey

_LUMA_WEIGHTS: Final = (19_595, 38_470, 7_471)
"""ITU-R BT.601 luma in 65,536ths: the grey that the thresholds were measured with."""


def grey_of(frame: Frame) -> Grey:
    """Return the frame in grey, in memory that can be overwritten."""
    return grey_of_pixels(frame.rgb, frame.width, frame.height)


def grey_of_pixels(rgb: bytearray | memoryview, width: int, height: int) -> Grey:
    """Return RGB pixels, row by row, as grey."""
    pixels = np.frombuffer(rgb, dtype=np.uint8, count=width * height * 3).reshape(height, width, 3)
    luma: NDArray[np.uint32] = np.full((height, width), 32_768, dtype=np.uint32)
    part = np.empty((height, width), dtype=np.uint32)
    for channel, weight in enumerate(_LUMA_WEIGHTS):
        np.multiply(pixels[:, :, channel], np.uint32(weight), out=part, casting="unsafe")
        luma += part
    luma >>= 16
    grey = luma.astype(np.uint8)
    overwrite(luma, part)
    return grey


def overwrite(*arrays: NDArray[np.generic]) -> None:
    """Write zeros over every number of the arrays, in place."""
    for array in arrays:
        array.fill(0)
