"""Faces that lie are found by turning the picture, a few turns at a time; upright ones cost nothing more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.face.detection import Detector, FoundFace, Grey
from appliance.face.grey import grey_of
from appliance.face.turning import TURNS_DEG, TURNS_PER_LOOK, TurningSearch, turn
from appliance.face.weights import find_weights
from appliance.simulated.portraits import PORTRAITS
from tests.face.conftest import blank, seen

LOOKS_UNTIL_FOUND = -(-len(TURNS_DEG) // TURNS_PER_LOOK)


class CountingDetector(Detector):
    """Counts searches."""

    near = 0
    far = 0

    def find_near(self, frame: Grey) -> list[FoundFace]:
        self.near += 1
        return super().find_near(frame)

    def find_far(self, frame: Grey) -> list[FoundFace]:
        self.far += 1
        return super().find_far(frame)


@pytest.fixture(scope="module")
def loaded() -> CountingDetector:
    return CountingDetector(find_weights().landmarks)


@pytest.fixture
def detector(loaded: CountingDetector) -> CountingDetector:
    loaded.near = loaded.far = 0
    return loaded


def lean_after(angle_deg: float, turned_deg: int) -> float:
    """How far a head that leaned `angle_deg` clockwise still leans in the turned picture, up to half a circle."""
    return abs((angle_deg + turned_deg + 180) % 360 - 180)


@pytest.mark.parametrize("portrait", sorted(PORTRAITS))
def test_an_upright_face_costs_one_search(detector: CountingDetector, portrait: str) -> None:
    frame = grey_of(seen(portrait))
    picture, faces, turned_deg = TurningSearch(detector).look(frame)
    assert picture is frame
    assert (len(faces), turned_deg) == (1, 0)
    assert (detector.near, detector.far) == (1, 0)


@pytest.mark.parametrize("angle_deg", range(-180, 180, 15))
@pytest.mark.parametrize("portrait", sorted(PORTRAITS))
def test_a_face_at_any_angle_is_found_and_comes_out_upright(
    detector: CountingDetector, portrait: str, angle_deg: int
) -> None:
    _, faces, turned_deg = TurningSearch(detector).search(grey_of(seen(portrait, angle_deg=float(angle_deg))))
    assert len(faces) == 1
    assert lean_after(angle_deg, turned_deg) <= 30
    (right, left) = faces[0].points.eyes
    assert right[0] > left[0]
    assert faces[0].points.nose[1] > (right[1] + left[1]) / 2


@pytest.mark.parametrize("angle_deg", [90, -90, 180, 135])
def test_live_looks_find_a_lying_face_within_a_round_and_then_at_once(
    detector: CountingDetector, angle_deg: int
) -> None:
    search = TurningSearch(detector)
    frame = grey_of(seen("hopper", angle_deg=float(angle_deg)))
    looks = [search.look(frame) for _ in range(LOOKS_UNTIL_FOUND)]
    assert any(faces for _, faces, _ in looks)
    detector.near = detector.far = 0
    _, faces, turned_deg = search.look(frame)
    assert faces
    assert turned_deg == search.helped_deg != 0
    assert (detector.near, detector.far) == (1, 0)


def test_the_turn_is_forgotten_with_the_person(detector: CountingDetector) -> None:
    search = TurningSearch(detector)
    search.search(grey_of(seen("hopper", angle_deg=90.0)))
    assert search.helped_deg == -90
    search.forget()
    assert search.helped_deg == 0


def test_a_person_who_sits_up_is_found_upright_again(detector: CountingDetector) -> None:
    search = TurningSearch(detector)
    search.search(grey_of(seen("hopper", angle_deg=90.0)))
    _, faces, turned_deg = search.look(grey_of(seen("hopper")))
    assert (len(faces), turned_deg, search.helped_deg) == (1, 0, 0)


def test_an_empty_frame_takes_a_bounded_number_of_searches(detector: CountingDetector) -> None:
    search = TurningSearch(detector)
    frame = grey_of(blank())
    assert search.look(frame)[1] == []
    assert (detector.near, detector.far) == (1 + TURNS_PER_LOOK, 1)
    assert search.search(frame)[1] == []
    assert (detector.near, detector.far) == (2 + TURNS_PER_LOOK + len(TURNS_DEG), 2)


def test_turned_pictures_that_show_no_face_are_overwritten(
    detector: CountingDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Grey] = []

    def kept(picture: Grey, clockwise_deg: int) -> Grey:
        made.append(turn(picture, clockwise_deg))
        return made[-1]

    monkeypatch.setattr("appliance.face.turning.turn", kept)
    TurningSearch(detector).search(grey_of(seen(None)))
    assert len(made) == len(TURNS_DEG)
    assert not any(picture.any() for picture in made)


@settings(max_examples=30)
@given(st.integers(2, 40), st.integers(2, 40), st.integers(0, 500))
def test_four_quarter_turns_give_the_picture_back(width: int, height: int, seed: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    turned = picture
    for _ in range(4):
        turned = turn(turned, 90)
    assert np.array_equal(turned, picture)
    assert np.array_equal(turn(turn(picture, 180), -90), turn(picture, 90))


def test_a_slant_turn_shows_the_middle_square() -> None:
    picture = np.zeros((72, 128), dtype=np.uint8)
    picture[34:38, 62:66] = 200
    turned = turn(picture, 45)
    assert turned.shape == (72, 72)
    assert turned[34:38, 34:38].mean() > 150


def test_turning_is_clockwise() -> None:
    picture = np.zeros((90, 90), dtype=np.uint8)
    picture[:20, 35:55] = 255
    assert turn(picture, 90)[35:55, -20:].min() == 255
    assert turn(picture, 45)[8:32, 60:82].mean() > 100
