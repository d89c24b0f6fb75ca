"""Small sets of pictures for measuring, made from the training portraits and a drawn face: nobody else is on them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from appliance.face.drawn_face import drawn_face
from appliance.face.evaluation.gallery import PairScores
from appliance.simulated.portraits import chip_photo, live_frame

PEOPLE: Final = ("astronaut", "hopper")


def as_png(portrait: str, angle_deg: float) -> bytes:
    """Return a live frame of a portrait as a PNG file."""
    frame = live_frame(portrait, 1.0, angle_deg, 1.0, 3)
    file = io.BytesIO()
    Image.frombytes("RGB", (frame.width, frame.height), bytes(frame.rgb)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def write_set(folder: Path) -> Path:
    """Write a chip photo and two live pictures of each portrait, and one drawn face, named as for `--across`."""
    for person in PEOPLE:
        (folder / f"{person}_0001.jp2").write_bytes(chip_photo(person))
        (folder / f"{person}_0002.png").write_bytes(as_png(person, 0.0))
        (folder / f"{person}_0003.png").write_bytes(as_png(person, 6.0))
    (folder / "nobody_0001.png").write_bytes(drawn_face())
    return folder


def write_table(folder: Path, *rows: str) -> Path:
    table = folder / "pairs.csv"
    table.write_text("\n".join(["reference,live,same", *rows]) + "\n", encoding="utf-8")
    return table


def scored(*scores: float) -> PairScores:
    """Return scores without trouble; one that is not a number stands for a live picture without a face."""
    score = np.array(scores, dtype=np.float64)
    return PairScores(score, np.zeros(len(score), np.uint8), np.isnan(score).astype(np.uint8))
