"""Faces are found at the size that is needed, and their points lie on the full picture."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.face.detection import CHIP_SIDE_PX, Detector, FoundFace, Grey, cut_chip, halve
from appliance.face.gates import FRAME_GATES
from appliance.face.grey import grey_of
from appliance.face.weights import find_weights
from appliance.simulated.portraits import PORTRAITS
from tests.face.conftest import blank, seen

NAMES = sorted(PORTRAITS)


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(find_weights().landmarks)


def eyes(face: FoundFace) -> tuple[float, float, float]:
    """Middle of the eyes and the angle of the eye line in degrees, clockwise."""
    (one_x, one_y), (other_x, other_y) = face.points.eyes
    return (
        (one_x + other_x) / 2,
        (one_y + other_y) / 2,
        math.degrees(math.atan2(one_y - other_y, one_x - other_x)),
    )


@pytest.mark.parametrize("portrait", NAMES)
def test_a_near_face_is_found_at_half_size_and_placed_at_full_size(detector: Detector, portrait: str) -> None:
    (face,) = detector.find_near(grey_of(seen(portrait)))
    x, y, _ = eyes(face)
    assert (x, y) == pytest.approx((640, 300), abs=12)
    assert face.height_px >= FRAME_GATES.face_height_px


@pytest.mark.parametrize("portrait", NAMES)
def test_a_far_face_is_found_at_full_size_only(detector: Detector, portrait: str) -> None:
    frame = grey_of(seen(portrait, distance=2.3))
    assert detector.find_near(frame) == []
    face = detector.find_far(frame)[0]
    assert face.height_px < FRAME_GATES.face_height_px


@pytest.mark.parametrize("angle_deg", [-12.0, 0.0, 12.0])
@pytest.mark.parametrize("portrait", NAMES)
def test_the_eye_line_follows_the_head(detector: Detector, portrait: str, angle_deg: float) -> None:
    (face,) = detector.find_near(grey_of(seen(portrait, angle_deg=angle_deg)))
    assert eyes(face)[2] == pytest.approx(angle_deg, abs=4)


def test_an_empty_frame_shows_no_face(detector: Detector) -> None:
    frame = grey_of(blank())
    assert detector.find_near(frame) == detector.find_far(frame) == detector.find_in_picture(frame) == []


def test_clothes_that_resemble_a_face_are_not_counted(detector: Detector) -> None:
    faces = detector.find_far(grey_of(seen("astronaut", distance=2.5)))
    assert [face.is_sure for face in faces] == [True, False]


def test_two_people_come_largest_first(detector: Detector) -> None:
    frame = grey_of(seen("hopper"))
    frame[:, :640] = grey_of(seen("astronaut", distance=1.3))[:, 320:960]
    frame[:, 640:] = grey_of(seen("hopper"))[:, 320:960]
    faces = detector.find_near(frame)
    assert len(faces) == 2
    assert faces[0].height_px >= faces[1].height_px
    assert eyes(faces[0])[0] > 640 > eyes(faces[1])[0]


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_picture_file_may_be_of_any_size(detector: Detector, scale: int) -> None:
    frame = grey_of(seen("hopper"))
    picture = np.repeat(np.repeat(frame, scale, axis=0), scale, axis=1)
    (face, *_) = detector.find_in_picture(picture)
    x, y, _ = eyes(face)
    assert (x / scale, y / scale) == pytest.approx((640, 300), abs=12)


def test_a_small_face_in_a_small_picture_is_found(detector: Detector) -> None:
    picture = halve(halve(grey_of(seen("hopper", distance=1.2))))
    assert len(detector.find_in_picture(picture)) == 1


def test_the_chip_is_upright_and_of_the_network_s_size(detector: Detector) -> None:
    frame = grey_of(seen("hopper", angle_deg=15.0))
    chip = cut_chip(frame, detector.find_near(frame)[0]).middle
    assert chip.shape == (CHIP_SIDE_PX, CHIP_SIDE_PX)
    assert chip.dtype == np.uint8


def by_hand(picture: Grey) -> Grey:
    height, width = picture.shape[0] // 2, picture.shape[1] // 2
    blocks = picture[: height * 2, : width * 2].reshape(height, 2, width, 2).astype(int)
    means: Grey = ((blocks.sum(axis=(1, 3)) + 2) // 4).astype(np.uint8)
    return means


@settings(max_examples=40)
@given(st.integers(2, 21), st.integers(2, 21), st.integers(0, 1_000))
def test_halving_takes_the_mean_of_four(width: int, height: int, seed: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    assert np.array_equal(halve(picture), by_hand(picture))
