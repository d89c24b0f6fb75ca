"""After a look at a card no process holds a pixel of it any more, and the process that read it is gone (R04, D4).

Searching while the preview is in use finds it, so finding nothing afterwards means something.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from appliance.domain.ephemeral import Frame
from appliance.domain.front_sight import FrontHint, FrontSide, FrontSight
from appliance.service.front_preview import preview_of
from appliance.simulated.card_faces import Press, draw_back, draw_front, print_of
from appliance.simulated.card_views import Level, view_card, view_nothing
from appliance.simulated.chip_pictures import find_japanese_font
from appliance.simulated.people import training_person
from tests.privacy.scanned_memory import found_in

ROOT = Path(__file__).parents[2]
PLACES = 6
WINDOW_BYTES = 24

Needles = Mapping[str, Sequence[bytes]]


@dataclass(frozen=True)
class Planted:
    """A frame in a file, and what may not stay of it."""

    file: Path
    needles: Needles


class Step:
    """The unit's look, asked line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, *words: str | Path) -> str:
        assert self._process.stdin is not None
        print(*words, file=self._process.stdin, flush=True)
        return self.answer()

    def answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def process_ids(self) -> list[int]:
        return [int(word) for word in self.ask("pids").split()]


@contextmanager
def front_step() -> Iterator[Step]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.privacy.front_step"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    )
    try:
        step = Step(process)
        assert step.answer() == "ready"
        yield step
    finally:
        process.stdin.close()  # type: ignore[union-attr]
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def step(people: dict[str, Planted]) -> Iterator[Step]:
    with front_step() as running:
        if running.ask("look", people["nothing"].file) == "CardReadingMissing":
            pytest.skip("the reading engine is not installed: apt packages tesseract-ocr, tesseract-ocr-jpn")
        yield running


def windows(pixels: NDArray[np.uint8]) -> list[bytes]:
    """Return windows of the bytes, spread over the places where neighbours differ."""
    flat = np.frombuffer(np.ascontiguousarray(pixels).tobytes(), dtype=np.uint8)
    starts = np.linspace(0, len(flat) - WINDOW_BYTES, 400, dtype=int)
    busy = [start for start in starts if len(set(flat[start : start + WINDOW_BYTES].tolist())) >= 10]
    chosen = busy[:: max(1, len(busy) // PLACES)][:PLACES]
    assert chosen
    return [flat[start : start + WINDOW_BYTES].tobytes() for start in chosen]


def planted(folder: Path, name: str, frame: Frame) -> Planted:
    file = folder / f"{name}.rgb"
    file.write_bytes(frame.rgb)
    rgb = np.frombuffer(bytes(frame.rgb), dtype=np.uint8).reshape(frame.height, frame.width, 3)
    needles: dict[str, Sequence[bytes]] = {
        "frame": windows(rgb[200:500, 400:900]),
        "grey": windows(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)[200:500]),
    }
    sight = FrontSight(FrontSide.FRONT, FrontHint.KEEP_SHOWING)
    preview = preview_of(frame, sight, shows_room=True)
    assert preview is not None
    needles["preview"] = windows(np.frombuffer(bytes(preview.grey), dtype=np.uint8))
    return Planted(file, needles)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Planted]:
    folder = tmp_path_factory.mktemp("fronts")
    press, printed = Press(find_japanese_font(), 5), print_of(training_person("p01"))
    frames = {
        "front": view_card(draw_front(printed, press), Level.USUAL, 1),
        "back": view_card(draw_back(printed, press), Level.USUAL, 2),
        "nothing": view_nothing(3),
    }
    return {name: planted(folder, name, frame) for name, frame in frames.items()}


def test_a_preview_in_use_is_found_and_gone_with_the_step(step: Step, people: dict[str, Planted]) -> None:
    front = people["front"]
    assert step.ask("hold", front.file) == "front"
    unit_side, _ = step.process_ids()
    assert found_in(unit_side, front.needles) == {"preview": len(front.needles["preview"])}
    assert step.ask("leave") == "left"
    (only,) = step.process_ids()
    assert only == unit_side
    assert found_in(unit_side, front.needles) == {}


@pytest.mark.parametrize("name", ["front", "back", "nothing"])
def test_nothing_is_left_of_a_look(step: Step, people: dict[str, Planted], name: str) -> None:
    assert step.ask("look", people[name].file) == name
    (unit_side,) = step.process_ids()
    assert found_in(unit_side, people[name].needles) == {}


def test_nothing_of_a_back_is_left_on_the_units_side_while_the_card_is_still_held_up(
    step: Step, people: dict[str, Planted]
) -> None:
    assert step.ask("hold", people["back"].file) == "back"
    unit_side, _ = step.process_ids()
    assert found_in(unit_side, people["back"].needles) == {}
    step.ask("leave")
