"""Which side of the card is up, told by layout before any sign is read (R04, design D11).

The back shows itself by its QR code and by twelve digits set in three groups of four. Both are looked for as shapes: the
code is not decoded and the digits are not read. Not to find them proves nothing; whoever reads on must see the front
first.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.card_front.rectified import PIXELS_PER_MM, RectifiedCard

Grey = NDArray[np.uint8]

_QR_SIDE_MM: Final = 9.5
"""A little smaller than the smallest code in use on cards."""
_QR_WINDOW_MM: Final = 4.0
_QR_STEPS_PER_MM: Final = 0.42
"""Changes between dark and light, along and across, in every window; a code of 21 modules in 14 mm has about 0.7."""
_QR_CONTRAST: Final = 0.2
"""Deviation of brightness over its mean; the print of a front has less over so large a square."""
_QR_BRIGHTNESS: Final = 0.75
"""Mean brightness over the brightest: half of a code is dark, of the boldest print less than a third."""

_GROUP_HEIGHT_MM: Final = (2.0, 5.5)
_GROUP_SHAPE: Final = (2.2, 3.5)
"""Width over height of four digits."""
_GROUPS: Final = 3
_LIKE: Final = 0.09
"""Greatest difference between the groups of one number, as a share."""
_UNEVEN: Final = 0.15
"""Greatest difference between the two gaps, in heights."""
_GROUP_GAP: Final = (0.15, 1.3)
"""Between groups, in heights."""


def shows_back(card: RectifiedCard) -> bool:
    """Tell whether a flat card, either way up, bears the QR code or the number group of a back."""
    return has_dense_square(card.grey) or has_number_groups(card.ink)


def has_code(grey: Grey) -> bool:
    """Tell whether a QR code's corner marks stand anywhere in a frame; the code is not decoded."""
    found, _ = cv2.QRCodeDetector().detect(grey)
    return bool(found)


def has_dense_square(grey: Grey) -> bool:
    """Tell whether a flat card has a square that changes between dark and light all over, as a QR code does."""
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.5).astype(np.float32)
    window = round(_QR_WINDOW_MM * PIXELS_PER_MM)
    around = cv2.blur(smooth, (window, window))
    spread = np.sqrt(np.maximum(cv2.blur(smooth * smooth, (window, window)) - around * around, 0))
    dark = (smooth < around).astype(np.float32)
    steps = np.minimum(_steps(dark, 1, window), _steps(dark, 0, window)) * PIXELS_PER_MM
    paper = cv2.dilate(smooth, np.ones((window, window), np.uint8))
    dense = (steps > _QR_STEPS_PER_MM) & (spread > _QR_CONTRAST * np.maximum(around, 16))
    dense &= around < _QR_BRIGHTNESS * paper
    inner = round((_QR_SIDE_MM - _QR_WINDOW_MM) * PIXELS_PER_MM)
    return bool(cv2.erode(dense.astype(np.uint8), np.ones((inner, inner), np.uint8), borderValue=0).any())


def _steps(dark: NDArray[np.float32], axis: int, window: int) -> NDArray[np.float32]:
    """Return the share of neighbours along `axis` that differ, in the window around each pixel."""
    changes = np.abs(np.diff(dark, axis=axis, append=0))
    return np.asarray(cv2.blur(changes, (window, window)), dtype=np.float32)


def has_number_groups(ink: Grey) -> bool:
    """Tell whether three blocks of the shape of four digits stand in a row, alike and evenly spaced."""
    smooth = cv2.GaussianBlur(ink, (0, 0), 1.2)
    strokes = (smooth > max(30.0, cv2.threshold(smooth, 0, 255, cv2.THRESH_OTSU)[0] * 0.8)).astype(np.uint8)
    # The gap between digits closes, the gap between groups stays open.
    for joint_mm in _JOINTS_MM:
        joint = np.ones((1, round(joint_mm * PIXELS_PER_MM)), np.uint8)
        blocks = _blocks(cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, joint))
        if any(_is_number(row) for row in _rows(blocks)):
            return True
    return False


_JOINTS_MM: Final = (0.5, 0.8, 1.1)

Block = tuple[float, float, float, float]
"""Left, top, width, height in millimetres."""


def _blocks(joined: NDArray[np.uint8]) -> list[Block]:
    _, _, table, _ = cv2.connectedComponentsWithStats(joined)
    blocks = [tuple(float(side) / PIXELS_PER_MM for side in row[:4]) for row in table[1:]]
    low, high = _GROUP_HEIGHT_MM
    slim, broad = _GROUP_SHAPE
    return [
        (left, top, width, height)
        for left, top, width, height in blocks
        if low <= height <= high and slim <= width / height <= broad
    ]


def _rows(blocks: Sequence[Block]) -> list[tuple[Block, ...]]:
    """Return every three neighbouring blocks that stand on one line."""
    rows: list[tuple[Block, ...]] = []
    for block in blocks:
        same = sorted(
            other
            for other in blocks
            if abs(other[1] + other[3] / 2 - block[1] - block[3] / 2) < 0.3 * block[3]
        )
        rows.extend(tuple(same[at : at + _GROUPS]) for at in range(len(same) - _GROUPS + 1))
    return rows


def _is_number(row: tuple[Block, ...]) -> bool:
    widths, heights = [block[2] for block in row], [block[3] for block in row]
    gaps = [right[0] - left[0] - left[2] for left, right in pairwise(row)]
    narrow, wide = (factor * max(heights) for factor in _GROUP_GAP)
    return (
        max(widths) <= min(widths) * (1 + _LIKE)
        and max(heights) <= min(heights) * (1 + _LIKE)
        and all(narrow <= gap <= wide for gap in gaps)
        and abs(gaps[0] - gaps[1]) <= _UNEVEN * max(heights)
    )
