"""How sharp a face chip is, whatever its contrast, light and noise.

A blur takes fine changes of brightness away and leaves coarse ones. The ratio of both says how much is left; each is taken
after smoothing, so that sensor noise, which is finer still, does not pass for detail: the variance of the Laplacian, the
usual measure, is higher for a dark noisy frame than for a sharp one. A moving head blurs along one direction only, so the
worse direction counts.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

FINE_PX: Final = 1.0
COARSE_PX: Final = 3.0
"""Standard deviations of the smoothing, in pixels of a chip of 150."""
_LEAST_VARIANCE: Final = 0.05
"""Grey levels squared per pixel: below this there is nothing to see."""


def measure_sharpness(face: NDArray[np.floating]) -> float:
    """Return fine over coarse change of brightness, in the worse direction: 1 for a face without detail."""
    fine, coarse = _smooth(face, FINE_PX), _smooth(face, COARSE_PX)
    return min(_ratio(fine, coarse, axis) for axis in (0, 1))


def _ratio(fine: NDArray[np.floating], coarse: NDArray[np.floating], axis: int) -> float:
    least = float(np.diff(coarse, axis=axis).var())
    return float(np.diff(fine, axis=axis).var()) / least if least > _LEAST_VARIANCE else 1.0


def _smooth(picture: NDArray[np.floating], deviation_px: float) -> NDArray[np.floating]:
    """Return the picture convolved with a Gaussian, its edge pixels going on."""
    reach = math.ceil(3 * deviation_px)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation_px) ** 2)
    bell /= bell.sum()
    smooth = picture
    for axis in (0, 1):
        borders = [(0, 0), (0, 0)]
        borders[axis] = (reach, reach)
        wide = np.pad(smooth, borders, mode="edge")
        length = smooth.shape[axis]
        smooth = sum(
            (weight * wide.take(range(step, step + length), axis=axis) for step, weight in enumerate(bell)),
            start=np.zeros_like(smooth, dtype=np.float64),
        )
    return smooth
