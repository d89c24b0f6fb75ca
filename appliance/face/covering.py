"""Whether something hides the eyes or the mouth of a face chip: dark glasses, a hat, a hand, a mask.

Three places of a face always differ from the skin around them: eyes are darker and brighter than skin within a few pixels,
the mouth is a dark line, and nostrils are dark spots. Where such a place is as even as cloth or a lens, it is hidden.
A scarf, beard or tube that leaves these places shaded as usual is not told, and needs no telling.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.face.eyes import EYES_PX, Grey

_EYE_CONTRAST: Final = (0.20, 0.36)
"""Surely hidden, surely free. Nineteen of twenty bare faces have 0.40 or more, drawn lenses, hats and hands 0.13 or less."""
_MOUTH_LINE: Final = (0.08, 0.16)
"""Nineteen of twenty bare faces have 0.20 or more, drawn masks 0.06."""
_NOSTRILS: Final = (0.04, 0.12)
"""Nineteen of twenty bare faces have 0.13 or more, drawn masks 0.03."""

_LEAST_SKIN: Final = 8.0
"""Grey levels: keeps a black picture from dividing by nothing."""


def measure_cover(chip: Grey) -> float:
    """Return how surely eyes or mouth of an upright chip (150 x 150) are hidden, from 0 to 1."""
    soft = _soften(chip)
    skin = max(float(np.median(soft[62:82, 34:116])), _LEAST_SKIN)
    hidden_eye = max(_doubt(_eye_contrast(soft, x, y) / skin, _EYE_CONTRAST) for x, y in EYES_PX)
    hidden_mouth = min(
        _doubt(_mouth_range(soft) / skin, _MOUTH_LINE), _doubt(_nostril_depth(soft) / skin, _NOSTRILS)
    )
    return max(hidden_eye, hidden_mouth)


def _doubt(measure: float, bounds: tuple[float, float]) -> float:
    """Return 1 up to the lower bound, 0 from the upper one on, a line between them."""
    hidden, free = bounds
    return min(1.0, max(0.0, (free - measure) / (free - hidden)))


def _eye_contrast(soft: NDArray[np.float64], x: int, y: int) -> float:
    darkest, brightest = np.percentile(soft[y - 7 : y + 7, x - 11 : x + 11], (5, 95))
    return float(brightest - darkest)


def _mouth_range(soft: NDArray[np.float64]) -> float:
    """Return by how much the rows between nose and chin differ."""
    rows = soft[98:122, 54:96].mean(axis=1)
    return float(rows.max() - rows.min())


def _nostril_depth(soft: NDArray[np.float64]) -> float:
    below_nose = soft[80:96, 60:88]
    return float(np.median(below_nose) - np.percentile(below_nose, 4))


def _soften(chip: Grey) -> NDArray[np.float64]:
    """Weigh each pixel 1-2-1 with its neighbours, both ways: sensor noise is no feature."""
    wide = np.pad(chip.astype(np.float64), 1, mode="edge")
    upright = (wide[:-2] + 2 * wide[1:-1] + wide[2:]) / 4
    soft: NDArray[np.float64] = (upright[:, :-2] + 2 * upright[:, 1:-1] + upright[:, 2:]) / 4
    return soft
