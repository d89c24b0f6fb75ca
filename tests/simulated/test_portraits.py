"""Training portraits make chip photos and live frames that the face engine takes for faces (design D6)."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from appliance.domain.ephemeral import Frame
from appliance.errors import PortraitMissing
from appliance.simulated.portraits import CHIP_SIZE_BYTES, CHIP_SIZE_PX, PORTRAITS, chip_photo, live_frame

EVERYBODY = [*sorted(PORTRAITS), None]


def pixels(frame: Frame) -> NDArray[np.uint8]:
    return np.frombuffer(frame.rgb, dtype=np.uint8).reshape(frame.height, frame.width, 3)


@pytest.mark.parametrize("portrait", EVERYBODY)
def test_a_chip_photo_is_grey_small_jpeg_2000(portrait: str | None) -> None:
    content = chip_photo(portrait)
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.mode, image.size) == ("JPEG2000", "L", CHIP_SIZE_PX)
    assert len(content) <= CHIP_SIZE_BYTES * 1.05


@pytest.mark.parametrize("portrait", sorted(PORTRAITS))
def test_a_portrait_fills_the_chip_photo_s_length(portrait: str) -> None:
    assert len(chip_photo(portrait)) >= CHIP_SIZE_BYTES * 0.9


def test_the_figure_without_a_face_has_two_shades() -> None:
    with Image.open(io.BytesIO(chip_photo(None))) as image:
        grey = np.asarray(image).astype(int)
    near = (abs(grey - 128) < 12) | (abs(grey - 208) < 12)
    assert near.mean() > 0.8


@pytest.mark.parametrize("portrait", EVERYBODY)
def test_the_same_seed_gives_the_same_frame(portrait: str | None) -> None:
    one, again, other = (live_frame(portrait, 0.8, 5.0, 1.2, seed) for seed in (1, 1, 2))
    assert (one.width, one.height) == (1280, 720)
    assert one.rgb == again.rgb
    assert one.rgb != other.rgb


def test_chip_photos_are_the_same_each_time() -> None:
    assert chip_photo("hopper") == chip_photo("hopper")


@pytest.mark.parametrize("portrait", EVERYBODY)
def test_less_light_is_darker(portrait: str | None) -> None:
    means = [pixels(live_frame(portrait, light, 0.0, 1.0, 1)).mean() for light in (0.0, 0.2, 0.6, 1.0, 1.6)]
    assert means == sorted(means)
    assert means[0] < 5


def test_distance_makes_the_person_smaller() -> None:
    room = pixels(live_frame("hopper", 1.0, 0.0, 30.0, 1)).astype(int)
    covered = [
        (abs(pixels(live_frame("hopper", 1.0, 0.0, distance, 1)).astype(int) - room) > 20).mean()
        for distance in (0.8, 1.2, 2.0)
    ]
    assert covered == sorted(covered, reverse=True)


@settings(max_examples=10, deadline=None)
@given(
    st.sampled_from(EVERYBODY), st.floats(0, 3), st.floats(-180, 180), st.floats(0.5, 5), st.integers(0, 99)
)
def test_any_light_angle_and_distance_gives_a_whole_frame(
    portrait: str | None, light: float, angle_deg: float, distance: float, seed: int
) -> None:
    with live_frame(portrait, light, angle_deg, distance, seed) as frame:
        assert len(frame.rgb) == 1280 * 720 * 3


@pytest.mark.parametrize("make", [chip_photo, lambda name: live_frame(name, 1.0, 0.0, 1.0, 1)])
def test_an_unknown_portrait_is_named(make: object) -> None:
    assert callable(make)
    with pytest.raises(PortraitMissing) as missing:
        make("somebody")
    assert (missing.value.name, missing.value.extra) == ("somebody", "training")


@pytest.mark.parametrize("found", ["no package", "no file"])
def test_a_missing_package_or_file_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, found: str
) -> None:
    empty = importlib.machinery.ModuleSpec("skimage", None, is_package=True)
    empty.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if found == "no package" else empty)
    with pytest.raises(FileNotFoundError) as missing:
        chip_photo("astronaut")
    assert isinstance(missing.value, PortraitMissing)
    assert missing.value.extra == "training"


IMPORTS = """
import sys
import appliance.simulated.portraits as portraits
print([name for name in ("numpy", "PIL") if name in sys.modules])
portraits.chip_photo("astronaut"); portraits.live_frame("hopper", 1.0, 0.0, 1.0, 1)
print([name for name in ("skimage", "matplotlib") if name in sys.modules])
"""


def test_the_packages_are_read_without_being_imported() -> None:
    root = Path(__file__).parents[2]
    said = subprocess.run(
        [sys.executable, "-c", IMPORTS], cwd=root, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["[]", "[]"]
