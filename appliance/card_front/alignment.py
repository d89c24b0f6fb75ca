"""Where on a line each character stands, found in its ink once what it says is known.

The reading engine's own boxes are guesses that miss by half a character and more (measured on drawn cards), too coarse
to cut out a group of digits for a second reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Span = tuple[int, int]

_DIGIT: Final = (0.42, 0.78)
"""Narrowest and widest cell of a digit, as a share of the type's size."""
_LONE_DIGIT: Final = (0.42, 1.35)
"""With the blank that stands where its tens would."""
_FULL_WIDTH: Final = (0.78, 1.18)
_MARGIN: Final = 0.3
"""Most that may be left over at the end."""
_MISFIT_COST: Final = 40.0
"""Cost of a cell that is wrong by the type's whole size, squared; a cut through a full stroke costs about 1."""


def align(ink: Floats, characters: str, type_px: float) -> tuple[Span, ...] | None:
    """Return the columns of each of `characters` on a line, or None when they do not fit.

    `ink` is the mean ink of each column, 0 to 1; `type_px` the size of the type. The line starts at its first character.
    """
    ranges = [_width_range(characters, index) for index in range(len(characters))]
    columns = len(ink)
    cost = np.full(columns + 1, np.inf)
    cost[0] = 0.0
    cut_cost = np.concatenate([ink, [0.0]])
    came_from = np.zeros((len(ranges), columns + 1), dtype=np.intp)
    for index, (narrow, wide) in enumerate(ranges):
        cost, came_from[index] = _step(cost, cut_cost, narrow * type_px, wide * type_px, type_px)
    earliest = max(0, columns - int(_MARGIN * type_px))
    end = earliest + int(cost[earliest:].argmin())
    if not np.isfinite(cost[end]):
        return None
    return _trace(came_from, end)


def _width_range(characters: str, index: int) -> tuple[float, float]:
    if not _is_digit(characters[index]):
        return _FULL_WIDTH
    before = index > 0 and _is_digit(characters[index - 1])
    after = index + 1 < len(characters) and _is_digit(characters[index + 1])
    return _DIGIT if before or after else _LONE_DIGIT


def _is_digit(character: str) -> bool:
    return character.isascii() and character.isdecimal()


def _step(
    cost: Floats, cut_cost: Floats, narrow: float, wide: float, type_px: float
) -> tuple[Floats, NDArray[np.intp]]:
    """Extend every alignment by one cell; return the least cost of ending at each column, and where that cell began."""
    best = np.full(len(cost), np.inf)
    begin = np.zeros(len(cost), dtype=np.intp)
    for width in range(max(1, int(0.6 * narrow)), int(1.25 * wide) + 1):
        if width >= len(cost):
            break
        misfit = max(narrow - width, width - wide, 0.0) / type_px
        candidate = cost[:-width] + cut_cost[width:] + _MISFIT_COST * misfit**2
        better = candidate < best[width:]
        best[width:][better] = candidate[better]
        begin[width:][better] = np.flatnonzero(better)
    return best, begin


def _trace(came_from: NDArray[np.intp], end: int) -> tuple[Span, ...]:
    spans: list[Span] = []
    for begins in reversed(came_from):
        start = int(begins[end])
        spans.append((start, end))
        end = start
    return tuple(reversed(spans))


def group_columns(spans: Sequence[Span], start: int, end: int) -> Span:
    """Return the columns of the characters from `start` up to, not including, `end`."""
    return spans[start][0], spans[end - 1][1]
