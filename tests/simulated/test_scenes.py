"""Recordings say what they are said to show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.simulated.scenes import (
    DARK_ROOM,
    LAMP_LIT_ROOM,
    LYING,
    Recording,
    Scene,
    close_when_asked,
    eyes_close,
    head_turns,
    scene_frame,
    turn_when_asked,
)
from appliance.simulated.sheet_view import PRINT
from appliance.simulated.worn import Worn


@pytest.mark.parametrize("first_deg", [25.0, -25.0])
def test_a_head_goes_to_one_side_and_then_to_the_other(first_deg: float) -> None:
    turns = [scene.turn_deg for scene in head_turns(first_deg).arriving]
    assert turns[0] == 0.0
    assert (max(turns), min(turns)) == (25.0, -25.0)
    assert turns.index(first_deg) < turns.index(-first_deg)
    assert turns.count(first_deg) >= 3


def test_a_sheet_turns_as_a_head_does() -> None:
    head, sheet = head_turns(30.0), head_turns(30.0, PRINT)
    assert [scene.turn_deg for scene in head.arriving] == [scene.turn_deg for scene in sheet.arriving]
    assert {scene.sheet for scene in sheet.arriving + sheet.settled} == {PRINT}


def test_eyes_close_and_open_again() -> None:
    closing = eyes_close(frames=8)
    closed = [scene.eyes_closed for scene in closing.arriving]
    assert closed[0] == 0.0
    assert closed.count(1.0) == 8
    assert closing.settled == (Scene(),)


def test_a_person_in_bed_lies() -> None:
    assert all(80 < scene.angle_deg < 100 for scene in LYING.settled)


@pytest.mark.parametrize(
    "scene",
    [
        Scene(turn_deg=20.0),
        Scene(eyes_closed=1.0),
        Scene(sheet=PRINT),
        Scene(sheet=PRINT, turn_deg=20.0),
        Scene(worn=Worn.HAT),
        Scene(worn=Worn.DARK_GLASSES),
        Scene(has_companion=True),
    ],
)
def test_each_part_of_a_scene_changes_the_frame(scene: Scene) -> None:
    plain, changed = scene_frame("hopper", Scene(), seed=1), scene_frame("hopper", scene, seed=1)
    assert (changed.width, changed.height) == (plain.width, plain.height)
    assert changed.rgb != plain.rgb


def test_leaning_and_turning_go_together() -> None:
    frames = [
        scene_frame("hopper", Scene(turn_deg=turn, angle_deg=angle), seed=1)
        for turn, angle in ((0.0, 20.0), (20.0, 20.0), (20.0, 0.0))
    ]
    assert len({bytes(frame.rgb) for frame in frames}) == 3


@pytest.mark.parametrize("sheet", [None, PRINT])
def test_without_a_portrait_there_is_a_figure(sheet: object) -> None:
    assert any(scene_frame(None, Scene(sheet=PRINT if sheet else None), seed=1).rgb)


def test_recordings_can_be_compared() -> None:
    assert head_turns(25.0) == head_turns(25.0)
    assert isinstance(hash(head_turns(25.0)), int)
    assert Recording((), (Scene(),)) != head_turns(25.0)


@given(st.floats(0.0, 2.0), st.floats(0.0, 1.0))
def test_the_lamp_never_darkens_and_never_dazzles(light: float, lamp_light: float) -> None:
    scene = Scene(light=light, lamp_light=lamp_light)
    assert scene.light_with(lamp=False) == light
    assert light <= scene.light_with(lamp=True) <= max(light, 1.0)


def test_the_lamp_reaches_into_a_lamp_lit_room_and_not_into_a_corner() -> None:
    (lit,), (dark,) = LAMP_LIT_ROOM.settled, DARK_ROOM.settled
    assert lit.light_with(lamp=True) > 4 * lit.light
    assert dark.light_with(lamp=True) == dark.light


@pytest.mark.parametrize(("from_deg", "to_deg"), [(0.0, 25.0), (25.0, -25.0), (-25.0, 0.0), (0.0, 0.0)])
def test_a_turn_that_is_asked_for_goes_through_the_middle_and_comes_back(
    from_deg: float, to_deg: float
) -> None:
    recording = turn_when_asked(from_deg, to_deg, PRINT)
    turns = [scene.turn_deg for scene in recording.arriving]
    least_held = 3
    assert turns.count(to_deg) >= least_held
    assert 0.0 in turns[: turns.index(to_deg) + 1]
    assert abs(turns[-1]) < abs(to_deg) or to_deg == 0.0
    assert recording.settled == (Scene(sheet=PRINT),)


def test_eyes_that_are_asked_for_stay_closed_for_a_second_and_open_again() -> None:
    recording = close_when_asked()
    assert [scene.eyes_closed for scene in recording.arriving].count(1.0) >= 30
    assert recording.settled == (Scene(),)
