"""What a frame's measures say to the person before the camera, most urgent first (face.md §6.3)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.face_advice import FrameHint, FrameQuality
from appliance.face.detection import CHIP_SIDE_PX, FivePoints, FoundFace, Grey, count_people
from appliance.face.quality import FRAME_GATES, PICTURE_GATES, advise, measure

GOOD = FrameQuality(FrameHint.GOOD, faces=1, face_height_px=200, luma=120.0, sharpness=100.0, turn=0.0)


def face(height_px: int = 200, nose: tuple[float, float] = (100.0, 150.0), is_sure: bool = True) -> FoundFace:
    return FoundFace(height_px, is_sure, FivePoints(((140.0, 100.0), (60.0, 100.0)), nose), landmarks=None)


def chip(shade: int = 120, contrast: int = 20) -> Grey:
    board = np.indices((CHIP_SIDE_PX, CHIP_SIDE_PX)).sum(axis=0) // 3 % 2
    shaded: Grey = (shade - contrast + 2 * contrast * board).astype(np.uint8)
    return shaded


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({}, FrameHint.GOOD),
        ({"faces": 0}, FrameHint.NO_FACE),
        ({"faces": 2}, FrameHint.SEVERAL_FACES),
        ({"face_height_px": 139}, FrameHint.COME_CLOSER),
        ({"face_height_px": 140}, FrameHint.GOOD),
        ({"luma": 59.9}, FrameHint.TOO_DARK),
        ({"luma": 60.0}, FrameHint.GOOD),
        ({"luma": 200.0}, FrameHint.GOOD),
        ({"luma": 200.1}, FrameHint.TOO_BRIGHT),
        ({"turn": 0.08}, FrameHint.GOOD),
        ({"turn": 0.081}, FrameHint.LOOK_STRAIGHT),
        ({"turn": -0.081}, FrameHint.LOOK_STRAIGHT),
        ({"sharpness": 12.0}, FrameHint.GOOD),
        ({"sharpness": 11.9}, FrameHint.HOLD_STILL),
        ({"luma": float("nan")}, FrameHint.TOO_DARK),
        ({"turn": float("nan")}, FrameHint.LOOK_STRAIGHT),
        ({"sharpness": float("nan")}, FrameHint.HOLD_STILL),
    ],
)
def test_each_measure_has_its_gate(change: dict[str, float], hint: FrameHint) -> None:
    assert advise(replace(GOOD, **change), FRAME_GATES) is hint  # type: ignore[arg-type]


FAILINGS = {
    FrameHint.SEVERAL_FACES: {"faces": 2},
    FrameHint.COME_CLOSER: {"face_height_px": 80},
    FrameHint.TOO_DARK: {"luma": 20.0},
    FrameHint.LOOK_STRAIGHT: {"turn": 0.3},
    FrameHint.HOLD_STILL: {"sharpness": 1.0},
}


@given(st.sets(st.sampled_from(sorted(FAILINGS, key=lambda hint: list(FrameHint).index(hint))), min_size=1))
def test_the_most_urgent_hint_is_given(failing: set[FrameHint]) -> None:
    quality = GOOD
    for hint in failing:
        quality = replace(quality, **FAILINGS[hint])  # type: ignore[arg-type]
    assert advise(quality, FRAME_GATES) is min(failing, key=list(FrameHint).index)


def test_a_frame_without_a_face_has_no_measures() -> None:
    assert measure([], None, FRAME_GATES) == FrameQuality(FrameHint.NO_FACE, 0, 0, 0.0, 0.0, 0.0)


def test_a_still_frontal_face_is_good() -> None:
    quality = measure([face()], chip(), FRAME_GATES)
    assert quality.hint is FrameHint.GOOD
    assert quality.luma == pytest.approx(120.0, abs=2.0)


@pytest.mark.parametrize(
    ("shade", "contrast", "hint"),
    [(40, 20, FrameHint.TOO_DARK), (230, 20, FrameHint.TOO_BRIGHT), (120, 0, FrameHint.HOLD_STILL)],
)
def test_light_and_sharpness_are_measured_on_the_face(shade: int, contrast: int, hint: FrameHint) -> None:
    assert measure([face()], chip(shade, contrast), FRAME_GATES).hint is hint


def test_hair_and_room_around_the_face_do_not_count_as_its_light() -> None:
    framed = np.full((CHIP_SIDE_PX, CHIP_SIDE_PX), 255, dtype=np.uint8)
    framed[30:120, 30:120] = chip()[30:120, 30:120]
    assert measure([face()], framed, FRAME_GATES).luma == pytest.approx(120.0, abs=2.0)


@pytest.mark.parametrize(("nose_x", "turn"), [(100.0, 0.0), (108.0, 0.1), (92.0, -0.1)])
def test_the_turn_is_the_nose_along_the_eye_axis_over_the_eye_distance(nose_x: float, turn: float) -> None:
    assert measure([face(nose=(nose_x, 150.0))], chip(), FRAME_GATES).turn == pytest.approx(turn)


@given(st.floats(-3.1, 3.1))
def test_leaning_the_head_is_not_turning_it(angle: float) -> None:
    def turned(x: float, y: float) -> tuple[float, float]:
        return x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)

    points = FivePoints((turned(140.0, 100.0), turned(60.0, 100.0)), turned(104.0, 150.0))
    assert measure([FoundFace(200, True, points, None)], chip(), FRAME_GATES).turn == pytest.approx(0.05)


def test_eyes_in_one_place_count_as_turned_away() -> None:
    points = FivePoints(((100.0, 100.0), (100.0, 100.0)), (100.0, 150.0))
    assert measure([FoundFace(200, True, points, None)], chip(), FRAME_GATES).hint is FrameHint.LOOK_STRAIGHT


@pytest.mark.parametrize(
    ("heights", "people"), [([], 0), ([200], 1), ([200, 100], 1), ([200, 101], 2), ([200, 150, 60], 2)]
)
def test_a_face_of_half_the_height_is_a_bystander(heights: list[int], people: int) -> None:
    assert count_people([face(height) for height in heights]) == people


def test_a_doubtful_second_box_is_nobody() -> None:
    assert count_people([face(200), face(190, is_sure=False)]) == 1
    assert count_people([face(200, is_sure=False)]) == 1


def test_a_picture_file_may_show_a_smaller_face() -> None:
    small = measure([face(height_px=90)], chip(), PICTURE_GATES)
    assert small.hint is FrameHint.GOOD
    assert advise(small, FRAME_GATES) is FrameHint.COME_CLOSER
