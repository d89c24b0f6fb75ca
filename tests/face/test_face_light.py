"""The lamp comes before the hint and does not flicker in its own light."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.face.face_light import FRAMES_TO_TURN_OFF, FRAMES_TO_TURN_ON, FaceLight
from appliance.face.gates import FRAME_GATES
from tests.face.seen_frames import GOOD


def after(light: FaceLight, *lumas: float, **others: float) -> FaceLight:
    for luma in lumas:
        light = light.see(replace(GOOD, luma=luma, **others))  # type: ignore[arg-type]
    return light


@pytest.mark.parametrize(
    ("luma", "others", "is_wanted"),
    [
        (79.0, {}, True),
        (81.0, {}, False),
        (float("nan"), {}, True),
        (120.0, {"one_sided": 0.36}, True),
        (120.0, {"one_sided": -0.36}, True),
        (120.0, {"one_sided": 0.34}, False),
        (0.0, {"faces": 0}, True),
    ],
)
def test_gloom_turns_it_on(luma: float, others: dict[str, float], is_wanted: bool) -> None:
    assert after(FaceLight(), *[luma] * FRAMES_TO_TURN_ON, **others).is_wanted is is_wanted


def test_a_passing_shadow_does_not() -> None:
    assert not after(FaceLight(), 40.0, 40.0, 120.0, 40.0, 40.0).is_wanted


def test_it_stays_on_in_the_light_that_it_makes() -> None:
    assert after(FaceLight(is_wanted=True), *[180.0] * 100).is_wanted


def test_it_stays_on_while_nobody_is_seen() -> None:
    assert after(FaceLight(is_wanted=True), *[0.0] * 100, faces=0).is_wanted


def test_glare_turns_it_off_after_a_while() -> None:
    light = after(FaceLight(is_wanted=True), *[190.0] * (FRAMES_TO_TURN_OFF - 1))
    assert light.is_wanted
    assert not after(light, 190.0).is_wanted


def test_it_acts_before_the_gates_do() -> None:
    assert not after(FaceLight(is_wanted=True), *[FRAME_GATES.luma_most] * FRAMES_TO_TURN_OFF).is_wanted
    assert after(FaceLight(), *[FRAME_GATES.luma_least] * FRAMES_TO_TURN_ON).is_wanted


@given(st.floats(0, 130), st.floats(1, 80))
def test_in_any_room_the_lamp_settles(room: float, lamp: float) -> None:
    light, switches = FaceLight(), 0
    for _ in range(200):
        before = light.is_wanted
        light = after(light, room + (lamp if before else 0.0))
        switches += light.is_wanted is not before
    assert switches <= 1 or room + lamp > 185.0
