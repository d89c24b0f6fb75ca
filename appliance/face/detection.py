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
CHIP_SHIFT_PX: Final = 6
"""How far each further look is moved: about what the landmarks err by, so that looks differ as two frames would."""
_UNIT_PX: Final = CHIP_SIDE_PX / (1 + 2 * CHIP_PADDING)
_WIDE_SIDE_PX: Final = CHIP_SIDE_PX + 2 * CHIP_SHIFT_PX
_WIDE_PADDING: Final = (_WIDE_SIDE_PX / _UNIT_PX - 1) / 2
_SHIFTS: Final = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))
LOOKS: Final = 2 * len(_SHIFTS)
"""How many looks one template is the mean of, unless a weights set's evidence says otherwise."""
LOOK_CHOICES: Final = (1, 2, len(_SHIFTS), LOOKS)
"""The middle one; mirrored too; shifted; shifted and mirrored."""

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

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the detector's box in pixels."""
        box = self.landmarks.rect
        return (box.left() + box.right()) / 2, (box.top() + box.bottom()) / 2


class Detector:
    """Finds faces; holds the landmark model."""

    def __init__(self, landmarks: Path) -> None:
        """Load the models (0.4 to 0.9 s, face.md §1)."""
        self._hog = dlib.get_frontal_face_detector()
        self._predictor = dlib.shape_predictor(str(landmarks))

    def find_near(self, frame: Grey) -> list[FoundFace]:
        """Find faces near enough to compare in a live frame, largest first."""
        small = halve(frame)
        try:
            return self._search(frame, small, 2.0)
        finally:
            small.fill(0)

    def find_far(self, frame: Grey) -> list[FoundFace]:
        """Find faces that are too small at half size, to tell a person to come closer; four times the work."""
        return self._search(frame, frame, 1.0)

    def find_small(self, photo: Grey) -> list[FoundFace]:
        """Find faces in a photo the size of a chip's, down to about 40 px.

        An ordinary photo's face is found as it is, in a quarter of the time of a search that enlarges first.
        """
        faces = self._search(photo, photo, 1.0)
        return faces if faces and faces[0].is_sure else self._search(photo, photo, 1.0, enlargements=1)

    def find_in_picture(self, picture: Grey) -> list[FoundFace]:
        """Find faces in a picture file of any size: large faces first, finer only while nothing is found."""
        levels = [picture]
        while max(levels[-1].shape) > _COARSE_SIDE_PX:
            levels.append(halve(levels[-1]))
        try:
            for power in reversed(range(len(levels))):
                level = levels[power]
                if level.size <= _FINEST_PIXELS and (faces := self._search(picture, level, 2.0**power)):
                    return faces
            return self.find_small(picture) if picture.size <= _UPSAMPLED_PIXELS else []
        finally:
            for made in levels[1:]:
                made.fill(0)

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


@dataclass(frozen=True, slots=True)
class FaceChip:
    """An upright, scaled face with a little room around it for further looks; wiped by its owner."""

    wide: Grey

    @property
    def middle(self) -> Grey:
        """The chip as the embedding was trained with; a view, wiped with the whole."""
        return self._shifted(0, 0)

    def looks(self, count: int = LOOKS) -> Grey:
        """Return `count` looks at the face (count x 150 x 150), one of `LOOK_CHOICES`: shifts, each also mirrored.

        Landmarks err by a few pixels and the network minds; the mean of looks is what it sees without that error.
        Mirroring halves what light from one side does (docs/face.md).

        Raises:
            ValueError: `count` is no choice.
        """
        if count not in LOOK_CHOICES:
            raise ValueError("looks")
        shifts = _SHIFTS[:1] if count <= 2 else _SHIFTS
        upright = [self._shifted(right, down) for right, down in shifts]
        mirrored = [look[:, ::-1] for look in upright]
        return np.stack([*upright, *mirrored] if count > len(shifts) else upright)

    def wipe(self) -> None:
        """Overwrite the pixels; safe to call again."""
        self.wide.fill(0)

    def _shifted(self, right: int, down: int) -> Grey:
        top, left = CHIP_SHIFT_PX * (1 + down), CHIP_SHIFT_PX * (1 + right)
        return self.wide[top : top + CHIP_SIDE_PX, left : left + CHIP_SIDE_PX]


def cut_chip(picture: Grey, face: FoundFace) -> FaceChip:
    """Cut the upright, scaled face that quality and embedding work on."""
    wide: Grey = dlib.get_face_chip(picture, face.landmarks, _WIDE_SIDE_PX, _WIDE_PADDING)
    return FaceChip(wide)


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
