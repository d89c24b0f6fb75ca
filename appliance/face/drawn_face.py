"""A face that is nobody's, drawn from ellipses: enough for the detector to find, so that weights can be tried anywhere."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

_SIZE_PX: Final = (480, 640)
_WALL: Final = 200
_SHAPES: Final = (
    ("rectangle", (60, 520, 420, 640), 70),
    ("ellipse", (130, 110, 350, 430), 60),
    ("ellipse", (145, 150, 335, 470), 170),
    ("pieslice", (140, 100, 340, 300), 55),
    ("ellipse", (169, 262, 221, 290), 120),
    ("ellipse", (259, 262, 311, 290), 120),
    ("ellipse", (175, 266, 215, 286), 230),
    ("ellipse", (265, 266, 305, 286), 230),
    ("ellipse", (186, 266, 204, 285), 30),
    ("ellipse", (276, 266, 294, 285), 30),
    ("rectangle", (167, 240, 223, 248), 50),
    ("rectangle", (257, 240, 313, 248), 50),
    ("polygon", (240, 280, 225, 350, 255, 350), 150),
    ("rectangle", (222, 349, 258, 355), 90),
    ("rectangle", (205, 396, 275, 404), 70),
    ("ellipse", (210, 398, 270, 418), 110),
)
"""Shoulders, hair, face, fringe, eyes, brows, nose and mouth: kind, corners in pixels and shade, in order of drawing."""


def drawn_face() -> bytes:
    """Return the picture as a PNG file."""
    picture = Image.new("L", _SIZE_PX, _WALL)
    pen = ImageDraw.Draw(picture)
    for kind, corners, shade in _SHAPES:
        match kind:
            case "ellipse":
                pen.ellipse(corners, fill=shade)
            case "rectangle":
                pen.rectangle(corners, fill=shade)
            case "pieslice":
                pen.pieslice(corners, 180, 360, fill=shade)
            case _:
                pen.polygon(corners, fill=shade)
    file = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(2.5)).save(file, "PNG")
    return file.getvalue()
