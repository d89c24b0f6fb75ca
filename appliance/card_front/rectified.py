"""A card laid flat: the quadrilateral of a frame drawn as ID-1, its light evened, its print as ink on white."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

CARD_SIZE_MM: Final = (85.60, 53.98)
"""ID-1 (ISO/IEC 7810)."""
PROPORTION: Final = CARD_SIZE_MM[0] / CARD_SIZE_MM[1]
PIXELS_PER_MM: Final = 12
"""Finer than any frame of 1280 x 720, so that nothing seen is lost."""
_SIZE_PX: Final = (round(CARD_SIZE_MM[0] * PIXELS_PER_MM), round(CARD_SIZE_MM[1] * PIXELS_PER_MM))
_STROKE_MM: Final = 2.0
"""Wider than any stroke of the print, narrower than the fall of light."""

Grey = NDArray[np.uint8]
Corners = NDArray[np.float32]
"""Four points, clockwise from the upper left: 4 x 2."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the card, in millimetres from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class RectifiedCard:
    """A card laid flat, one way up."""

    grey: Grey
    """As seen."""
    ink: Grey
    """0 for paper, up to 255 for print, whatever the light."""
    seen_pixels_per_mm: float
    """How finely the frame shows the card."""

    def turned(self) -> RectifiedCard:
        """Return the card the other way up."""
        return RectifiedCard(
            np.ascontiguousarray(self.grey[::-1, ::-1]),
            np.ascontiguousarray(self.ink[::-1, ::-1]),
            self.seen_pixels_per_mm,
        )

    def ink_in(self, zone: Zone) -> Grey:
        """Return a view of the ink in a zone."""
        return cut(self.ink, zone)

    def wipe(self) -> None:
        """Overwrite the pixels; safe to call again."""
        self.grey.fill(0)
        self.ink.fill(0)


def cut(picture: Grey, zone: Zone) -> Grey:
    """Return a view of a zone of a flat card."""
    left, top, right, bottom = (
        max(0, round(side * PIXELS_PER_MM)) for side in (zone.left, zone.top, zone.right, zone.bottom)
    )
    return picture[top:bottom, left:right]


def rectify(grey: Grey, corners: Corners) -> RectifiedCard:
    """Draw the quadrilateral `corners` of `grey` flat."""
    width, height = _SIZE_PX
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    to_flat = cv2.getPerspectiveTransform(corners, flat)
    card = np.asarray(cv2.warpPerspective(grey, to_flat, _SIZE_PX, flags=cv2.INTER_CUBIC), dtype=np.uint8)
    sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    shortest = min(min(sides[0], sides[2]) / CARD_SIZE_MM[0], min(sides[1], sides[3]) / CARD_SIZE_MM[1])
    return RectifiedCard(card, ink_of(card), float(shortest))


def ink_of(grey: Grey) -> Grey:
    """Return how much darker than the paper around it each pixel is, as a share of the paper's brightness."""
    side = round(_STROKE_MM * PIXELS_PER_MM) | 1
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    paper = cv2.morphologyEx(
        smooth, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    )
    paper = cv2.GaussianBlur(paper, (0, 0), side / 3).astype(np.float32)
    ink = (paper - grey) / np.maximum(paper, 8.0)
    return np.asarray(np.clip(ink, 0, 1) * 255, dtype=np.uint8)
