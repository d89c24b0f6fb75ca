"""Where a card lies in a frame: its four sides, found as long straight edges that fit the proportion of ID-1.

Sides are found one by one, so that a finger over a corner hides a corner and not the card. Edges of the print inside
are passed over because a card's own sides part it from what lies around it along their whole length.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.card_front.rectified import PROPORTION, Corners

Grey = NDArray[np.uint8]
Pixels = NDArray[np.uint8]
Shades = NDArray[np.float32] | Grey
Floats = NDArray[np.float64]

_WORKING_WIDTH_PX: Final = 640
_SURROUNDINGS_PX: Final = 40.0
_COARSER: Final = 4
_FINE_GAIN: Final = 2.5
_COARSE_GAIN: Final = 5.0
_COLOUR_GAIN: Final = 5.0
"""The segment detector sees steps of about five grey levels a pixel; a white card on a white sheet makes two."""
_RIM: Final = 0.02
_GREATEST_TAPER: Final = 1.4
"""How much longer a near side may look than the far one."""
_QUADS_LOOKED_AT: Final = 1_500
_LEAST_SEGMENT: Final = 0.03
"""Of the working width."""
_LEAST_SIDE: Final = 0.12
"""Shortest side of a card worth asking to come closer, of the working width."""
_LINES_PER_DIRECTION: Final = 9
_SAME_ANGLE_RAD: Final = np.radians(4)
_SAME_OFFSET_PX: Final = 5.0
_STEEPEST_RAD: Final = np.radians(35)
"""A card held more askew than this is asked to be straightened."""
_SAMPLES: Final = 36
_GREATEST_SLANT: Final = 1.45
"""How much longer than its proportion a slanted card may look, either way."""
_USUAL_MISFIT: Final = 0.15
"""A card tilted by 30 degrees looks shorter by this much (logarithm of 1 / cos 30 degrees)."""
_LEAST_SUPPORT: Final = 0.55
"""Share of all four sides along which an edge is seen."""
_LEAST_SIDE_SUPPORT: Final = 0.3
_STEP: Final = 0.035
"""Least step across a side, over four pixels: as a share of the brightness, or of colour weighed to match."""
_DARKEST: Final = 8.0
_COLOUR_WEIGHT: Final = 0.02
_EDGE: Final = 8.0
"""Step that a side is surely moved to, in grey levels."""


def find_outline(rgb: Pixels) -> Corners | None:
    """Return the card's corners in pixels of `rgb`, clockwise from the upper left as it lies, or None."""
    scale = rgb.shape[1] / _WORKING_WIDTH_PX
    small = cv2.resize(rgb, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA)
    level, upright = _lines(_planes(small))
    best = _best_quad(_witnesses(small), level, upright)
    if best is None:
        return None
    return _refine(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), best * scale)


def _planes(small: Pixels) -> tuple[Grey, ...]:
    """Return what can part a card from its ground: brightness, fine and coarse, and the two axes of colour."""
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    fine = _evened(cv2.GaussianBlur(lab[:, :, 0], (0, 0), 1.2), _FINE_GAIN)
    coarse = _evened(cv2.GaussianBlur(lab[:, :, 0], (0, 0), 3.0), _COARSE_GAIN)
    colours = cv2.GaussianBlur(lab[:, :, 1:], (0, 0), 3.0).astype(np.float32)
    stretched = np.clip((colours - 128) * _COLOUR_GAIN + 128, 0, 255).astype(np.uint8)
    return fine, coarse, np.ascontiguousarray(stretched[:, :, 0]), np.ascontiguousarray(stretched[:, :, 1])


def _witnesses(small: Pixels) -> tuple[Shades, ...]:
    """Return where a side must show as a true step: in relative brightness or in colour.

    The planes that lines are looked for in will not do: evening the light leaves a soft slope beside every strong edge.
    """
    lab = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), (0, 0), 1.2).astype(np.float32)
    relative = np.log(lab[:, :, 0] + _DARKEST)
    colours = cv2.GaussianBlur(lab[:, :, 1:], (0, 0), 2.0) * _COLOUR_WEIGHT
    return relative, colours[:, :, 0], colours[:, :, 1]


