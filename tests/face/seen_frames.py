"""What the measures say of training frames, through the detector alone."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import numpy as np

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FrameHint, FrameQuality
from appliance.face.detection import Detector, FoundFace, Grey, cut_chip
from appliance.face.gates import FRAME_GATES
from appliance.face.quality import measure
from appliance.simulated.scenes import Recording, scene_frame

PEOPLE = ("astronaut", "hopper")
GOOD = FrameQuality(
    FrameHint.GOOD, faces=1, face_height_px=200, luma=120.0, sharpness=4.0, turn=0.0, nod=0.76
)


@cache
def detector() -> Detector:
    spec = importlib.util.find_spec("face_recognition_models")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]) / "models"
    return Detector(folder / "shape_predictor_5_face_landmarks.dat")


def grey(frame: Frame) -> Grey:
    pixels = np.frombuffer(frame.rgb, dtype=np.uint8).reshape(frame.height, frame.width, 3)
    weighed: Grey = (pixels @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    return weighed


def find(picture: Grey) -> list[FoundFace]:
    return detector().find_near(picture) or detector().find_far(picture)


def chip_of(picture: Grey) -> Grey:
    faces = find(picture)
    assert faces
    return cut_chip(picture, faces[0]).middle.copy()


def look_at(picture: Grey) -> FrameQuality:
    faces = find(picture)
    return measure(faces, cut_chip(picture, faces[0]).middle if faces else None, FRAME_GATES)


def look(frame: Frame) -> FrameQuality:
    return look_at(grey(frame))


@cache
def watch(portrait: str, recording: Recording) -> tuple[FrameQuality, ...]:
    """Return the measures of a recording, each scene once; scenes that come again are looked at once."""
    known: dict[object, FrameQuality] = {}
    scenes = recording.arriving + recording.settled
    for seed, scene in enumerate(scenes):
        if scene not in known:
            known[scene] = look(scene_frame(portrait, scene, seed))
    return tuple(known[scene] for scene in scenes)
