"""Turn, nod and lean from three places of a face (face.md §4)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.face.detection import FivePoints
from appliance.face.pose import UNKNOWN, measure_pose
from appliance.simulated.portraits import live_frame
from tests.face.seen_frames import PEOPLE, look


def points(nose: tuple[float, float]) -> FivePoints:
    return FivePoints(((140.0, 100.0), (60.0, 100.0)), nose)


def moved(place: tuple[float, float], angle: float, scale: float) -> tuple[float, float]:
    x, y = place
    return (
        scale * (x * math.cos(angle) - y * math.sin(angle)) + 7.0,
        scale * (x * math.sin(angle) + y * math.cos(angle)) - 3.0,
    )


@pytest.mark.parametrize(("nose_x", "turn"), [(100.0, 0.0), (108.0, 0.1), (92.0, -0.1)])
def test_the_turn_is_the_nose_along_the_eye_line_over_the_eye_distance(nose_x: float, turn: float) -> None:
    assert measure_pose(points((nose_x, 150.0))).turn == pytest.approx(turn)


@pytest.mark.parametrize(("nose_y", "nod"), [(100.0, 0.0), (160.0, 0.75), (180.0, 1.0)])
def test_the_nod_is_the_nose_below_the_eye_line_over_the_eye_distance(nose_y: float, nod: float) -> None:
    assert measure_pose(points((103.0, nose_y))).nod == pytest.approx(nod)


@given(st.floats(-3.1, 3.1), st.floats(0.1, 10.0))
def test_leaning_and_distance_change_neither(angle: float, scale: float) -> None:
    upright = FivePoints(((140.0, 100.0), (60.0, 100.0)), (104.0, 155.0))
    leaning = FivePoints(
        (moved(upright.eyes[0], angle, scale), moved(upright.eyes[1], angle, scale)),
        moved(upright.nose, angle, scale),
    )
    pose = measure_pose(leaning)
    assert (pose.turn, pose.nod) == pytest.approx((0.05, 0.6875))
    assert pose.roll_deg == pytest.approx(math.degrees(angle))


def test_eyes_in_one_place_are_no_pose() -> None:
    assert measure_pose(FivePoints(((10.0, 10.0), (10.0, 10.0)), (10.0, 20.0))) == UNKNOWN


@pytest.mark.parametrize("portrait", PEOPLE)
def test_a_head_that_turns_turns_as_real_ones_do(portrait: str) -> None:
    turns = {
        deg: look(live_frame(portrait, 1.0, 0.0, 1.0, 1, turn_deg=deg)).turn for deg in (-25.0, 0.0, 25.0)
    }
    assert turns[25.0] - turns[0.0] > 0.12
    assert turns[-25.0] - turns[0.0] < -0.12
    assert abs(turns[0.0]) < 0.08


@pytest.mark.parametrize("portrait", PEOPLE)
@pytest.mark.parametrize("angle_deg", [-15.0, 12.0])
def test_a_head_that_leans_leans(portrait: str, angle_deg: float) -> None:
    quality = look(live_frame(portrait, 1.0, angle_deg, 1.0, 1))
    assert quality.roll_deg == pytest.approx(angle_deg, abs=3.0)
    assert abs(quality.turn) < 0.08
