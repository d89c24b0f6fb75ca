"""One picture to one template, as reference or as live picture, by the same steps as the engine takes (face.md §3).

A reference goes through what a card's chip would hold of it, unless it is such a photo already. Nothing is kept: the
pixels are overwritten, the template is the caller's, in memory only (design D4).
"""

from __future__ import annotations

from contextlib import ExitStack
from enum import IntEnum, unique

import numpy as np

from appliance.errors import NoFace
from appliance.face.comparison import Template, average
from appliance.face.detection import Detector, FoundFace, Grey, cut_chip
from appliance.face.evaluation.chip_simulation import as_chip_photo, is_chip_photo
from appliance.face.network import Network
from appliance.face.weights import WeightsFiles
from appliance.pictures.decoding import decode_grey
from appliance.pictures.header import CHIP_BOUNDS, FILE_BOUNDS, PictureBounds


@unique
class Side(IntEnum):
    """What a picture stands for in a pair."""

    REFERENCE = 0
    """The photo on the chip."""
    LIVE = 1
    """The person before the camera."""


class Acquirer:
    """Makes templates of picture files in this process; runs inside a confined one, where hostile files do no harm."""

    def __init__(self, files: WeightsFiles, looks: int) -> None:
        """Load detector, landmarks and network; each template is the mean over `looks` looks."""
        self._detector = Detector(files.landmarks)
        self._network = Network(files.embedding)
        self._looks = looks

    def acquire(self, content: bytes | memoryview, side: Side) -> Template:
        """Return the template of the largest face in a picture file (PNG, JPEG or JPEG 2000).

        Raises:
            NoFace: it shows none.
            PictureRefused: it is no acceptable picture.
        """
        return self._reference(content) if side is Side.REFERENCE else self._live(content)

    def _live(self, content: bytes | memoryview) -> Template:
        with ExitStack() as wiping:
            picture = _decoded(content, FILE_BOUNDS, wiping)
            return self._template(picture, self._detector.find_in_picture(picture), "live_frame")

    def _reference(self, content: bytes | memoryview) -> Template:
        with ExitStack() as wiping:
            photo = _decoded(self._as_photo(content), CHIP_BOUNDS, wiping)
            return self._template(photo, self._detector.find_small(photo), "chip_photo")

    def _as_photo(self, content: bytes | memoryview) -> bytes | memoryview:
        if is_chip_photo(content):
            return content
        with ExitStack() as wiping:
            picture = _decoded(content, FILE_BOUNDS, wiping)
            return as_chip_photo(picture, _largest(self._detector.find_in_picture(picture), "chip_photo"))

    def _template(self, picture: Grey, faces: list[FoundFace], where: str) -> Template:
        with ExitStack() as wiping:
            chip = cut_chip(picture, _largest(faces, where))
            wiping.callback(chip.wipe)
            looks = chip.looks(self._looks)
            wiping.callback(looks.fill, 0)
            return average(self._network.embed(looks))


def _decoded(content: bytes | memoryview, bounds: PictureBounds, wiping: ExitStack) -> Grey:
    """Decode a picture into memory that `wiping` overwrites."""
    with decode_grey(content, bounds) as picture:
        pixels = np.frombuffer(picture.grey, dtype=np.uint8).reshape(picture.height, picture.width).copy()
    wiping.callback(pixels.fill, 0)
    return pixels


def _largest(faces: list[FoundFace], where: str) -> FoundFace:
    if not faces:
        raise NoFace(where)
    return faces[0]
