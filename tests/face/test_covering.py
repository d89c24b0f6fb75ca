"""A mask, dark glasses, a hat or a hand over an eye is told; bare faces are left in peace."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from appliance.face.covering import measure_cover
from appliance.face.detection import CHIP_SIDE_PX, Grey
from appliance.simulated.portraits import live_frame
from tests.face.seen_frames import PEOPLE, chip_of, grey

HIDES: dict[str, list[tuple[str, list[object]]]] = {
    "mask": [("polygon", [(22, 82), (74, 74), (128, 82), (116, 126), (75, 148), (32, 126)])],
    "dark glasses": [("ellipse", [27, 32, 67, 64]), ("ellipse", [80, 32, 120, 64])],
    "hat over the eyes": [("rectangle", [0, 0, 150, 57])],
    "hand over one eye": [("ellipse", [74, 18, 128, 88])],
}


@pytest.fixture(scope="module")
def chips() -> dict[str, Grey]:
    return {name: chip_of(grey(live_frame(name, 1.0, 0.0, 1.0, seed=1))) for name in PEOPLE}


def hidden(chip: Grey, shapes: list[tuple[str, list[object]]], shade: int, seed: int = 1) -> Grey:
    mask = Image.new("L", (CHIP_SIDE_PX, CHIP_SIDE_PX), 0)
    for shape, corners in shapes:
        getattr(ImageDraw.Draw(mask), shape)(corners, fill=255)
    share = np.asarray(mask.filter(ImageFilter.GaussianBlur(1))) / 255
    cloth = shade + np.random.default_rng(seed).normal(0, 3, share.shape)
    covered: Grey = np.clip(chip * (1 - share) + cloth * share, 0, 255).astype(np.uint8)
    return covered


@pytest.mark.parametrize("portrait", PEOPLE)
def test_a_bare_face_is_free(chips: dict[str, Grey], portrait: str) -> None:
    assert measure_cover(chips[portrait]) == 0.0


@pytest.mark.parametrize("portrait", PEOPLE)
@pytest.mark.parametrize("shade", [25, 90, 150, 225])
@pytest.mark.parametrize("what", HIDES)
def test_what_hides_eyes_or_mouth_is_told(
    chips: dict[str, Grey], portrait: str, what: str, shade: int
) -> None:
    assert measure_cover(hidden(chips[portrait], HIDES[what], shade)) > 0.5


@pytest.mark.parametrize("portrait", PEOPLE)
@pytest.mark.parametrize(
    "shapes", [[("rectangle", [0, 0, 150, 25])], [("rectangle", [0, 128, 150, 150])]], ids=["hair", "scarf"]
)
def test_hair_and_scarf_beside_the_features_are_not(
    chips: dict[str, Grey], portrait: str, shapes: list[tuple[str, list[object]]]
) -> None:
    assert measure_cover(hidden(chips[portrait], shapes, 40)) < 0.5


@pytest.mark.parametrize("portrait", PEOPLE)
@pytest.mark.parametrize("light", [0.5, 0.7, 1.3])
def test_light_does_not_hide_a_face(chips: dict[str, Grey], portrait: str, light: float) -> None:
    relit = np.clip(chips[portrait] * light, 0, 255).astype(np.uint8)
    assert measure_cover(relit) < 0.5


@given(st.integers(0, 255), st.integers(0, 99))
def test_even_pixels_are_all_cover(shade: int, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 2, (CHIP_SIDE_PX, CHIP_SIDE_PX))
    assert measure_cover(np.clip(shade + noise, 0, 255).astype(np.uint8)) == 1.0
