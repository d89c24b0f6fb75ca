"""What the face engine may say: a band of advice, never an acceptance, never a rejection (design D4, R08)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique


@unique
class FaceBand(Enum):
    """How alike the chip photo and the live face are, as advice."""

    MATCH = "match"
    """Alike."""
    LOOK_CLOSELY = "look_closely"
    """Between the thresholds: staff look closely."""
    UNLIKE = "unlike"
    """Does not look alike; may still be the same person."""


@unique
class FrameHint(Enum):
    """What the person before the camera could change, most urgent first."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    COME_CLOSER = "come_closer"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    LOOK_STRAIGHT = "look_straight"
    HOLD_STILL = "hold_still"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class FrameQuality:
    """Measures of one frame."""

    hint: FrameHint
    faces: int
    face_height_px: int
    luma: float
    """Mean brightness of the face, 0 to 255."""
    sharpness: float
    """Variance of the Laplacian of the grey face chip."""
    turn: float
    """Nose offset from the middle of the eyes over the eye distance; about 0 when frontal (face.md §4)."""

    @property
    def is_good(self) -> bool:
        """True when nothing about the frame stands against comparing it."""
        return self.hint is FrameHint.GOOD


@dataclass(frozen=True, slots=True)
class FaceComparison:
    """The engine's advice on one person."""

    score: float
    """Margin: mean distance to the nearest strangers less the mutual distance; larger is more alike."""
    threshold: float
    """The margin from which the band is `match`, from the weights' evidence file."""
    band: FaceBand
    quality: FrameQuality
    """Of the best frame used."""
    frames_used: int
