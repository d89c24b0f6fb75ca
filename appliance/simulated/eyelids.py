"""Eyelids drawn over a portrait's open eyes, with the skin's own shade and a line of lashes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL import Image

# Lengths in eye distances, from the middle of an eye.
_HALF_WIDTH: Final = 0.215
_UPPER: Final = 0.14
_LOWER: Final = 0.05
"""Where the edge of a closed lid lies."""
_LINE: Final = 0.022
_LASHES: Final = (52, 38, 34)
_STEPS: Final = 24


def draw_eyelids(
    person: Image.Image,
    eyes_px: tuple[float, float],
    eye_distance_px: float,
    lean_deg: float,
    closed: float,
) -> None:
    """Close both eyes of `person` by the share `closed`, in place; `eyes_px` is the middle between the eyes."""
    lean = math.radians(lean_deg)
    along = (math.cos(lean), math.sin(lean))
    for side in (-0.5, 0.5):
        middle = (
            eyes_px[0] + side * eye_distance_px * along[0],
            eyes_px[1] + side * eye_distance_px * along[1],
        )
        _draw_lid(person, middle, eye_distance_px, along, closed)


def _draw_lid(
    person: Image.Image,
    middle: tuple[float, float],
    unit: float,
    along: tuple[float, float],
    closed: float,
) -> None:
    from PIL import Image, ImageDraw, ImageFilter

    def place(across: float, down: float) -> tuple[float, float]:
        x, y = across * unit, down * unit
        return middle[0] + x * along[0] - y * along[1], middle[1] + x * along[1] + y * along[0]

    steps = [2 * step / _STEPS - 1 for step in range(_STEPS + 1)]
    upper = [place(step * _HALF_WIDTH, -_UPPER * (1 - step**2)) for step in steps]
    edge_down = -_UPPER + closed * (_UPPER + _LOWER)
    edge = [place(step * _HALF_WIDTH, edge_down * (1 - step**2)) for step in steps]
    soft_px = unit * 0.012
    mask = Image.new("L", person.size, 0)
    ImageDraw.Draw(mask).polygon([*upper, *reversed(edge)], fill=255)
    person.paste(_skin(person, place), mask=mask.filter(ImageFilter.GaussianBlur(soft_px)))
    line = Image.new("L", person.size, 0)
    ImageDraw.Draw(line).line(edge, fill=200, width=max(1, round(_LINE * unit)))
    person.paste(_LASHES, mask=line.filter(ImageFilter.GaussianBlur(soft_px)))


def _skin(person: Image.Image, place: _Place) -> tuple[int, int, int]:
    """Return the middle shade of the skin just below the eye."""
    shades = []
    for across in (-0.12, -0.06, 0.0, 0.06, 0.12):
        for down in (0.16, 0.20, 0.24):
            x, y = place(across, down)
            shade = person.getpixel((int(x), int(y)))
            if isinstance(shade, tuple):
                shades.append(shade)
    red, green, blue = (sorted(channel)[len(shades) // 2] for channel in zip(*shades, strict=True))
    return int(red), int(green), int(blue)


if TYPE_CHECKING:
    from collections.abc import Callable

    _Place = Callable[[float, float], tuple[float, float]]
