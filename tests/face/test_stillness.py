"""A camera that repeats one picture is noticed; a sensor's noise is enough to be alive."""

from __future__ import annotations

from dataclasses import replace

from appliance.face.stillness import FROZEN_AFTER_S, Stillness
from tests.face.seen_frames import GOOD


def test_one_picture_for_long_is_frozen() -> None:
    seen = Stillness()
    for tenth in range(int(FROZEN_AFTER_S * 10) + 1):
        assert not seen.is_frozen
        seen = seen.see(GOOD, tenth / 10)
    assert seen.is_frozen


def test_the_smallest_change_is_life() -> None:
    seen = Stillness()
    for tenth in range(100):
        seen = seen.see(replace(GOOD, luma=120.0 + tenth % 2 * 1e-6), tenth / 10)
    assert not seen.is_frozen


def test_it_thaws_with_the_next_picture() -> None:
    frozen = Stillness().see(GOOD, 0.0).see(GOOD, 5.0)
    assert frozen.is_frozen
    assert not frozen.see(replace(GOOD, luma=90.0), 5.1).is_frozen


def test_frames_without_a_face_say_nothing() -> None:
    empty = replace(GOOD, faces=0)
    assert not Stillness().see(empty, 0.0).see(empty, 60.0).is_frozen
