"""Lines of print in a zone of a flat card, and pictures of them for the reading engine.

A line is asked for at several sizes and softnesses: what is printed stays the same in all of them, what noise, glare or
a scratch adds does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.card_front.rectified import PIXELS_PER_MM, RectifiedCard, Zone

Grey = NDArray[np.uint8]

_LEAST_INK: Final = 26
"""Print on paper stands out by at least a tenth of the paper's brightness."""
_LOWEST_LINE_MM: Final = 1.5
_HIGHEST_LINE_MM: Final = 4.4
_SPACE: Final = 2.2
"""Widest gap within a line, in heights of the line."""
_MARGIN: Final = 0.25
"""White left around a line, in heights of the line."""


@dataclass(frozen=True, slots=True)
class Look:
    """One way of showing a line to the engine."""

    height_px: int
    """Of the picture: the line and its margins."""
    softness: float
    """Gaussian blur of the ink before scaling, in pixels of the flat card."""


LOOKS: Final = (Look(44, 1.0), Look(56, 1.6), Look(36, 0.6))
"""Sizes around the 36 to 48 pixels that the engine's networks were trained at."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """Where a line stands, in pixels of the flat card."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        """From the highest to the lowest stroke."""
        return self.bottom - self.top

    def part(self, start: int, end: int) -> TextLine:
        """Return the part between two columns, counted from the line's left."""
        return TextLine(self.left + start, self.top, self.left + end, self.bottom)


def find_lines(card: RectifiedCard, zone: Zone) -> tuple[TextLine, ...]:
    """Return the lines of print in a zone, from top to bottom."""
    ink = cv2.GaussianBlur(card.ink_in(zone), (0, 0), 1.2)
    strokes = ink > max(_LEAST_INK, cv2.threshold(ink, 0, 255, cv2.THRESH_OTSU)[0] * 0.8)
    left, top = round(zone.left * PIXELS_PER_MM), round(zone.top * PIXELS_PER_MM)
    lines = []
    for start, end in _runs(_row_profile(strokes) > 0.014):
        if not _LOWEST_LINE_MM <= (end - start) / PIXELS_PER_MM <= _HIGHEST_LINE_MM:
            continue
        columns = _widest_cluster(strokes[start:end].any(axis=0), round(_SPACE * (end - start)))
        if columns is not None:
            lines.append(TextLine(left + columns[0], top + start, left + columns[1], top + end))
    return tuple(lines)


def _row_profile(strokes: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.convolve(strokes.mean(axis=1), np.ones(3) / 3, mode="same")


def _runs(claims: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield where `claims` holds without a break: start and end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], claims, [False]]).astype(np.int8)))
    yield from ((int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True))


def _widest_cluster(columns: NDArray[np.bool_], space_px: int) -> tuple[int, int] | None:
    """Return the widest stretch of columns with ink that has no gap wider than `space_px`."""
    clusters: list[tuple[int, int]] = []
    for start, end in _runs(columns):
        if clusters and start - clusters[-1][1] <= space_px:
            clusters[-1] = (clusters[-1][0], end)
        else:
            clusters.append((start, end))
    return max(clusters, key=lambda each: each[1] - each[0], default=None)


def picture_of(card: RectifiedCard, line: TextLine, look: Look) -> Grey:
    """Return a line as dark print on white, alone: what stands beside it is left out."""
    margin = round(_MARGIN * line.height)
    rows = slice(max(0, line.top - margin), line.bottom + margin)
    ink = cv2.copyMakeBorder(
        card.ink[rows, line.left : line.right], 0, 0, margin, margin, cv2.BORDER_CONSTANT
    )
    soft = cv2.GaussianBlur(ink, (0, 0), look.softness)
    low, high = np.percentile(soft, (20, 98.5))
    even = np.clip((soft.astype(np.float32) - low) * (235 / max(high - low, 12.0)), 0, 255)
    width = max(1, round(ink.shape[1] * look.height_px / ink.shape[0]))
    return np.asarray(
        255 - cv2.resize(even, (width, look.height_px), interpolation=cv2.INTER_AREA), dtype=np.uint8
    )


def column_ink(card: RectifiedCard, line: TextLine) -> NDArray[np.float64]:
    """Return the mean ink of each column of a line, 0 to 1, against the line's darkest strokes."""
    ink = cv2.GaussianBlur(card.ink[line.top : line.bottom, line.left : line.right], (0, 0), 1.0)
    return np.asarray(ink.mean(axis=0) / max(float(np.percentile(ink, 98)), 1.0), dtype=np.float64)
