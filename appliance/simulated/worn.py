"""What hides a part of the face: a knitted hat pulled over the eyes, or dark glasses, drawn on a portrait.

Under the hat no face is found; behind the glasses one is found and called covered.
"""

from __future__ import annotations

import math
from enum import Enum, unique
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL import Image

    Outline = list[tuple[float, float]]
    """Corners in eye distances from the middle between the eyes, across and down."""


@unique
class Worn(Enum):
    """What is worn."""

    HAT = "hat"
    DARK_GLASSES = "dark_glasses"


_CLOTH: Final = {Worn.HAT: (92, 84, 108), Worn.DARK_GLASSES: (25, 25, 28)}
_HAT_TOP: Final = 2.2
_HAT_EDGE: Final = 0.24
"""Just below the eyes."""
_HAT_HALF_WIDTH: Final = 1.35
_LENS: Final = (0.36, 0.26)
"""Half width and half height."""
_CORNERS: Final = 24
_SOFT_EDGE: Final = 0.02


def draw_worn(
    person: Image.Image, worn: Worn, eyes_px: tuple[float, float], eye_distance_px: float, lean_deg: float
) -> None:
    """Draw what is worn on `person`, in place; `eyes_px` is the middle between the eyes."""
    from PIL import Image, ImageDraw, ImageFilter

    lean = math.radians(lean_deg)
    along = (eye_distance_px * math.cos(lean), eye_distance_px * math.sin(lean))
    mask = Image.new("L", person.size, 0)
    for outline in _outlines(worn):
        corners = [
            (eyes_px[0] + x * along[0] - y * along[1], eyes_px[1] + x * along[1] + y * along[0])
            for x, y in outline
        ]
        ImageDraw.Draw(mask).polygon(corners, fill=255)
    person.paste(_CLOTH[worn], mask=mask.filter(ImageFilter.GaussianBlur(eye_distance_px * _SOFT_EDGE)))


def _outlines(worn: Worn) -> list[Outline]:
    if worn is Worn.DARK_GLASSES:
        bridge = [(-0.5, -0.04), (0.5, -0.04), (0.5, 0.04), (-0.5, 0.04)]
        return [_round(-0.5, _LENS, math.tau), _round(0.5, _LENS, math.tau), bridge]
    dome = _round(0.0, (_HAT_HALF_WIDTH, -_HAT_TOP), math.pi)
    return [[*dome, (-_HAT_HALF_WIDTH, _HAT_EDGE), (_HAT_HALF_WIDTH, _HAT_EDGE)]]


def _round(middle: float, half: tuple[float, float], angle: float) -> Outline:
    """Return an arc of `angle` that begins at the right."""
    steps = [angle * step / _CORNERS for step in range(_CORNERS + 1)]
    return [(middle + half[0] * math.cos(step), half[1] * math.sin(step)) for step in steps]
