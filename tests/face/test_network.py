"""The network's templates are dlib's own, and a file that is no such network is refused."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import dlib
import numpy as np
import pytest
from PIL import Image, ImageFilter

from appliance.errors import FaceWeightsRefused
from appliance.face.detection import Detector, Grey, cut_chip
from appliance.face.dlib_weights import TEMPLATE_LENGTH, read_network
from appliance.face.grey import grey_of
from appliance.face.network import INPUT_SIDE_PX, Network, TemplateBroken, build_model
from appliance.face.weights import find_weights
from tests.face.conftest import seen

ROOT = Path(__file__).parents[2]
SMALL_ENOUGH = 1e-5
CHIPS_PER_KIND = 40


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(find_weights().embedding)


def portraits() -> list[Grey]:
    """Chips of real faces in many lights, angles and distances."""
    detector = Detector(find_weights().landmarks)
    chips: list[Grey] = []
    for portrait in ("astronaut", "hopper"):
        for number in range(CHIPS_PER_KIND // 2):
            light, angle_deg = 0.3 + number / 15, float(number - 10)
            frame = grey_of(seen(portrait, light, angle_deg, 0.9 + number / 25, seed=number))
            chips.extend(cut_chip(frame, face).middle for face in detector.find_near(frame)[:1])
    return chips


def drawn(kind: str) -> list[Grey]:
    """Chips that no camera gives: noise, slopes, blurred noise, flat shades."""
    random = np.random.default_rng(11)
    size = (CHIPS_PER_KIND, INPUT_SIDE_PX, INPUT_SIDE_PX)
    noise = random.integers(0, 256, size, dtype=np.uint8)
    match kind:
        case "noise":
            return list(noise)
        case "blurred":
            blur = ImageFilter.GaussianBlur(4)
            return [np.asarray(Image.fromarray(each).filter(blur)) for each in noise]
        case "slopes":
            steps = random.uniform(-1.5, 1.5, (CHIPS_PER_KIND, 2))
            rows, columns = np.mgrid[-75:75, -75:75]
            return [
                np.clip(128 + down * rows + right * columns, 0, 255).astype(np.uint8) for down, right in steps
            ]
        case _:
            shades = np.linspace(0, 255, CHIPS_PER_KIND).astype(np.uint8)
            return [np.full(size[1:], shade, dtype=np.uint8) for shade in shades]


def of_portraits_changed() -> list[Grey]:
    """Chips of faces mirrored, negative, darkened, compressed and cut."""
    changed = []
    for chip in portraits():
        stream = io.BytesIO()
        Image.fromarray(chip).save(stream, "JPEG", quality=10)
        half = chip.copy()
        half[75:] = 0
        changed += [chip[:, ::-1], 255 - chip, chip // 4, np.asarray(Image.open(stream)), half]
    return changed


def test_templates_are_dlib_s_own(network: Network) -> None:
    reference = dlib.face_recognition_model_v1(str(find_weights().embedding))
    chips = [*portraits(), *of_portraits_changed()]
    chips += [chip for kind in ("noise", "blurred", "slopes", "flat") for chip in drawn(kind)]
    assert len(chips) >= 300
    ours = network.embed(np.stack(chips))
    theirs = np.array(
        [
            reference.compute_face_descriptor(np.repeat(np.ascontiguousarray(chip)[:, :, np.newaxis], 3, 2))
            for chip in chips
        ]
    )
    assert np.abs(ours - theirs).max() <= SMALL_ENOUGH


def test_each_look_has_its_template_whatever_stands_beside_it(network: Network) -> None:
    chips = np.stack(drawn("blurred")[:5])
    together = network.embed(chips)
    assert together.shape == (5, TEMPLATE_LENGTH)
    for chip, template in zip(chips, together, strict=True):
        assert np.array_equal(network.embed(chip[np.newaxis]), template[np.newaxis])


def test_no_look_gives_no_template(network: Network) -> None:
    assert network.embed(np.empty((0, INPUT_SIDE_PX, INPUT_SIDE_PX), dtype=np.uint8)).shape == (
        0,
        TEMPLATE_LENGTH,
    )


class Broken:
    """A computation that went wrong."""

    def __init__(self, value: float) -> None:
        self._value = value

    def run(self, *_: object) -> list[np.ndarray]:
        return [np.full((1, TEMPLATE_LENGTH), self._value, dtype=np.float32)]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_are_never_handed_on(
    network: Network, monkeypatch: pytest.MonkeyPatch, value: float
) -> None:
    monkeypatch.setattr(network, "_session", Broken(value))
    with pytest.raises(TemplateBroken):
        network.embed(np.stack(drawn("flat")[:1]))


@pytest.mark.parametrize("content", [b"", b"no network", bytes(100_000)])
def test_a_file_that_is_no_network_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.dat"
    path.write_bytes(content)
    with pytest.raises(FaceWeightsRefused) as refused:
        Network(path)
    assert refused.value.name == "weights.dat"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FaceWeightsRefused):
        Network(tmp_path / "nothing.dat")


def test_the_model_holds_the_weights_and_little_else() -> None:
    content = find_weights().embedding.read_bytes()
    model = build_model(read_network(content))
    assert len(model) <= len(content)


OPENED_FILES = """
import sys
opened = []
sys.addaudithook(lambda event, details: opened.append(str(details[0])) if event == "open" else None)
from appliance.face.engine import load_engine
from appliance.face.evidence_file import DEFAULT_EVIDENCE
load_engine(DEFAULT_EVIDENCE)
print("\\n".join(name for name in opened if "face_recognition_models" in name))
print("imported" if "face_recognition_models" in sys.modules else "not imported")
"""


def test_the_sixty_eight_points_are_never_opened_and_their_package_is_never_imported() -> None:
    said = subprocess.run(
        [sys.executable, "-c", OPENED_FILES], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    assert said[-2] == "not imported"
    names = {Path(line).name for line in said[:-2]}
    assert names == {"dlib_face_recognition_resnet_model_v1.dat", "shape_predictor_5_face_landmarks.dat"}


def test_not_even_by_the_libraries(tmp_path: Path) -> None:
    """A library opens files below the interpreter, where audit events do not reach; a trace of system calls does."""
    traced = tmp_path / "opened"
    command = [
        "strace",
        "-f",
        "-e",
        "trace=open,openat",
        "-o",
        str(traced),
        sys.executable,
        "-c",
        OPENED_FILES,
    ]
    try:
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("strace is not installed")
    assert "shape_predictor_68" not in traced.read_text(encoding="utf-8", errors="replace")
