"""Live frames made worse in the ways that a visit knows: dark, moved, out of focus, far away, turned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FaceBand, FrameHint
from appliance.errors import NoFace, SeveralFaces
from appliance.face.detection import Grey
from appliance.face.engine import DlibEngine
from appliance.simulated.head_turn import turn_head
from tests.face.picture_folder import EYES_PX, with_noise

Spoil = Callable[[Grey, float, int], Grey]
"""Takes a frame, the eye distance in it in pixels, and a seed."""


def untouched(frame: Grey, eye_distance_px: float, seed: int) -> Grey:
    return with_noise(frame.astype(np.float64), 2.0, seed)


def darkened(frame: Grey, eye_distance_px: float, seed: int, light: float = 1 / 5) -> Grey:
    return with_noise(frame * light, 5.0, seed)


def moved(frame: Grey, eye_distance_px: float, seed: int, by_px: int = 25) -> Grey:
    total = np.zeros(frame.shape)
    for step in range(by_px):
        total += np.roll(frame, step - by_px // 2, axis=1)
    return with_noise(total / by_px, 2.0, seed)


def blurred(frame: Grey, eye_distance_px: float, seed: int, radius_px: float = 5.0) -> Grey:
    soft = np.asarray(Image.fromarray(frame).filter(ImageFilter.GaussianBlur(radius_px)))
    return with_noise(soft.astype(np.float64), 2.0, seed)


def turned(frame: Grey, eye_distance_px: float, seed: int, by_deg: float = 30.0) -> Grey:
    turn_deg = by_deg if seed % 2 else -by_deg
    layers = turn_head(frame.astype(np.float32)[..., None], EYES_PX, eye_distance_px, turn_deg)
    return with_noise(layers[..., 0].astype(np.float64), 2.0, seed)


def far_away(frame: Grey, eye_distance_px: float, seed: int, share: float = 0.5) -> Grey:
    height, width = frame.shape
    small = Image.fromarray(frame).resize((int(width * share), int(height * share)), Image.Resampling.BICUBIC)
    room = Image.new("L", (width, height), 150)
    room.paste(small, ((width - small.width) // 2, (height - small.height) // 2))
    return with_noise(np.asarray(room).astype(np.float64), 2.0, seed)


SPOILS: Final[Mapping[str, Spoil]] = MappingProxyType(
    {
        "untouched": untouched,
        "light 1/2": partial(darkened, light=1 / 2),
        "light 1/3": partial(darkened, light=1 / 3),
        "light 1/4": partial(darkened, light=1 / 4),
        "light 1/6": partial(darkened, light=1 / 6),
        "motion 11 px": partial(moved, by_px=11),
        "motion 21 px": partial(moved, by_px=21),
        "motion 31 px": partial(moved, by_px=31),
        "blur 3 px": partial(blurred, radius_px=3.0),
        "blur 5 px": partial(blurred, radius_px=5.0),
        "face 100 px": partial(far_away, share=100 / 210),
        "face 70 px": partial(far_away, share=70 / 210),
        "turned 15 degrees": partial(turned, by_deg=15.0),
        "turned 25 degrees": partial(turned, by_deg=25.0),
        "turned 30 degrees": partial(turned, by_deg=30.0),
    }
)
"""From harmless to hopeless; blur of 8 px, light of a tenth and faces of 45 px are left out, since nothing matches there."""


def compare(engine: DlibEngine, chip: bytes, frame: Grey) -> tuple[bool, FrameHint]:
    """Return whether the frame matches, and what the person was told."""
    rgb = bytearray(np.repeat(frame[..., None], 3, axis=2).tobytes())
    try:
        comparison = engine.compare(chip, [Frame(frame.shape[1], frame.shape[0], rgb)])
    except NoFace:
        return False, FrameHint.NO_FACE
    except SeveralFaces:
        return False, FrameHint.SEVERAL_FACES
    return comparison.band is FaceBand.MATCH, comparison.quality.hint
