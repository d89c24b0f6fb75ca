"""How plain the wall or sheet behind a head is: its brightness beside the head, from the picture's edge inward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from appliance.face.detection import FivePoints, Grey

_CLEAR_OF_HEAD: Final = 1.55
"""Eye distances from the middle of the eyes to where hair and ears have ended."""
_BELOW_EYES: Final = 0.9
"""Eye distances below the eyes down to which nothing but wall stands beside a head; then shoulders may begin."""
_BLOCK_PX: Final = 8
_JUMP: Final = 14.0
"""Grey levels between neighbouring blocks that a shadow's soft edge does not reach."""
_LEAST_BLOCKS: Final = 12


@dataclass(frozen=True, slots=True)
class Backdrop:
    """What is seen beside the head."""

    spread: float
    """Grey levels between the 5th and the 95th percentile of its parts."""
    edges: float
    """Share of neighbouring parts between which brightness jumps."""
    luma: float
    """Mean brightness, 0 to 255."""


def measure_backdrop(picture: Grey, points: FivePoints) -> Backdrop:
    """Measure the background of an upright portrait; one that shows none beside the head counts as plain."""
    sides = [side for side in _sides(picture, points) if side.size]
    blocks = [block for block in (_blocks(side) for side in sides) if block.size]
    if sum(block.size for block in blocks) < _LEAST_BLOCKS:
        return Backdrop(0.0, 0.0, 0.0)
    shades = np.concatenate([block.ravel() for block in blocks])
    jumps = np.concatenate(
        [np.abs(np.diff(block, axis=axis)).ravel() > _JUMP for block in blocks for axis in (0, 1)]
    )
    darker, brighter = np.percentile(shades, (5, 95))
    return Backdrop(
        spread=float(brighter - darker),
        edges=float(jumps.mean()) if jumps.size else 0.0,
        luma=float(shades.mean()),
    )


def _sides(picture: Grey, points: FivePoints) -> tuple[Grey, Grey]:
    (right_x, right_y), (left_x, left_y) = points.eyes
    unit = max(abs(right_x - left_x), 1.0)
    middle_x, eye_y = (right_x + left_x) / 2, (right_y + left_y) / 2
    bottom = max(0, int(eye_y + _BELOW_EYES * unit))
    left_end = max(0, int(middle_x - _CLEAR_OF_HEAD * unit))
    right_begin = max(0, int(middle_x + _CLEAR_OF_HEAD * unit))
    return picture[:bottom, :left_end], picture[:bottom, right_begin:]


def _blocks(side: Grey) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return the mean shade of each whole block."""
    rows, columns = side.shape[0] // _BLOCK_PX, side.shape[1] // _BLOCK_PX
    whole = side[: rows * _BLOCK_PX, : columns * _BLOCK_PX].astype(np.float64)
    means: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = whole.reshape(
        rows, _BLOCK_PX, columns, _BLOCK_PX
    ).mean(axis=(1, 3))
    return means