def _evened(smooth: Grey, gain: float) -> Grey:
    """Bring dark and bright parts of the frame to one brightness, so that an edge in the shade counts as one."""
    # Small and back again: a wide Gaussian for little time. A box would draw straight edges of its own.
    coarse = cv2.resize(smooth, None, fx=1 / _COARSER, fy=1 / _COARSER, interpolation=cv2.INTER_AREA)
    wide = cv2.GaussianBlur(coarse, (0, 0), _SURROUNDINGS_PX / _COARSER)
    size = (smooth.shape[1], smooth.shape[0])
    around = cv2.resize(wide, size, interpolation=cv2.INTER_LINEAR).astype(np.float32)
    relative = smooth / np.maximum(around, 12.0) - 1
    return np.asarray(np.clip(128 + 110 * gain * relative, 0, 255), dtype=np.uint8)


def _lines(planes: Sequence[Grey]) -> tuple[Floats, Floats]:
    """Return the strongest near-level and near-upright lines of all planes, each as unit normal and offset (a, b, c)."""
    level: list[Floats] = []
    upright: list[Floats] = []
    for plane in planes:
        segments, lengths, slope = _segments(plane)
        for lines, chosen in ((level, slope <= _STEEPEST_RAD), (upright, slope >= np.pi / 2 - _STEEPEST_RAD)):
            for line in _strongest(segments[chosen], lengths[chosen]):
                if not any(_is_same(line, other) for other in lines):
                    lines.append(line)
    return np.array(level).reshape(-1, 3), np.array(upright).reshape(-1, 3)


def _segments(plane: Grey) -> tuple[Floats, Floats, Floats]:
    """Return straight segments with their lengths and slopes (0 level, pi/2 upright)."""
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(plane)[0]
    segments = np.zeros((0, 4)) if found is None else np.asarray(found, dtype=np.float64).reshape(-1, 4)
    lengths = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    segments = segments[lengths >= _LEAST_SEGMENT * _WORKING_WIDTH_PX]
    lengths = lengths[lengths >= _LEAST_SEGMENT * _WORKING_WIDTH_PX]
    slope = np.abs(np.arctan2(segments[:, 3] - segments[:, 1], segments[:, 2] - segments[:, 0]))
    return segments, lengths, np.minimum(slope, np.pi - slope)


def _is_same(line: Floats, other: Floats) -> bool:
    """Tell whether two lines run within a few pixels of each other around the middle of the frame."""
    sign = 1.0 if line[:2] @ other[:2] > 0 else -1.0
    middle = np.array([_WORKING_WIDTH_PX / 2, _WORKING_WIDTH_PX * 9 / 32])
    apart = abs(line[:2] @ middle + line[2] - sign * (other[:2] @ middle + other[2]))
    return bool(apart < _SAME_OFFSET_PX / 2 and abs(line[:2] @ other[:2]) > np.cos(_SAME_ANGLE_RAD / 4))


def _strongest(segments: Floats, lengths: Floats) -> list[Floats]:
    """Join segments that lie on one line; return the lines with the longest sums."""
    lines: list[tuple[float, Floats]] = []
    free = np.ones(len(segments), dtype=bool)
    for index in np.argsort(-lengths):
        if not free[index]:
            continue
        line = _through(segments[index])
        near = free & _lies_on(segments, line)
        free &= ~near
        lines.append((float(lengths[near].sum()), _fit(segments[near])))
    lines.sort(key=lambda each: -each[0])
    return [line for _, line in lines[:_LINES_PER_DIRECTION]]


def _through(segment: Floats) -> Floats:
    x0, y0, x1, y1 = segment
    normal = np.array([y1 - y0, x0 - x1]) / np.hypot(x1 - x0, y1 - y0)
    return np.array([*normal, -normal @ [x0, y0]])


