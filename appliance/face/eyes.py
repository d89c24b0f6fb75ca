"""Whether the eyes in a face chip are closed, from five measures at the eye corners (face.md §4).

The five landmarks give no opening of the eye, but they put each eye at one place of the chip. An open eye is a dark disc
between bright sides, under the upper lid; a closed one is a dark line along the lower lid with even skin above it.
No trained model is behind this: each measure follows from that picture. The five are weighed by a logistic rule that was
fitted to faces with drawn eyelids and checked on other faces (docs/face-capture.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]

EYES_PX: Final = ((48, 47), (100, 47))
"""Middle of both eyes in a chip of 150 px, left one of the picture first: dlib's mean face of five points places outer and
inner corners at 37 and 58, and at 90 and 111, all near row 47."""

_HALF_WIDTH_PX: Final = 12
_ABOVE_PX: Final = 10
"""Up to the brow, which is as dark as an eye."""
_BELOW_PX: Final = 12
_EYE_WIDTH_PX: Final = 21.4
"""Corner to corner."""
_LEAST_RANGE: Final = 8.0
"""Grey levels: below this an eye's patch shows nothing but noise."""


@dataclass(frozen=True, slots=True)
class EyeMeasures:
    """What one eye's patch shows, shades relative to its own darkest (0) and brightest (1)."""

    darkest_row: float
    """Row of the darkest profile below the line of the corners, in eye widths; the best single measure of face.md."""
    iris: float
    """How much darker the middle is than the sides."""
    across: float
    """Share of the shading that changes along the eye: an iris has upright edges, a line of lashes has none."""
    above: float
    """Shade of the middle above the line: iris or lid."""
    below: float
    """Shade of the middle below the line: white and skin, or lashes."""


_WEIGHTS: Final = EyeMeasures(darkest_row=5.5, iris=-5.6, across=-11.1, above=8.3, below=-10.9)
_OFFSET: Final = 7.0


def measure_closed_eyes(chip: Grey) -> float:
    """Return how surely both eyes of an upright chip (150 x 150) are closed, from 0 to 1."""
    both = [_weigh(_measure(_patch(chip, x, y))) for x, y in EYES_PX]
    return 1.0 / (1.0 + math.exp(-sum(both) / len(both)))


def _weigh(eye: EyeMeasures) -> float:
    return (
        _OFFSET
        + _WEIGHTS.darkest_row * eye.darkest_row
        + _WEIGHTS.iris * eye.iris
        + _WEIGHTS.across * eye.across
        + _WEIGHTS.above * eye.above
        + _WEIGHTS.below * eye.below
    )


def _patch(chip: Grey, x: int, y: int) -> NDArray[np.float64]:
    """Cut one eye, softened by one pixel and stretched to its own range."""
    rows = slice(y - _ABOVE_PX, y + _BELOW_PX)
    columns = slice(x - _HALF_WIDTH_PX, x + _HALF_WIDTH_PX + 1)
    soft = _soften(chip[rows, columns].astype(np.float64))
    darkest, brightest = np.percentile(soft, (5, 95))
    stretched: NDArray[np.float64] = (soft - darkest) / max(float(brightest - darkest), _LEAST_RANGE)
    return stretched


def _soften(patch: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh each pixel 1-2-1 with its neighbours, both ways."""
    wide = np.pad(patch, 1, mode="edge")
    upright = (wide[:-2] + 2 * wide[1:-1] + wide[2:]) / 4
    soft: NDArray[np.float64] = (upright[:, :-2] + 2 * upright[:, 1:-1] + upright[:, 2:]) / 4
    return soft


def _measure(eye: NDArray[np.float64]) -> EyeMeasures:
    line = _ABOVE_PX
    profile = eye[line - 7 : line + 10, 6:19].mean(axis=1)
    band = eye[line - 4 : line + 4]
    sides = (band[:, 1:5].mean() + band[:, 20:24].mean()) / 2
    middle = eye[line - 5 : line + 7, 4:21]
    upright_change = float(np.abs(np.diff(middle, axis=0)).mean())
    level_change = float(np.abs(np.diff(middle, axis=1)).mean())
    return EyeMeasures(
        darkest_row=(int(profile.argmin()) - 7) / _EYE_WIDTH_PX,
        iris=float(sides - band[:, 9:16].mean()),
        across=level_change / (level_change + upright_change + 1e-3),
        above=float(eye[line - 4 : line + 1, 8:17].mean()),
        below=float(eye[line + 1 : line + 7, 8:17].mean()),
    )
