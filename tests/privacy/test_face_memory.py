"""After a person's face step no process holds a pixel, a grey row or a template any more, whatever ended it (D4, R10).

The unit's side and both workers are searched from outside. Searching while pictures are in use finds them, so finding
nothing afterwards means something.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import cycle
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from appliance.domain.ephemeral import Frame
from appliance.face.comparison import average
from appliance.face.detection import Grey, cut_chip, halve
from appliance.face.dlib_weights import read_network
from appliance.face.engine import DlibEngine, load_engine
from appliance.face.evidence_file import DEFAULT_EVIDENCE
from appliance.face.grey import grey_of
from appliance.face.network import build_model
from appliance.face.turning import turn
from appliance.face.weights import find_weights
from appliance.pictures.header import CHIP_BOUNDS
from appliance.simulated.portraits import chip_photo, live_frame
from tests.privacy.scanned_memory import found_in

ROOT = Path(__file__).parents[2]
PLACES = 6
"""Windows of each kind; each is long enough to be found nowhere by chance."""
WINDOW_BYTES = 24
PATIENT_S = "120"
COMPARISONS_AT_MOST = 24
STOPS_AT_MOST = 200
STOPS_APART_S = (0.010, 0.004, 0.007)
"""Uneven, so that stops of one comparison after the other do not fall on the same moments."""

Needles = Mapping[str, Sequence[bytes]]


class Step:
    """The unit's face step, asked line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, *words: str | Path) -> str:
        self.begin(*words)
        return self.answer()

    def begin(self, *words: str | Path) -> None:
        assert self._process.stdin is not None
        print(*words, file=self._process.stdin, flush=True)

    def answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def has_answered(self, within_s: float) -> bool:
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout], [], [], within_s)[0])

    def process_ids(self) -> list[int]:
        """Return the unit's side, the worker that looks and the one that compares."""
        return [int(word) for word in self.ask("pids").split()]

    def left(self, needles: Needles) -> dict[int, dict[str, int]]:
        """Return what is left in each process that holds any of it."""
        found = {process_id: found_in(process_id, needles) for process_id in self.process_ids()}
        return {process_id: kinds for process_id, kinds in found.items() if kinds}


@contextmanager
def face_step(look_s: str = PATIENT_S, compare_s: str = PATIENT_S) -> Iterator[Step]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.privacy.face_step", look_s, compare_s],
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
def step() -> Iterator[Step]:
    with face_step() as running:
        yield running


@dataclass(frozen=True)
class Planted:
    """Pictures of one person in files, and what may not stay of them."""

    chip: Path
    frame: Path
    needles: Needles


