"""Grey pictures as terminal cells: photographs in quadrant blocks, ink on paper in braille dots.

A cell is about twice as high as wide. Quadrants carry two grey tones a cell, which suits a face; braille carries 2 x 4 dots
whose pixels are square, which keeps the strokes of a kanji apart. Pure: arrays in, characters and tones out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from appliance.domain.ephemeral import GreyPicture

Grey = npt.NDArray[np.float32]
"""Height x width, 0 black to 255 white."""

QUADRANTS: Final = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""By mask: 1 upper left, 2 upper right, 4 lower left, 8 lower right."""
_BRAILLE_START: Final = 0x2800
_BRAILLE_BITS: Final = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint16)
"""Dot values by row and column of a cell (Unicode, block Braille Patterns)."""
_STRETCHED_PERCENTILES: Final = (1.0, 99.0)
_LINE_GAP_PX: Final = 2
"""Fewer blank rows than this do not part two lines of writing."""
_CUT_SEARCH_SHARE: Final = 0.25
"""How far back from the right edge a gap between two characters is looked for."""
_WHOLE_SCALES: Final = (2.0, 1.75, 1.5, 1.25, 1.0, 0.85)
_CUT_SCALES: Final = (1.25, 1.0, 0.85, 0.7, 0.6)
"""Below the last one, strokes of 12-pixel characters run together."""
_INK_FROM: Final = 110.0
"""Area-averaged darkness from which a dot is drawn; below the middle, so that thin strokes survive."""


@dataclass(frozen=True, slots=True)
class TonedCells:
    """Characters with two tones each."""

    masks: npt.NDArray[np.uint8]
    """Rows x columns, an index into `QUADRANTS`."""
    front: npt.NDArray[np.uint8]
    back: npt.NDArray[np.uint8]


def grey_of(picture: GreyPicture) -> Grey:
    """Return the picture's pixels as an array of its own."""
    return np.frombuffer(picture.grey, np.uint8).reshape(picture.height, picture.width).astype(np.float32)


def photo_size_cells(picture: GreyPicture, most_columns: int, most_rows: int) -> tuple[int, int]:
    """Return the columns and rows that hold the picture in its true proportions."""
    columns_per_row = 2 * picture.width / picture.height
    rows = min(float(most_rows), most_columns / columns_per_row)
    return max(round(rows * columns_per_row), 1), max(round(rows), 1)


def photo_cells(grey: Grey, columns: int, rows: int) -> TonedCells:
    """Draw a photograph in quadrants, its tones stretched to the whole range."""
    low, high = np.percentile(grey, _STRETCHED_PERCENTILES)
    stretched = np.clip((grey - low) * (255.0 / max(high - low, 1.0)), 0, 255)
    small = resized(stretched.astype(np.float32), 2 * columns, 2 * rows)
    quarters = small.reshape(rows, 2, columns, 2).transpose(0, 2, 1, 3).reshape(rows, columns, 4)
    is_light = quarters >= quarters.mean(axis=2, keepdims=True)
    masks = (is_light * np.array([1, 2, 4, 8])).sum(axis=2).astype(np.uint8)
    front = _mean_where(quarters, is_light)
    return TonedCells(masks, front, np.where(masks == 15, front, _mean_where(quarters, ~is_light)))


def ink_lines(grey: Grey, columns: int, scale: float) -> list[str]:
    """Draw writing in braille, cut between characters where it is wider than `columns`, without its blank border."""
    lines: list[str] = []
    for band in _bands(grey < 128):
        for part in _parts(grey[band[0] : band[1]], int(columns * 2 / scale)):
            lines.extend(_braille(part, scale))
    return lines


def best_ink_lines(grey: Grey, columns: int, rows: int) -> list[str]:
    """Draw writing as large as it fits without being cut, else cut and smaller; smaller than the last scale never."""
    for scale in _WHOLE_SCALES:
        if _ink_width(grey) * scale <= columns * 2 and len(lines := ink_lines(grey, columns, scale)) <= rows:
            return lines
    lines = []
    for scale in _CUT_SCALES:
        lines = ink_lines(grey, columns, scale)
        if len(lines) <= rows:
            break
    return lines


def resized(grey: Grey, width: int, height: int) -> Grey:
    """Return the picture at another size; each new pixel is the mean of the area that it covers."""
    return _area_means(_area_means(grey, height).T, width).T


def _area_means(grey: Grey, count: int) -> Grey:
    size = grey.shape[0]
    sums = np.vstack([np.zeros((1, grey.shape[1]), np.float64), np.cumsum(grey, axis=0, dtype=np.float64)])
    edges = np.linspace(0, size, count + 1)
    whole = np.minimum(edges.astype(int), size - 1)
    part = (edges - whole)[:, None]
    at_edges = sums[whole] * (1 - part) + sums[whole + 1] * part
    means: Grey = (np.diff(at_edges, axis=0) * (count / size)).astype(np.float32)
    return means


def _mean_where(quarters: Grey, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    total = np.where(chosen, quarters, 0).sum(axis=2)
    mean: npt.NDArray[np.uint8] = (total / np.maximum(chosen.sum(axis=2), 1)).astype(np.uint8)
    return mean


def _ink_width(grey: Grey) -> int:
    inked = np.flatnonzero((grey < 128).any(axis=0))
    return int(inked[-1] - inked[0]) + 1 if inked.size else 0


def _bands(is_ink: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first and end row of each line of writing."""
    inked = [int(row) for row in np.flatnonzero(is_ink.any(axis=1))]
    if not inked:
        return []
    breaks = [at for at, (row, below) in enumerate(pairwise(inked)) if below - row > _LINE_GAP_PX]
    starts = [inked[0], *(inked[at + 1] for at in breaks)]
    ends = [*(inked[at] + 1 for at in breaks), inked[-1] + 1]
    return list(zip(starts, ends, strict=True))


def _parts(band: Grey, most_px: int) -> list[Grey]:
    inked = np.flatnonzero((band < 128).any(axis=0))
    edges = [int(inked[0])]
    end = int(inked[-1]) + 1
    while end - edges[-1] > most_px:
        edges.append(_gap_before(band, edges[-1], edges[-1] + most_px))
    return [band[:, left:right] for left, right in pairwise([*edges, end])]


def _gap_before(band: Grey, start: int, edge: int) -> int:
    """Return the last blank column before `edge`, or `edge` when the writing has no gap near it."""
    first = edge - int((edge - start) * _CUT_SEARCH_SHARE)
    blank = np.flatnonzero(~(band[:, first:edge] < 128).any(axis=0))
    return first + int(blank[-1]) + 1 if blank.size else edge


def _braille(part: Grey, scale: float) -> list[str]:
    height, width = (max(round(size * scale), 1) for size in part.shape)
    small = part if scale == 1 else resized(part, width, height)
    dots = np.zeros((-(-height // 4) * 4, -(-width // 2) * 2), np.uint16)
    dots[:height, :width] = small < 255 - _INK_FROM
    rows, columns = dots.shape[0] // 4, dots.shape[1] // 2
    by_cell = dots.reshape(rows, 4, columns, 2).transpose(0, 2, 1, 3)
    codes = (by_cell * _BRAILLE_BITS).sum(axis=(2, 3)) + _BRAILLE_START
    return ["".join(map(chr, row)) for row in codes]
