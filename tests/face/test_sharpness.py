"""Sharpness falls with blur and motion, and minds neither light nor contrast nor noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from appliance.face.detection import Grey, cut_chip
from appliance.face.sharpness import measure_sharpness
from appliance.simulated.portraits import live_frame
from tests.face.seen_frames import PEOPLE, chip_of, find, grey


@pytest.fixture(scope="module")
def pictures() -> dict[str, Grey]:
    return {name: grey(live_frame(name, 1.0, 0.0, 1.0, seed=1)) for name in PEOPLE}


def sharpness(picture: Grey) -> float:
    return measure_sharpness(chip_of(picture)[30:120, 30:120].astype(np.float64))


def blurred(picture: Grey, deviation_px: float) -> Grey:
    soft: Grey = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(deviation_px)))
    return soft


@pytest.mark.parametrize("portrait", PEOPLE)
def test_more_blur_is_less_sharp(pictures: dict[str, Grey], portrait: str) -> None:
    measures = [sharpness(blurred(pictures[portrait], px)) for px in (0.0, 2.0, 4.0, 6.0)]
    assert measures == sorted(measures, reverse=True)
    assert measures[0] > 2.4
    assert measures[-1] < 2.0


@pytest.mark.parametrize("portrait", PEOPLE)
@pytest.mark.parametrize("axis", [0, 1])
def test_motion_along_one_direction_is_enough(pictures: dict[str, Grey], portrait: str, axis: int) -> None:
    still = pictures[portrait]
    moved = np.mean([np.roll(still.astype(np.float64), step - 15, axis=axis) for step in range(30)], axis=0)
    # Cut where the still face is: so much motion may hide it from the detector.
    chip = cut_chip(moved.astype(np.uint8), find(still)[0]).middle
    assert measure_sharpness(chip[30:120, 30:120].astype(np.float64)) < 2.0


@pytest.mark.parametrize("portrait", PEOPLE)
@pytest.mark.parametrize(("times", "plus"), [(0.5, 0.0), (0.7, 40.0), (1.2, 10.0)])
def test_light_and_contrast_do_not_matter(
    pictures: dict[str, Grey], portrait: str, times: float, plus: float
) -> None:
    relit = np.clip(pictures[portrait] * times + plus, 0, 255).astype(np.uint8)
    assert sharpness(relit) == pytest.approx(sharpness(pictures[portrait]), rel=0.25)


@pytest.mark.parametrize("portrait", PEOPLE)
def test_noise_does_not_make_a_blurred_face_sharp(pictures: dict[str, Grey], portrait: str) -> None:
    noise = np.random.default_rng(1).normal(0, 5, pictures[portrait].shape)
    noisy = np.clip(blurred(pictures[portrait], 6.0) + noise, 0, 255).astype(np.uint8)
    assert sharpness(noisy) < 2.0


@given(st.integers(0, 255), st.integers(20, 60))
def test_an_even_picture_has_no_detail(shade: int, side: int) -> None:
    assert measure_sharpness(np.full((side, side), float(shade))) == 1.0