def windows(numbers: NDArray[np.generic], size_bytes: int = WINDOW_BYTES) -> list[bytes]:
    """Return windows of an array's bytes, spread over the places where neighbours differ."""
    flat = np.frombuffer(np.ascontiguousarray(numbers).tobytes(), dtype=np.uint8)
    starts = np.linspace(0, len(flat) - size_bytes, 400, dtype=int)
    busy = [start for start in starts if len(set(flat[start : start + size_bytes].tolist())) >= 10]
    chosen = busy[:: max(1, len(busy) // PLACES)][:PLACES]
    assert chosen
    return [flat[start : start + size_bytes].tobytes() for start in chosen]


def needles_of(engine: DlibEngine, chip: bytes, frame: Frame, turned_deg: int) -> Needles:
    """Return what comes of these pictures on the way to a score."""
    grey = turn(grey_of(frame), turned_deg)
    photo = engine.decode(chip, CHIP_BOUNDS)
    rgb = np.frombuffer(bytes(frame.rgb), dtype=np.uint8).reshape(frame.height, frame.width, 3)
    faces = {
        "live": (grey, engine._detector.find_near(grey)),
        "photo": (photo, engine._detector.find_small(photo)),
    }
    needles: dict[str, Sequence[bytes]] = {
        "frame": windows(rgb[200:500, 500:800]),
        "grey": windows(grey[grey.shape[0] // 3 : -grey.shape[0] // 3]),
        "halved": windows(halve(grey)[100:250]),
        "chip": windows(np.frombuffer(chip, dtype=np.uint8)[400:]),
        "photo": windows(photo),
    }
    for name, (picture, found) in faces.items():
        if found:
            of_face = face_needles(engine, cut_chip(picture, found[0]).looks())
            needles |= {f"{name} {kind}": these for kind, these in of_face.items()}
    return needles


@cache
def inner_session() -> onnxruntime.InferenceSession:
    """The network with what comes before its last step given out too."""
    model = onnx.load_from_string(build_model(read_network(find_weights().embedding.read_bytes())))
    means = model.graph.node[-2].output[0]
    model.graph.output.append(onnx.helper.make_tensor_value_info(means, onnx.TensorProto.FLOAT, [1, 256]))
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def face_needles(engine: DlibEngine, looks: Grey) -> Needles:
    templates = engine._network.embed(looks)
    inner = [inner_session().run(None, {"look": np.ascontiguousarray(look)})[1] for look in looks]
    # As the network sees it: bytes turned into 32-bit floats.
    return {
        "look": windows(looks[0, 40:110]),
        "mirrored look": windows(looks[-1, 40:110]),
        "floats": windows(looks[0, 40:110].astype(np.float32), 4 * WINDOW_BYTES),
        "look's template": windows(templates[0]),
        "template": windows(average(templates)),
        "inner numbers": [window for numbers in inner for window in windows(numbers)],
    }


@pytest.fixture(scope="module")
def engine() -> DlibEngine:
    return load_engine(DEFAULT_EVIDENCE)


def plant(
    folder: Path, engine: DlibEngine, name: str, chip: bytes, frame: Frame, turned_deg: int = 0
) -> Planted:
    (folder / f"{name}.jp2").write_bytes(chip)
    (folder / f"{name}.rgb").write_bytes(frame.rgb)
    return Planted(
        folder / f"{name}.jp2", folder / f"{name}.rgb", needles_of(engine, chip, frame, turned_deg)
    )


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, engine: DlibEngine) -> dict[str, Planted]:
    """Two people, one of them lying too, and a figure without a face."""
    folder = tmp_path_factory.mktemp("people")

    def planted(name: str, portrait: str | None, angle_deg: float = 0.0, turned_deg: int = 0) -> Planted:
        frame = live_frame(portrait, 1.0, angle_deg, 1.0, seed=len(name))
        return plant(folder, engine, name, chip_photo(portrait), frame, turned_deg)

    return {
        "hopper": planted("hopper", "hopper"),
        "astronaut": planted("astronaut", "astronaut"),
        "lying": planted("lying", "hopper", 90.0, -90),
        "figure": planted("figure", None),
    }


def all_needles(people: Mapping[str, Planted]) -> Needles:
    return {
        f"{name}: {kind}": these
        for name, planted in people.items()
        for kind, these in planted.needles.items()
    }


def test_pictures_in_use_are_found(step: Step, people: dict[str, Planted]) -> None:
    person = people["hopper"]
    assert step.ask("hold", person.chip, person.frame) == "held 2"
    unit_side = step._process.pid
    found = found_in(unit_side, person.needles)
    assert step.ask("go on") == "released"
    assert {kind: count for kind, count in found.items() if kind in {"frame", "chip"}} == {
        "frame": len(person.needles["frame"]),
        "chip": len(person.needles["chip"]),
    }


LIVE_KINDS = {"grey", "live look"}
FIRST_KINDS = ("look", "look's template", "template")
"""What is made of the picture that comes first, and stays until the other is compared with it."""


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("compare", LIVE_KINDS | {f"photo {kind}" for kind in FIRST_KINDS}),
        # The network's inner numbers live for a moment only; here the same face goes through it twice.
        ("compare_live", LIVE_KINDS | {"live inner numbers"} | {f"live {kind}" for kind in FIRST_KINDS}),
    ],
    ids=["with the chip photo", "before and after a challenge"],
)
def test_pixels_and_templates_are_found_while_they_are_compared(
    step: Step, people: dict[str, Planted], word: str, wanted: set[str]
) -> None:
    person = people["hopper"]
    comparing = step.process_ids()[-1]
    pictures = [person.frame] * 2 if word == "compare_live" else [person.chip, *[person.frame] * 2]
    seen: set[str] = set()
    # What lives for a few milliseconds is met by chance, so several comparisons are looked into.
    for _ in range(COMPARISONS_AT_MOST):
        if wanted <= seen:
            break
        step.begin(word, *pictures)
        for _, apart_s in zip(range(STOPS_AT_MOST), cycle(STOPS_APART_S), strict=False):
            if step.has_answered(apart_s):
                break
            os.kill(comparing, signal.SIGSTOP)
            try:
                seen |= found_in(comparing, person.needles).keys()
            finally:
                os.kill(comparing, signal.SIGCONT)
        assert step.answer() == "match"
    assert wanted <= seen


@pytest.mark.parametrize("name", ["hopper", "astronaut", "lying", "figure"])
def test_nothing_is_left_of_a_look(step: Step, people: dict[str, Planted], name: str) -> None:
    answers = [step.ask("look", people[name].frame) for _ in range(3)]
    assert (answers[-1] == "no_face") is (name == "figure")
    assert step.left(people[name].needles) == {}


@pytest.mark.parametrize(
    ("chip", "person", "answer"),
    [
        ("hopper", "hopper", "match"),
        ("astronaut", "astronaut", "match"),
        ("astronaut", "hopper", "unlike"),
        ("hopper", "lying", "match"),
        ("hopper", "figure", "NoFace"),
        ("figure", "hopper", "NoFace"),
    ],
    ids=["alike", "alike again", "another", "lying", "nobody there", "nobody on the photo"],
)
def test_nothing_is_left_of_a_comparison(
    step: Step, people: dict[str, Planted], chip: str, person: str, answer: str
) -> None:
    assert step.ask("compare", people[chip].chip, *[people[person].frame] * 3) == answer
    assert step.left(all_needles({chip: people[chip], person: people[person]})) == {}


@pytest.mark.parametrize(
    ("before", "after", "answer"),
    [
        ("hopper", "lying", "match"),
        ("hopper", "astronaut", "unlike"),
        ("hopper", "figure", "NoFace"),
    ],
    ids=["held, lying", "another", "nobody after"],
)
def test_nothing_is_left_of_the_frames_of_before_and_after_a_challenge(
    step: Step, people: dict[str, Planted], before: str, after: str, answer: str
) -> None:
    assert step.ask("compare_live", people[before].frame, people[after].frame) == answer
    assert step.left(all_needles({before: people[before], after: people[after]})) == {}


def test_nothing_is_left_of_several_people_in_turn(step: Step, people: dict[str, Planted]) -> None:
    for name in ("hopper", "astronaut", "lying", "hopper", "figure"):
        step.ask("look", people[name].frame)
        step.ask("compare", people[name].chip, people[name].frame, people[name].frame)
    assert step.left(all_needles(people)) == {}


def test_nothing_is_left_of_a_refused_photo(step: Step, people: dict[str, Planted], tmp_path: Path) -> None:
    person = people["astronaut"]
    broken = bytearray(person.chip.read_bytes())
    broken[300:340] = bytes(40)
    hostile = tmp_path / "hostile.jp2"
    for content in (bytes(broken), bytes(broken[:4_000]), bytes(broken[:200])):
        hostile.write_bytes(content)
        step.ask("compare", hostile, person.frame)
        assert step.left(person.needles) == {}


def test_nothing_is_left_of_two_people_at_once(
    step: Step, people: dict[str, Planted], engine: DlibEngine, tmp_path: Path
) -> None:
    halves = [
        np.frombuffer(live_frame(name, 1.0, 0.0, 1.1, 7).rgb, dtype=np.uint8).reshape(720, 1280, 3)[
            :, 320:960
        ]
        for name in ("hopper", "astronaut")
    ]
    both = Frame(1280, 720, bytearray(np.concatenate(halves, axis=1).tobytes()))
    planted = plant(tmp_path, engine, "both", people["hopper"].chip.read_bytes(), both)
    assert step.ask("look", planted.frame) == "several_faces"
    assert step.ask("compare", planted.chip, planted.frame) == "SeveralFaces"
    assert step.left(planted.needles) == {}


@pytest.mark.parametrize(("word", "stopped"), [("look", 1), ("compare", 2)])
def test_nothing_is_left_of_a_step_that_was_too_late(
    people: dict[str, Planted], word: str, stopped: int
) -> None:
    person = people["hopper"]
    with face_step(look_s="0.5", compare_s="0.5") as step:
        before = step.process_ids()
        os.kill(before[stopped], signal.SIGSTOP)
        pictures = (person.frame,) if word == "look" else (person.chip, person.frame)
        assert step.ask(word, *pictures) == "FaceEngineSilent"
        assert step.process_ids()[stopped] != before[stopped]
        assert step.left(person.needles) == {}
