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
    COVERED = "covered"
    """A mask, a hand, a hat over the eyes."""
    LOOK_STRAIGHT = "look_straight"
    OPEN_EYES = "open_eyes"
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
    """Fine over coarse change of brightness in the face; 1 where all detail is lost, 2.2 and more in a sharp picture."""
    turn: float
    """Nose offset from the middle of the eyes over the eye distance; about 0 when frontal (face.md §4)."""
    nod: float = 0.0
    """Nose depth below the line of the eyes over the eye distance (face.md §4)."""
    eyes_closed: float = 0.0
    """From 0, surely open, to 1, surely closed."""
    covered: float = 0.0
    """From 0, a free face, to 1, eyes or mouth surely hidden."""
    rotation_deg: int = 0
    """By how much the picture was turned until the face stood upright: not 0 for a person who lies."""
    roll_deg: float = 0.0
    """How far the eye line leans in the picture, clockwise; comparing minds none of it up to 25 (face.md §3)."""
    one_sided: float = 0.0
    """Brightness of the picture's right half of the face less the left half, over their sum: from -1 to 1."""

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
