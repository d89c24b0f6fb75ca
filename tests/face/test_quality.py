"""What a frame's measures say to the person before the camera, most urgent first (face.md §6.3)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FrameHint, FrameQuality
from appliance.face.detection import CHIP_SIDE_PX, FivePoints, FoundFace, Grey, count_people
from appliance.face.gates import FRAME_GATES, PICTURE_GATES
from appliance.face.quality import advise, measure
from appliance.simulated.portraits import live_frame
from tests.face.seen_frames import GOOD, PEOPLE, chip_of, grey, look, look_at

NAN = float("nan")


def face(height_px: int = 200, nose: tuple[float, float] = (100.0, 160.0), is_sure: bool = True) -> FoundFace:
    return FoundFace(height_px, is_sure, FivePoints(((140.0, 100.0), (60.0, 100.0)), nose), landmarks=None)


@pytest.fixture(scope="module")
def chip() -> Grey:
    return chip_of(grey(live_frame("hopper", 1.0, 0.0, 1.0, seed=1)))


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
        ({"covered": 0.5}, FrameHint.GOOD),
        ({"covered": 0.51}, FrameHint.COVERED),
        ({"turn": 0.08}, FrameHint.GOOD),
        ({"turn": 0.081}, FrameHint.LOOK_STRAIGHT),
        ({"turn": -0.081}, FrameHint.LOOK_STRAIGHT),
        ({"nod": 0.49}, FrameHint.LOOK_STRAIGHT),
        ({"nod": 0.5}, FrameHint.GOOD),
        ({"nod": 1.0}, FrameHint.GOOD),
        ({"nod": 1.01}, FrameHint.LOOK_STRAIGHT),
        ({"eyes_closed": 0.5}, FrameHint.GOOD),
        ({"eyes_closed": 0.51}, FrameHint.OPEN_EYES),
        ({"sharpness": 2.0}, FrameHint.GOOD),
        ({"sharpness": 1.99}, FrameHint.HOLD_STILL),
        ({"luma": NAN}, FrameHint.TOO_DARK),
        ({"covered": NAN}, FrameHint.COVERED),
        ({"turn": NAN}, FrameHint.LOOK_STRAIGHT),
        ({"nod": NAN}, FrameHint.LOOK_STRAIGHT),
        ({"eyes_closed": NAN}, FrameHint.OPEN_EYES),
        ({"sharpness": NAN}, FrameHint.HOLD_STILL),
        ({"roll_deg": 30.0, "one_sided": 0.9, "rotation_deg": 90}, FrameHint.GOOD),
    ],
)
def test_each_measure_has_its_gate(change: dict[str, float], hint: FrameHint) -> None:
    assert advise(replace(GOOD, **change), FRAME_GATES) is hint  # type: ignore[arg-type]


FAILINGS = {
    FrameHint.SEVERAL_FACES: {"faces": 2},
    FrameHint.COME_CLOSER: {"face_height_px": 80},
    FrameHint.TOO_DARK: {"luma": 20.0},
    FrameHint.COVERED: {"covered": 1.0},
    FrameHint.LOOK_STRAIGHT: {"turn": 0.3},
    FrameHint.OPEN_EYES: {"eyes_closed": 1.0},
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


def test_all_measures_of_one_frame_stand_together(chip: Grey) -> None:
    quality = measure([face()], chip, FRAME_GATES, rotation_deg=-90)
    assert quality.hint is FrameHint.GOOD
    assert (quality.faces, quality.face_height_px, quality.rotation_deg) == (1, 200, -90)
    assert (quality.turn, quality.nod, quality.roll_deg) == pytest.approx((0.0, 0.75, 0.0))
    assert quality.sharpness > 3.0
    assert quality.eyes_closed < 0.2
    assert quality.covered == 0.0


@pytest.mark.parametrize(
    ("times", "plus", "hint"), [(0.3, 0, FrameHint.TOO_DARK), (0.4, 150, FrameHint.TOO_BRIGHT)]
)
def test_light_is_measured_on_the_face(chip: Grey, times: float, plus: float, hint: FrameHint) -> None:
    relit = np.clip(chip * times + plus, 0, 255).astype(np.uint8)
    assert measure([face()], relit, FRAME_GATES).hint is hint


def test_hair_and_room_around_the_face_do_not_count_as_its_light(chip: Grey) -> None:
    framed = np.full((CHIP_SIDE_PX, CHIP_SIDE_PX), 255, dtype=np.uint8)
    framed[30:120, 30:120] = chip[30:120, 30:120]
    assert measure([face()], framed, FRAME_GATES).luma == measure([face()], chip, FRAME_GATES).luma


@pytest.mark.parametrize(("right", "expected"), [(1.0, 0.0), (0.5, -1 / 3), (0.0, -1.0)])
def test_light_from_one_side_is_told(right: float, expected: float) -> None:
    lit = np.full((CHIP_SIDE_PX, CHIP_SIDE_PX), 120.0)
    lit[:, 75:] *= right
    assert measure([face()], lit.astype(np.uint8), FRAME_GATES).one_sided == pytest.approx(expected, abs=0.01)


def test_a_picture_without_detail_says_nothing_of_eyes_and_cover() -> None:
    even = np.full((CHIP_SIDE_PX, CHIP_SIDE_PX), 120, dtype=np.uint8)
    quality = measure([face()], even, FRAME_GATES)
    assert (quality.hint, quality.eyes_closed, quality.covered) == (FrameHint.HOLD_STILL, 0.0, 0.0)


def test_eyes_in_one_place_count_as_turned_away(chip: Grey) -> None:
    points = FivePoints(((100.0, 100.0), (100.0, 100.0)), (100.0, 150.0))
    assert measure([FoundFace(200, True, points, None)], chip, FRAME_GATES).hint is FrameHint.LOOK_STRAIGHT


@pytest.mark.parametrize(
    ("heights", "people"), [([], 0), ([200], 1), ([200, 100], 1), ([200, 101], 2), ([200, 150, 60], 2)]
)
def test_a_face_of_half_the_height_is_a_bystander(heights: list[int], people: int) -> None:
    assert count_people([face(height) for height in heights]) == people


def test_a_doubtful_box_is_nobody(chip: Grey) -> None:
    assert count_people([face(200), face(190, is_sure=False)]) == 1
    assert measure([face(200), face(190)], chip, FRAME_GATES).hint is FrameHint.SEVERAL_FACES


def test_pictures_may_show_smaller_faces_than_live_frames(chip: Grey) -> None:
    assert measure([face(80)], chip, PICTURE_GATES).hint is FrameHint.GOOD
    assert measure([face(80)], chip, FRAME_GATES).hint is FrameHint.COME_CLOSER


SEEN = {
    "good": ({}, FrameHint.GOOD),
    "far": ({"distance": 2.3}, FrameHint.COME_CLOSER),
    "dark": ({"light": 0.25}, FrameHint.TOO_DARK),
    "glaring": ({"light": 1.8}, FrameHint.TOO_BRIGHT),
    "turned left": ({"turn_deg": 20.0}, FrameHint.LOOK_STRAIGHT),
    "turned right": ({"turn_deg": -20.0}, FrameHint.LOOK_STRAIGHT),
    "eyes closed": ({"eyes_closed": 1.0}, FrameHint.OPEN_EYES),
    "leaning": ({"angle_deg": 15.0}, FrameHint.GOOD),
}


def seen(portrait: str | None, **changes: float) -> Frame:
    usual = {"light": 1.0, "angle_deg": 0.0, "distance": 1.0}
    return live_frame(portrait, **{**usual, **changes}, seed=1)


@pytest.mark.parametrize("portrait", PEOPLE)
@pytest.mark.parametrize("case", SEEN)
def test_training_people_are_told_what_to_change(portrait: str, case: str) -> None:
    changes, hint = SEEN[case]
    assert look(seen(portrait, **changes)).hint is hint


@pytest.mark.parametrize("portrait", PEOPLE)
def test_a_moving_head_is_told_to_hold_still(portrait: str) -> None:
    picture = grey(seen(portrait)).astype(np.float64)
    moved = np.mean([np.roll(picture, step - 12, axis=0) for step in range(25)], axis=0)
    assert look_at(moved.astype(np.uint8)).hint is FrameHint.HOLD_STILL
