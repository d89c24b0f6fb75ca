"""Live frames looked at one by one: where the face is, how usable it is, and what the person could change.

This part needs no network, so the process that gives live advice is small and is never held up by a comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FrameQuality
from appliance.errors import NoFace, SeveralFaces
from appliance.face.detection import Detector, FaceChip, FoundFace, Grey, cut_chip
from appliance.face.frame_choice import worth_of
from appliance.face.gates import FRAME_GATES
from appliance.face.grey import grey_of, overwrite
from appliance.face.quality import measure
from appliance.face.turning import TurningSearch

FRAMES_AT_MOST: Final = 5
"""Frames of one burst beyond these say nothing new and cost a person's time."""


@dataclass(frozen=True, slots=True)
class LiveFace:
    """One live face ready to be compared; its chip is wiped by its owner."""

    chip: FaceChip
    quality: FrameQuality


class Watcher:
    """Looks at live frames in this process; one thread at a time."""

    def __init__(self, detector: Detector) -> None:
        """Look with `detector`."""
        self._turning = TurningSearch(detector)

    def warm(self) -> None:
        """Search an empty picture, so that the first person does not wait for memory to be laid out."""
        self.look_at_grey(np.zeros((160, 160), dtype=np.uint8))
        self.forget()

    def forget(self) -> None:
        """Expect the next person upright."""
        self._turning.forget()

    def look(self, frame: Frame) -> FrameQuality:
        """Measure one live frame."""
        return self.look_at_grey(grey_of(frame))

    def look_at_grey(self, grey: Grey) -> FrameQuality:
        """Measure one live frame in grey, which is overwritten."""
        with ExitStack() as wiping:
            wiping.callback(overwrite, grey)
            picture, faces, turned_deg = self._turning.look(grey)
            wiping.callback(overwrite, picture)
            found = _measured(picture, faces, turned_deg)
            if isinstance(found, FrameQuality):
                return found
            found.chip.wipe()
            return found.quality

    def live_faces(self, greys: Sequence[Grey], wiping: ExitStack) -> list[LiveFace]:
        """Return the faces to compare, of the best frames of one person; `wiping` overwrites them and the frames.

        Raises:
            NoFace: no frame shows a face.
            SeveralFaces: frames show faces, but none shows one person alone.
        """
        wiping.callback(overwrite, *greys)
        found = []
        for number, grey in enumerate(greys):
            # Only one frame is turned all round: the others show the same person a moment later.
            search = self._turning.search if number == 0 else self._turning.search_as_before
            picture, faces, turned_deg = search(grey)
            wiping.callback(overwrite, picture)
            face = _measured(picture, faces, turned_deg)
            if isinstance(face, LiveFace):
                wiping.callback(face.chip.wipe)
            found.append(face)
        return choose(found)


def _measured(picture: Grey, faces: list[FoundFace], turned_deg: int) -> LiveFace | FrameQuality:
    """Return the one face of a frame, or the measures of a frame that has none or several."""
    if not faces:
        return measure(faces, None, FRAME_GATES)
    chip = cut_chip(picture, faces[0])
    quality = measure(faces, chip.middle, FRAME_GATES, turned_deg)
    if quality.faces == 1:
        return LiveFace(chip, quality)
    chip.wipe()
    return quality


def choose(found: Sequence[LiveFace | FrameQuality]) -> list[LiveFace]:
    """Choose good frames, or all with one face when none is good; the best first, and not more than help.

    Raises:
        NoFace: no frame shows a face.
        SeveralFaces: frames show faces, but none shows one person alone.
    """
    single = [face for face in found if isinstance(face, LiveFace)]
    if not single:
        crowd = max((face.faces for face in found if isinstance(face, FrameQuality)), default=0)
        raise SeveralFaces("live_frame", crowd) if crowd else NoFace("live_frame")
    usable = [face for face in single if face.quality.is_good] or single
    return sorted(usable, key=lambda face: worth_of(face.quality), reverse=True)[:FRAMES_AT_MOST]


def load_watcher(landmarks: Path) -> Watcher:
    """Load the detector and return a warmed watcher."""
    watcher = Watcher(Detector(landmarks))
    watcher.warm()
    return watcher
