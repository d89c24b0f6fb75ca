"""Pictures of public research sets, read where they lie; tests that want them are skipped where they are absent."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from appliance.face.detection import FoundFace, Grey
from appliance.simulated.portraits import FRAME_SIZE_PX
from tests.face.seen_frames import detector

FACES = Path(os.environ.get("MYNAVISIT_TEST_FACES", Path(__file__).parents[3] / "shared" / "data" / "faces"))
needs_faces = pytest.mark.skipif(
    not FACES.is_dir(),
    reason=f"the folder of test pictures is absent: {FACES} (MYNAVISIT_TEST_FACES names it)",
)
EYES_PX = (640.0, 300.0)
FACE_PX = 210
"""Height of the found face in a frame of `in_frame`."""


def picture_files() -> list[Path]:
    return sorted(file for file in FACES.rglob("*") if file.suffix.lower() in {".jpg", ".png"})


def pairs_of_one_person(group: str) -> list[tuple[Path, Path]]:
    with (FACES / "manifest.csv").open(encoding="utf-8", newline="") as table:
        rows = [row for row in csv.DictReader(table) if (row["label"], row["group"]) == ("same", group)]
    pairs = {(row["reference_file"], row["live_file"]) for row in rows}
    return [(FACES / reference, FACES / live) for reference, live in sorted(pairs)]


def read_grey(file: Path) -> Grey:
    with Image.open(file) as opened:
        return np.asarray(opened.convert("L")).copy()


def largest_face(picture: Grey) -> FoundFace | None:
    return next(iter(detector().find_in_picture(picture)), None)


def in_frame(picture: Grey, face: FoundFace, face_px: int = FACE_PX) -> tuple[Grey, float]:
    """Put a picture into a frame, the face as near as a person sits; also return the eye distance there."""
    scale = face_px / face.height_px
    size_px = int(picture.shape[1] * scale), int(picture.shape[0] * scale)
    near = Image.fromarray(picture).resize(size_px, Image.Resampling.BICUBIC)
    (right_x, right_y), (left_x, left_y) = face.points.eyes
    frame = Image.new("L", FRAME_SIZE_PX, 150)
    x, y = scale * (right_x + left_x) / 2, scale * (right_y + left_y) / 2
    frame.paste(near, (int(EYES_PX[0] - x), int(EYES_PX[1] - y)))
    return np.asarray(frame).copy(), float(np.hypot(right_x - left_x, right_y - left_y)) * scale


def with_noise(
    picture: np.ndarray[tuple[int, ...], np.dtype[np.floating]], deviation: float, seed: int
) -> Grey:
    noise = np.random.default_rng(seed).normal(0.0, deviation, picture.shape)
    noisy: Grey = np.clip(picture + noise, 0, 255).astype(np.uint8)
    return noisy
