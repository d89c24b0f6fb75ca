"""The face engine in this process: dlib's detector and network under the margin score (face.md §6).

The embedding holds the interpreter's lock for its whole run, so the product runs this inside the worker process;
in-process use is for that worker and for tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import dlib
import numpy as np
from numpy.typing import NDArray

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FaceComparison, FrameQuality
from appliance.errors import NoFace, SeveralFaces
from appliance.face.comparison import Strangers, Template, average, margin
from appliance.face.detection import Detector, FoundFace, Grey, cut_chip
from appliance.face.quality import FRAME_GATES, PICTURE_GATES, measure
from appliance.face.weights import FaceWeights
from appliance.pictures.decoding import decode_grey
from appliance.pictures.header import CHIP_BOUNDS, FILE_BOUNDS, PictureBounds

_LUMA_WEIGHTS: Final = (19_595, 38_470, 7_471)
"""ITU-R BT.601 luma in 65,536ths: the grey that the thresholds were measured with."""


@dataclass(frozen=True, slots=True)
class _LiveFace:
    """One live face ready to be compared."""

    chip: Grey
    quality: FrameQuality


class DlibEngine:
    """Finds and compares faces in this process; one thread at a time."""

    def __init__(self, weights: FaceWeights) -> None:
        """Load detector, landmarks, network and cohort."""
        self._bands = weights.evidence.bands
        self._detector = Detector(weights.landmarks)
        self._network = dlib.face_recognition_model_v1(str(weights.embedding))
        self._strangers = Strangers.load(weights.cohort, weights.evidence.cohort)

    def warm(self) -> None:
        """Run each model once on an empty picture, so that the first person does not wait for memory to be laid out."""
        empty = np.zeros((160, 160), dtype=np.uint8)
        self._detector.find_far(empty)
        self._embed(empty[:150, :150])

    def look(self, frame: Frame) -> FrameQuality:
        """Measure one live frame."""
        return self.look_at_grey(grey_of(frame))

    def look_at_grey(self, grey: Grey) -> FrameQuality:
        """Measure one live frame in grey, which is overwritten."""
        faces = self._detector.find_near(grey) or self._detector.find_far(grey)
        chip = cut_chip(grey, faces[0]) if faces else None
        quality = measure(faces, chip, FRAME_GATES)
        _overwrite(grey, chip)
        return quality

    def compare(self, chip_photo: bytes | memoryview, frames: Sequence[Frame]) -> FaceComparison:
        """Compare the chip's photo with live frames of one person.

        Raises:
            NoFace: no face on the photo or on any frame.
            SeveralFaces: no frame shows one person alone.
            PictureRefused: the photo's bytes are no acceptable picture.
        """
        photo = self.decode(chip_photo, CHIP_BOUNDS)
        return self.compare_greys(photo, [grey_of(frame) for frame in frames])

    def decode(self, content: bytes | memoryview, bounds: PictureBounds) -> Grey:
        """Decode a picture to grey.

        Raises:
            PictureRefused: out of bounds or malformed.
        """
        with decode_grey(content, bounds) as picture:
            pixels = np.frombuffer(picture.grey, dtype=np.uint8).reshape(picture.height, picture.width)
            return pixels.copy()

    def compare_greys(self, photo: Grey, frames: Sequence[Grey]) -> FaceComparison:
        """Compare a decoded photo with grey live frames; all of them are overwritten on every way out."""
        with ExitStack() as wiping:
            wiping.callback(_overwrite, photo, *frames)
            reference = self._reference(photo)
            wiping.callback(reference.fill, 0)
            live = [self._live_face(frame) for frame in frames]
            return self._compare(reference, _usable(live))

    def compare_pictures(self, reference: bytes | memoryview, live: bytes | memoryview) -> FaceComparison:
        """Compare two picture files, the largest face of each (design §4, `face compare`).

        Raises:
            NoFace: one of them shows no face.
            PictureRefused: one of them is no acceptable picture.
        """
        return self.compare_grey_pictures(self.decode(reference, FILE_BOUNDS), self.decode(live, FILE_BOUNDS))

    def compare_grey_pictures(self, photo: Grey, picture: Grey) -> FaceComparison:
        """Compare two decoded pictures, the largest face of each; both are overwritten on every way out."""
        with ExitStack() as wiping:
            wiping.callback(_overwrite, photo, picture)
            template = self._reference_of_picture(photo)
            wiping.callback(template.fill, 0)
            faces = self._detector.find_in_picture(picture)
            if not faces:
                raise NoFace("live_frame")
            chip = cut_chip(picture, faces[0])
            return self._compare(template, [_LiveFace(chip, measure(faces, chip, PICTURE_GATES))])

    def _reference(self, photo: Grey) -> Template:
        """Return the template of the chip photo's largest face."""
        return self._template_of(photo, self._detector.find_small(photo))

    def _reference_of_picture(self, picture: Grey) -> Template:
        """Return the template of a file's largest face; a file as small as a chip photo is treated like one."""
        if picture.size <= CHIP_BOUNDS.pixels:
            return self._reference(picture)
        return self._template_of(picture, self._detector.find_in_picture(picture))

    def _template_of(self, photo: Grey, faces: Sequence[FoundFace]) -> Template:
        if not faces:
            raise NoFace("chip_photo")
        chip = cut_chip(photo, faces[0])
        template = self._embed(chip)
        chip.fill(0)
        return template

    def _live_face(self, frame: Grey) -> _LiveFace | FrameQuality:
        """Return the one face of a frame, or the measures of a frame that has none or several."""
        faces = self._detector.find_near(frame) or self._detector.find_far(frame)
        if not faces:
            return measure(faces, None, FRAME_GATES)
        chip = cut_chip(frame, faces[0])
        quality = measure(faces, chip, FRAME_GATES)
        return _LiveFace(chip, quality) if quality.faces == 1 else quality

    def _compare(self, reference: Template, live: Sequence[_LiveFace]) -> FaceComparison:
        templates = [self._embed(face.chip) for face in live]
        mean = average(templates)
        score = margin(reference, mean, self._strangers)
        _overwrite(mean, *templates, *(face.chip for face in live))
        best = max((face.quality for face in live), key=lambda quality: (quality.is_good, quality.sharpness))
        return FaceComparison(score, self._bands.match_from, self._bands.band(score), best, len(live))

    def _embed(self, chip: Grey) -> Template:
        """Return the template of a chip; without jitter, which costs ten times as much and gains nothing (face.md §2)."""
        colour = np.repeat(chip[:, :, np.newaxis], 3, axis=2)
        template: Template = np.array(self._network.compute_face_descriptor(colour), dtype=np.float32)
        colour.fill(0)
        return template

    def close(self) -> None:
        """Do nothing: no template outlives the call that made it, and no process is held."""


