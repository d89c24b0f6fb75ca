"""Faces in a grey picture: dlib's HOG detector and five landmarks (face.md §2, §6.2).

Live frames are searched at half size, which finds every face that is near enough in a quarter of the time; landmarks
are placed on the full frame, where they are sharp.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import dlib
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
"""Height x width grey pixels."""

CHIP_SIDE_PX: Final = 150
"""The embedding's own input size."""
CHIP_PADDING: Final = 0.25
"""Margin around the face that the embedding was trained with."""

_COARSE_SIDE_PX: Final = 1280
_FINEST_PIXELS: Final = 4_000_000
_UPSAMPLED_PIXELS: Final = 1_048_576
"""The detector's time and memory grow with the pixels: 55 ms for a frame of 0.9 million, four times that enlarged."""

_SURE: Final = 0.3
"""Detector confidence: 99 of 100 faces of LFW have more (median 1.7); clothes and furniture reached 0.2."""

_BYSTANDER_SHARE: Final = 0.5
"""A face under half the height of the largest is someone behind, or a picture on the wall."""


@dataclass(frozen=True, slots=True)
class FivePoints:
    """Landmarks in pixels: corners of both eyes and the base of the nose."""

    eyes: tuple[tuple[float, float], tuple[float, float]]
    """Middle of each eye, the one on the right of an upright picture first (dlib's order)."""
    nose: tuple[float, float]


@dataclass(frozen=True, slots=True)
class FoundFace:
    """One face in a picture."""

    height_px: int
    is_sure: bool
    """False for a box that the detector barely takes for a face."""
    points: FivePoints
    landmarks: Any
    """dlib's own landmark object, which its cropping takes."""


class Detector:
    """Finds faces; holds the landmark model."""

    def __init__(self, landmarks: Path) -> None:
        """Load the models (0.4 to 0.9 s, face.md §1)."""
        self._hog = dlib.get_frontal_face_detector()
        self._predictor = dlib.shape_predictor(str(landmarks))

    def find_near(self, frame: Grey) -> list[FoundFace]:
        """Find faces near enough to compare in a live frame, largest first."""
        small = halve(frame)
        faces = self._search(frame, small, 2.0)
        small.fill(0)
        return faces

    def find_far(self, frame: Grey) -> list[FoundFace]:
        """Find faces that are too small at half size, to tell a person to come closer; four times the work."""
        return self._search(frame, frame, 1.0)

    def find_small(self, photo: Grey) -> list[FoundFace]:
        """Find faces in a photo the size of a chip's, down to about 40 px."""
        return self._search(photo, photo, 1.0, enlargements=1)

    def find_in_picture(self, picture: Grey) -> list[FoundFace]:
        """Find faces in a picture file of any size: large faces first, finer only while nothing is found."""
        level, scale = picture, 1.0
        levels = [(level, scale)]
        while max(level.shape) > _COARSE_SIDE_PX:
            level, scale = halve(level), scale * 2
            levels.append((level, scale))
        for level, scale in reversed(levels):
            if level.size <= _FINEST_PIXELS and (faces := self._search(picture, level, scale)):
                return faces
        return self.find_small(picture) if picture.size <= _UPSAMPLED_PIXELS else []

    def _search(self, picture: Grey, level: Grey, scale: float, enlargements: int = 0) -> list[FoundFace]:
        """Detect in `level`, which is `picture` made smaller by `scale`, and place landmarks on `picture`."""
        boxes, confidences, _ = self._hog.run(level, enlargements, 0.0)
        placed = [
            _found(self._predictor, picture, dlib.scale_rect(box, scale), confidence)
            for box, confidence in zip(boxes, confidences, strict=True)
        ]
        return sorted(placed, key=lambda face: (not face.is_sure, -face.height_px, face.points.nose))


def _found(predictor: Any, picture: Grey, box: Any, confidence: float) -> FoundFace:  # noqa: ANN401 - dlib is untyped
    landmarks = predictor(picture, box)
    corners = [(float(point.x), float(point.y)) for point in landmarks.parts()]
    eyes = _middle(corners[0], corners[1]), _middle(corners[2], corners[3])
    return FoundFace(int(box.height()), confidence >= _SURE, FivePoints(eyes, corners[4]), landmarks)


def _middle(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def count_people(faces: list[FoundFace]) -> int:
    """Count the faces that may be meant, without bystanders and doubtful boxes; `faces` has the largest first."""
    others = [
        face for face in faces[1:] if face.is_sure and face.height_px > faces[0].height_px * _BYSTANDER_SHARE
    ]
    return len(faces[:1]) + len(others)


def cut_chip(picture: Grey, face: FoundFace) -> Grey:
    """Cut the upright, scaled chip that quality and embedding work on."""
    chip: Grey = dlib.get_face_chip(picture, face.landmarks, CHIP_SIDE_PX, CHIP_PADDING)
    return chip


def halve(picture: Grey) -> Grey:
    """Return the mean of each 2 x 2 block."""
    height, width = picture.shape[0] & ~1, picture.shape[1] & ~1
    even = picture[:height:2, :width].astype(np.uint16)
    even += picture[1:height:2, :width]
    blocks = even[:, ::2] + even[:, 1::2]
    blocks += 2
    blocks >>= 2
    small = blocks.astype(np.uint8)
    even.fill(0)
    blocks.fill(0)
    return small
