"""A picture of a face held before the camera: a print, a bent print, a still on a telephone, turned to a side.

True geometry of a pinhole camera, so that the training kit and the tests meet what an impostor with a picture can do
(hazard H13, face.md §4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.floating[Any]]
    """Height x width x 3."""

EYE_DISTANCE_MM: Final = 63.0
"""Of grown people, about."""
_SAMPLES: Final = 2001


@dataclass(frozen=True, slots=True)
class Sheet:
    """What carries the picture."""

    eye_distance_mm: float = EYE_DISTANCE_MM
    """On the sheet; life size unless said otherwise."""
    distance_mm: float = 450.0
    """face.md §4."""
    arc_rad: float = 0.0
    """How far it is bent round an upright cylinder, bulging towards the camera; 0 is flat."""
    glow: float = 1.0
    """Brightness compared with the room's light."""


PRINT: Final = Sheet()
BENT_PRINT: Final = Sheet(arc_rad=1.2)
TELEPHONE: Final = Sheet(eye_distance_mm=22.0, distance_mm=157.0, glow=1.15)
"""A picture 70 mm wide, held so near that the face has its usual size."""


def hold_sheet(
    room: Pixels, picture: Pixels, sheet: Sheet, turn_deg: float, centre_px: tuple[float, float], zoom: float
) -> Pixels:
    """Return the room with `picture` held in it, its middle at `centre_px`.

    `picture` is as wide as 3.2 of its eye distances. `zoom` is how many pixels of the frame one millimetre takes at
    450 mm from the camera.
    """
    import numpy as np

    height_px, width_px = picture.shape[:2]
    width_mm = sheet.eye_distance_mm * PICTURE_WIDTH_EYES
    source_column, scale = _columns(
        room.shape[1], centre_px[0], sheet, width_mm, math.radians(turn_deg), zoom
    )
    rows = np.arange(room.shape[0], dtype=np.float64)[:, None] - centre_px[1]
    source_row = height_px / 2 + rows / scale[None, :] * (width_px / width_mm)
    across = np.broadcast_to(source_column * width_px, source_row.shape)
    is_on = (across >= 0) & (across < width_px - 1) & (source_row >= 0) & (source_row < height_px - 1)
    held = room.copy()
    held[is_on] = _sample(picture, source_row[is_on], across[is_on]) * np.float32(sheet.glow)
    return held


PICTURE_WIDTH_EYES: Final = 3.2


def _columns(
    width_px: int, centre_px: float, sheet: Sheet, width_mm: float, angle: float, zoom: float
) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    """Return for each column of the frame the share of the sheet it shows (-1: none) and its pixels per millimetre."""
    import numpy as np

    along = np.linspace(-width_mm / 2, width_mm / 2, _SAMPLES)
    across, nearer = along, np.zeros_like(along)
    if sheet.arc_rad:
        radius = width_mm / sheet.arc_rad
        across, nearer = radius * np.sin(along / radius), radius * (np.cos(along / radius) - 1.0)
    turned = across * math.cos(angle) + nearer * math.sin(angle)
    depth = sheet.distance_mm - (nearer * math.cos(angle) - across * math.sin(angle))
    pixels_per_mm = zoom * 450.0 / depth
    column = centre_px + turned * pixels_per_mm
    # The far side of a bent sheet goes out of sight where columns begin to run back.
    sight = np.maximum.accumulate(column) == column
    wanted = np.arange(width_px, dtype=np.float64)
    share = np.interp(wanted, column[sight], along[sight] / width_mm + 0.5, left=-1.0, right=-1.0)
    return share, np.interp(wanted, column[sight], pixels_per_mm[sight])


def _sample(picture: Pixels, row: NDArray[np.floating[Any]], column: NDArray[np.floating[Any]]) -> Pixels:
    import numpy as np

    top, left = np.floor(row).astype(np.intp), np.floor(column).astype(np.intp)
    down, right = (row - top)[:, None].astype(np.float32), (column - left)[:, None].astype(np.float32)
    upper = picture[top, left] * (1 - right) + picture[top, left + 1] * right
    lower = picture[top + 1, left] * (1 - right) + picture[top + 1, left + 1] * right
    sampled: Pixels = upper * (1 - down) + lower * down
    return sampled