def _lies_on(segments: Floats, line: Floats) -> NDArray[np.bool_]:
    starts = np.abs(segments[:, :2] @ line[:2] + line[2])
    ends = np.abs(segments[:, 2:] @ line[:2] + line[2])
    directions = segments[:, 2:] - segments[:, :2]
    leans = np.abs(directions @ line[:2]) / np.maximum(np.hypot(*directions.T), 1e-9)
    near = np.maximum(starts, ends) <= _SAME_OFFSET_PX
    return np.asarray(near & (leans <= np.sin(_SAME_ANGLE_RAD)), dtype=bool)


def _fit(segments: Floats) -> Floats:
    points = segments.reshape(-1, 2).astype(np.float32)
    along_x, along_y, x, y = (float(each[0]) for each in cv2.fitLine(points, cv2.DIST_L2, 0, 0.01, 0.01))
    return np.array([along_y, -along_x, along_x * y - along_y * x])


def _best_quad(planes: Sequence[Shades], level: Floats, upright: Floats) -> Floats | None:
    """Return the quad whose four sides are best seen, the larger and the more like a card the better."""
    quads = _quads(level, upright, planes[0].shape)
    if not len(quads):
        return None
    fit = _areas(quads) * np.exp(-((_misfit(quads) / _USUAL_MISFIT) ** 2) / 2)
    likeliest = np.argsort(-fit)[:_QUADS_LOOKED_AT]
    quads, fit = quads[likeliest], fit[likeliest]
    support = np.max([_support(plane, quads) for plane in planes], axis=0)
    seen = (support.mean(axis=1) >= _LEAST_SUPPORT) & (support.min(axis=1) >= _LEAST_SIDE_SUPPORT)
    weight = np.where(seen, support.mean(axis=1) ** 8 * fit, 0.0)
    best = int(weight.argmax())
    return quads[best] if weight[best] > 0 else None


def _quads(level: Floats, upright: Floats, shape: tuple[int, ...]) -> Floats:
    """Return every quad of two level and two upright lines that can be a card: n x 4 x 2."""
    if len(level) < 2 or len(upright) < 2:
        return np.zeros((0, 4, 2))
    crossings = _crossings(level, upright)
    upper, lower = np.triu_indices(len(level), 1)
    left, right = np.triu_indices(len(upright), 1)
    quads = np.stack(
        [
            crossings[upper[:, None], left[None]],
            crossings[upper[:, None], right[None]],
            crossings[lower[:, None], right[None]],
            crossings[lower[:, None], left[None]],
        ],
        axis=2,
    ).reshape(-1, 4, 2)
    ordered = _clockwise(quads)
    return ordered[_can_be_card(ordered, shape)]


def _crossings(level: Floats, upright: Floats) -> Floats:
    """Return where each level line crosses each upright one; they never run parallel."""
    a, b = level[:, None], upright[None]
    cross = a[..., 0] * b[..., 1] - b[..., 0] * a[..., 1]
    x = (a[..., 1] * b[..., 2] - b[..., 1] * a[..., 2]) / cross
    y = (b[..., 0] * a[..., 2] - a[..., 0] * b[..., 2]) / cross
    return np.stack([x, y], axis=-1)


def _clockwise(quads: Floats) -> Floats:
    """Order corners: upper left, upper right, lower right, lower left."""
    about = quads - quads.mean(axis=1, keepdims=True)
    turns = np.argsort(np.arctan2(about[..., 1], about[..., 0]), axis=1)
    return np.take_along_axis(quads, turns[..., None], axis=1)


