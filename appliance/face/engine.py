"""The face engine in this process: dlib's detector, its network's numbers, and the margin score (face.md §6).

The product runs this inside worker processes, where hostile pictures and hangs do no harm; in-process use is for those
workers, for measuring and for tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FaceComparison, FrameQuality
from appliance.errors import NoFace
from appliance.face.comparison import Strangers, Template, average, margin
from appliance.face.detection import Detector, FaceChip, FoundFace, Grey, cut_chip
from appliance.face.evidence_file import Bands
from appliance.face.gates import PICTURE_GATES
from appliance.face.grey import grey_of, overwrite
from appliance.face.network import Network, TemplateBroken
from appliance.face.quality import measure
from appliance.face.watcher import LiveFace, Watcher
from appliance.face.weights import FaceWeights, find_weights
from appliance.pictures.decoding import decode_grey
from appliance.pictures.header import CHIP_BOUNDS, FILE_BOUNDS, PictureBounds


class DlibEngine:
    """Finds and compares faces in this process; one thread at a time."""

    def __init__(self, weights: FaceWeights, looks: int | None = None) -> None:
        """Load detector, landmarks, network and cohort.

        `looks` is for measuring; without it, templates are made as the evidence was measured.

        Raises:
            FaceWeightsRefused: a file is not what the evidence says.
        """
        self._looks = weights.evidence.way.looks if looks is None else looks
        self._bands = weights.evidence.bands
        self._identity = weights.evidence.identity
        self._detector = Detector(weights.landmarks)
        self._watcher = Watcher(self._detector)
        self._network = Network(weights.embedding)
        self._strangers = Strangers.load(weights.cohort, weights.evidence.cohort)

    def warm(self) -> None:
        """Run each model once on an empty picture, so that the first person does not wait for memory to be laid out."""
        self._watcher.warm()
        self._network.forget()

    def look(self, frame: Frame) -> FrameQuality:
        """Measure one live frame."""
        return self._watcher.look(frame)

    def look_at_grey(self, grey: Grey) -> FrameQuality:
        """Measure one live frame in grey, which is overwritten."""
        return self._watcher.look_at_grey(grey)

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
            wiping.callback(overwrite, photo, *frames)
            wiping.callback(self._network.forget)
            reference = self._template_of(photo, self._detector.find_small(photo), wiping)
            live = self._watcher.live_faces(frames, wiping)
            return self._compare(reference, live, self._bands, wiping)

    def compare_live(self, before: Frame, after: Frame) -> FaceComparison:
        """Compare two live frames, taken before and after a liveness challenge (face.md §4).

        The bands are those of live pictures: `match` says that identity is held, anything less that it is not known.

        Raises:
            NoFace: a frame shows no face.
            SeveralFaces: a frame shows more than one person.
        """
        return self.compare_live_greys(grey_of(before), grey_of(after))

    def compare_live_greys(self, before: Grey, after: Grey) -> FaceComparison:
        """Compare two grey live frames; both are overwritten on every way out."""
        with ExitStack() as wiping:
            wiping.callback(overwrite, before, after)
            wiping.callback(self._network.forget)
            (first,) = self._watcher.live_faces([before], wiping)
            reference = self._embed(first.chip, wiping)
            live = self._watcher.live_faces([after], wiping)
            return self._compare(reference, live, self._identity, wiping)

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
            wiping.callback(overwrite, photo, picture)
            wiping.callback(self._network.forget)
            reference = self._template_of(photo, self._faces_of_reference(photo), wiping)
            faces = self._detector.find_in_picture(picture)
            if not faces:
                raise NoFace("live_frame")
            chip = cut_chip(picture, faces[0])
            wiping.callback(chip.wipe)
            live = LiveFace(chip, measure(faces, chip.middle, PICTURE_GATES))
            return self._compare(reference, [live], self._bands, wiping)

    def _faces_of_reference(self, picture: Grey) -> list[FoundFace]:
        """Find faces in a reference file; one as small as a chip photo is treated like one."""
        if picture.size <= CHIP_BOUNDS.pixels:
            return self._detector.find_small(picture)
        return self._detector.find_in_picture(picture)

    def _template_of(self, photo: Grey, faces: Sequence[FoundFace], wiping: ExitStack) -> Template:
        if not faces:
            raise NoFace("chip_photo")
        chip = cut_chip(photo, faces[0])
        wiping.callback(chip.wipe)
        return self._embed(chip, wiping)

    def _compare(
        self, reference: Template, live: Sequence[LiveFace], bands: Bands, wiping: ExitStack
    ) -> FaceComparison:
        """Compare a template with the mean of live ones; the best face is the first."""
        mean = average([self._embed(face.chip, wiping) for face in live])
        wiping.callback(overwrite, mean)
        if not (np.isfinite(reference).all() and np.isfinite(mean).all()):
            raise TemplateBroken
        score = margin(reference, mean, self._strangers)
        return FaceComparison(score, bands.match_from, bands.band(score), live[0].quality, len(live))

    def _embed(self, chip: FaceChip, wiping: ExitStack) -> Template:
        """Return the template of a face: the mean over its looks; `wiping` overwrites all that it was made of."""
        looks = chip.looks(self._looks)
        wiping.callback(overwrite, looks)
        templates = self._network.embed(looks)
        wiping.callback(overwrite, templates)
        template = average(templates)
        wiping.callback(overwrite, template)
        return template

    def close(self) -> None:
        """Do nothing: no template outlives the call that made it, and no process is held."""


def load_engine(evidence_path: Path, looks: int | None = None) -> DlibEngine:
    """Check the weights that `evidence_path` names and load them, warmed.

    Raises:
        FaceEvidenceOutdated: the evidence belongs to a way of making templates that this program does not know.
        FaceWeightsRefused: evidence or files are missing or altered.
    """
    engine = DlibEngine(find_weights(evidence_path), looks)
    engine.warm()
    return engine