def _usable(faces: Sequence[_LiveFace | FrameQuality]) -> list[_LiveFace]:
    """Choose good frames, or all with one face when none is good.

    Raises:
        NoFace: no frame shows a face.
        SeveralFaces: frames show faces, but none shows one person alone.
    """
    single = [face for face in faces if isinstance(face, _LiveFace)]
    if not single:
        crowd = max((face.faces for face in faces if isinstance(face, FrameQuality)), default=0)
        raise SeveralFaces("live_frame", crowd) if crowd else NoFace("live_frame")
    return [face for face in single if face.quality.is_good] or single


def grey_of(frame: Frame) -> Grey:
    """Return the frame in grey, in memory that can be overwritten."""
    return grey_of_pixels(frame.rgb, frame.width, frame.height)


def grey_of_pixels(rgb: bytearray | memoryview, width: int, height: int) -> Grey:
    """Return RGB pixels, row by row, as grey."""
    pixels = np.frombuffer(rgb, dtype=np.uint8, count=width * height * 3).reshape(height, width, 3)
    luma: NDArray[np.uint32] = np.full((height, width), 32_768, dtype=np.uint32)
    for channel, weight in enumerate(_LUMA_WEIGHTS):
        luma += pixels[:, :, channel] * np.uint32(weight)
    luma >>= 16
    grey = luma.astype(np.uint8)
    luma.fill(0)
    return grey


def _overwrite(*arrays: NDArray[np.generic] | None) -> None:
    for array in arrays:
        if array is not None:
            array.fill(0)


def load_engine(evidence_path: Path) -> DlibEngine:
    """Check the weights that `evidence_path` names and load them, warmed.

    Raises:
        FaceWeightsRefused: evidence or files are missing or altered.
    """
    from appliance.face.weights import find_weights

    engine = DlibEngine(find_weights(evidence_path))
    engine.warm()
    return engine
