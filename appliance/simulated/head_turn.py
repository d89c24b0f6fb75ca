"""A portrait's head turned to one side: its pixels moved as on an ellipsoid with a nose.

A picture has no depth, so one is lent to it. It is enough to move landmarks as a turning head does; it shows no ear or cheek
that the portrait does not show, and looks right up to about 30 degrees.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Layers = NDArray[np.floating[Any]]
    """Height x width x channels."""

# Lengths in eye distances, about 63 mm. From the middle of the eyes, y down, z towards the camera.
_HALF_WIDTH: Final = 1.25
_HALF_HEIGHT: Final = 1.9
_DEPTH: Final = 1.5
_MIDDLE_Y: Final = 0.45
_NOSE_LENGTH: Final = 0.40
"""How far the base of the nose stands before the eyes: 25 to 30 mm in grown people."""
_NOSE_Y: Final = 0.68
_NOSE_SPREAD: Final = (0.28, 0.36)
_WINDOW: Final = (2.2, 2.4, 3.0)
"""Half width, height above and height below the eyes of what may move."""
_STEPS: Final = 12


def turn_head(
    layers: Layers, eyes_px: tuple[float, float], eye_distance_px: float, turn_deg: float
) -> Layers:
    """Return a copy of `layers`, an upright person, with the head turned; positive to the right of the picture."""
    rows, columns = _window(layers, eyes_px, eye_distance_px)
    source = _sources(rows, columns, eyes_px, eye_distance_px, math.radians(turn_deg))
    turned = layers.copy()
    turned[rows, columns] = _sample_row_wise(layers[rows], source)
    return turned


def _window(layers: Layers, eyes_px: tuple[float, float], eye_distance_px: float) -> tuple[slice, slice]:
    half, above, below = (int(part * eye_distance_px) for part in _WINDOW)
    x, y = int(eyes_px[0]), int(eyes_px[1])
    height, width = layers.shape[:2]
    return slice(max(0, y - above), min(height, y + below)), slice(max(0, x - half), min(width, x + half))


def _sources(
    rows: slice, columns: slice, eyes_px: tuple[float, float], eye_distance_px: float, angle: float
) -> NDArray[np.floating[Any]]:
    """Return for each pixel of the window the column of `layers` that it shows.

    Where a point of the head comes to lie is known; where a pixel comes from is found by going back and forth.
    """
    import numpy as np

    y, x_seen = np.meshgrid(
        (np.arange(rows.start, rows.stop, dtype=np.float32) - eyes_px[1]) / eye_distance_px,
        (np.arange(columns.start, columns.stop, dtype=np.float32) - eyes_px[0]) / eye_distance_px,
        indexing="ij",
    )
    x = x_seen.copy()
    for _ in range(_STEPS):
        x = x_seen - _share(x, y) * (x * (math.cos(angle) - 1.0) + _depth(x, y) * math.sin(angle))
    placed: NDArray[np.floating[Any]] = x * eye_distance_px + eyes_px[0]
    return placed


def _depth(x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Return how far before the eyes the head is at a place."""
    import numpy as np

    def dome(across: NDArray[np.floating[Any]], down: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        inside = 1.0 - (across / _HALF_WIDTH) ** 2 - ((down - _MIDDLE_Y) / _HALF_HEIGHT) ** 2
        curved: NDArray[np.floating[Any]] = _DEPTH * np.sqrt(np.maximum(inside, 0.05))
        return curved

    at_eyes = dome(np.full(1, 0.5, np.float32), np.zeros(1, np.float32))[0]
    nose = _NOSE_LENGTH * np.exp(-((x / _NOSE_SPREAD[0]) ** 2) - ((y - _NOSE_Y) / _NOSE_SPREAD[1]) ** 2)
    depth: NDArray[np.floating[Any]] = dome(x, y) - at_eyes + nose
    return depth


def _share(x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Return 1 on the head, 0 on room and shoulders, a soft edge between."""
    import numpy as np

    away = np.sqrt((x / (_HALF_WIDTH * 1.25)) ** 2 + ((y - _MIDDLE_Y) / (_HALF_HEIGHT * 1.1)) ** 2)
    share: NDArray[np.floating[Any]] = np.clip((1.25 - away) / 0.35, 0.0, 1.0)
    return share


def _sample_row_wise(rows: Layers, source: NDArray[np.floating[Any]]) -> Layers:
    """Return the pixels at fractional columns of their own rows."""
    import numpy as np

    left = np.clip(np.floor(source), 0, rows.shape[1] - 2).astype(np.intp)
    part = np.clip(source - left, 0.0, 1.0)[..., None]
    row = np.arange(rows.shape[0])[:, None]
    sampled: Layers = rows[row, left] * (1.0 - part) + rows[row, left + 1] * part
    return sampled