def _can_be_card(quads: Floats, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    rim = _RIM * shape[1]
    within = (quads.min(axis=(1, 2)) > -rim) & (quads[..., 0].max(axis=1) < shape[1] + rim)
    within &= quads[..., 1].max(axis=1) < shape[0] + rim
    sides = np.linalg.norm(np.roll(quads, -1, axis=1) - quads, axis=2)
    large = sides.min(axis=1) >= _LEAST_SIDE * shape[1]
    opposite = np.maximum(sides[:, :2] / sides[:, 2:], sides[:, 2:] / sides[:, :2]).max(axis=1)
    fits = np.abs(_misfit(quads)) <= np.log(_GREATEST_SLANT)
    return np.asarray(within & large & fits & (opposite <= _GREATEST_TAPER), dtype=bool)


def _misfit(quads: Floats) -> Floats:
    """Return by how much each quad's proportion differs from a card's seen from the front, as a logarithm."""
    sides = np.linalg.norm(np.roll(quads, -1, axis=1) - quads, axis=2)
    return np.asarray(
        np.log((sides[:, 0] + sides[:, 2]) / (sides[:, 1] + sides[:, 3]) / PROPORTION), dtype=np.float64
    )


def _areas(quads: Floats) -> Floats:
    ahead = np.roll(quads, -1, axis=1)
    doubled = (quads[:, :, 0] * ahead[:, :, 1] - ahead[:, :, 0] * quads[:, :, 1]).sum(axis=1)
    return np.asarray(np.abs(doubled) / 2, dtype=np.float64)


def _support(plane: Shades, quads: Floats) -> Floats:
    """Return, for each quad and side, the share of its length where brightness steps the way it mostly does there."""
    starts, ends = quads, np.roll(quads, -1, axis=1)
    along = (ends - starts) / np.maximum(np.linalg.norm(ends - starts, axis=2, keepdims=True), 1e-9)
    inward = np.stack([-along[:, :, 1], along[:, :, 0]], axis=2)
    places = np.linspace(0.06, 0.94, _SAMPLES)[None, None, :, None]
    points = starts[:, :, None] * (1 - places) + ends[:, :, None] * places
    inside = _look_up(plane, points + 2.0 * inward[:, :, None])
    outside = _look_up(plane, points - 2.0 * inward[:, :, None])
    step = inside - outside
    brighter, darker = (step > _STEP).mean(axis=2), (step < -_STEP).mean(axis=2)
    return np.asarray(np.maximum(brighter, darker), dtype=np.float64)


def _look_up(picture: Shades, points: Floats) -> Floats:
    columns = np.clip(np.rint(points[..., 0]), 0, picture.shape[1] - 1).astype(np.intp)
    rows = np.clip(np.rint(points[..., 1]), 0, picture.shape[0] - 1).astype(np.intp)
    return picture[rows, columns].astype(np.float64)


def _refine(grey: Grey, quad: Floats) -> Corners:
    """Move each side to the steepest step of brightness near it, at full resolution."""
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    sides = [_refine_side(smooth, quad[index], quad[(index + 1) % 4]) for index in range(4)]
    corners = np.array([_crossings(sides[index - 1][None], sides[index][None])[0, 0] for index in range(4)])
    moved = np.abs(corners - quad).max()
    return np.asarray(corners if moved < 0.03 * grey.shape[1] else quad, dtype=np.float32)


def _refine_side(smooth: Grey, start: Floats, end: Floats) -> Floats:
    along = (end - start) / np.linalg.norm(end - start)
    inward = np.array([-along[1], along[0]])
    places = np.linspace(0.08, 0.92, 4 * _SAMPLES)[:, None, None]
    offsets = np.arange(-11.0, 12.0)
    points = start * (1 - places) + end * places + offsets[None, :, None] * inward
    steps = np.diff(_look_up(smooth, points), axis=1)
    sign = np.sign(steps.sum())
    best = (steps * sign).argmax(axis=1)
    on_edge = points[np.arange(len(best)), best] + 0.5 * inward
    strong = (steps * sign).max(axis=1) > _EDGE / 3
    if strong.sum() < _SAMPLES:
        return _through(np.concatenate([start, end]))
    fitted = cv2.fitLine(on_edge[strong].astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01)
    along_x, along_y, x, y = (float(each[0]) for each in fitted)
    return np.array([along_y, -along_x, along_x * y - along_y * x])
