"""The benchmark itself: two rounds give figures, and both pipelines mean the same by their scores."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from appliance.errors import NoFace
from appliance.face.weights import find_weights
from appliance.simulated.portraits import chip_photo, live_frame
from tests.bench.face_verification import Decisions, PlainPipeline, _judged, colour_of, compare, decide_pairs


def test_two_rounds_give_figures() -> None:
    told: list[int] = []
    figures = compare(2, told.append)
    assert told == [1, 2]
    assert figures.decisions_agree
    assert all(
        math.isfinite(number) and number > 0
        for number in (
            figures.ours_s,
            figures.plain_s,
            figures.quiet_ratio,
            figures.look_s,
            figures.decision_s,
        )
    )


def test_the_plain_pipeline_tells_people_apart() -> None:
    plain = PlainPipeline(find_weights())
    hopper, astronaut = (colour_of(live_frame(name, 1.0, 0.0, 1.0, 1)) for name in ("hopper", "astronaut"))
    photo = chip_photo("hopper")
    assert plain.score(photo, hopper) > 0.2
    assert plain.score(photo, astronaut) < 0.0
    with pytest.raises(NoFace):
        plain.score(photo, np.zeros((720, 1280, 3), dtype=np.uint8))


def test_decisions_are_counted_at_the_threshold() -> None:
    scores = [
        (True, 0.2),
        (True, 0.1),
        (True, 0.09),
        (True, None),
        (False, 0.1),
        (False, 0.05),
        (False, None),
    ]
    assert _judged(scores, 0.1) == Decisions(
        genuine=4, impostor=3, false_non_matches=2, false_matches=1, nothing_found=2
    )


def test_pairs_of_a_folder_are_decided(tmp_path: Path) -> None:
    for name in ("hopper", "astronaut"):
        frame = live_frame(name, 1.0, 0.0, 1.0, 1)
        Image.frombytes("RGB", (frame.width, frame.height), bytes(frame.rgb)).save(tmp_path / f"{name}.png")
    (tmp_path / "manifest.csv").write_text(
        "reference_file,live_file,label\nhopper.png,hopper.png,same\nhopper.png,astronaut.png,different\n",
        encoding="utf-8",
    )
    ours, plain = decide_pairs(tmp_path, lambda _: None)
    assert ours == plain == Decisions(1, 1, 0, 0, 0)
