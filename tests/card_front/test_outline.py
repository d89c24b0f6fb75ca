"""The card is found by its four sides, also under a finger, and nothing else passes for one."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.card_front.outline import find_outline
from appliance.card_front.rectified import PROPORTION
from appliance.simulated.card_views import Level, view_nothing
from tests.card_front.conftest import Pixels, back, frame_of, front, pixels_of


def on_ground(card: tuple[int, int, int, int], paper: int = 235, ground: int = 90) -> Pixels:
    """Return a frame with a plain rectangle: left, top, right, bottom."""
    picture = np.full((720, 1280, 3), ground, dtype=np.uint8)
    left, top, right, bottom = card
    picture[top:bottom, left:right] = paper
    return picture


def test_a_plain_card_is_found_to_the_pixel() -> None:
    corners = find_outline(on_ground((200, 100, 1000, 605)))
    assert corners is not None
    assert np.abs(corners - [[200, 100], [1000, 100], [1000, 605], [200, 605]]).max() < 2.5


@pytest.mark.parametrize(("paper", "ground"), [(235, 215), (60, 200), (90, 60)])
def test_little_contrast_is_enough_and_the_ground_may_be_brighter(paper: int, ground: int) -> None:
    corners = find_outline(on_ground((200, 100, 1000, 605), paper, ground))
    assert corners is not None
    assert np.abs(corners - [[200, 100], [1000, 100], [1000, 605], [200, 605]]).max() < 3.5


@pytest.mark.parametrize(
    "shape",
    [(200, 100, 700, 600), (100, 300, 1200, 460), (600, 300, 680, 350)],
    ids=["square", "strip", "stamp"],
)
def test_what_has_not_a_card_s_proportion_or_size_is_none(shape: tuple[int, int, int, int]) -> None:
    assert find_outline(on_ground(shape)) is None


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("level", [Level.GOOD, Level.USUAL])
def test_drawn_cards_are_found(level: Level, seed: int) -> None:
    corners = find_outline(pixels_of(frame_of(front(), level, seed)))
    assert corners is not None
    sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    assert 1 / 1.4 < (sides[0] + sides[2]) / (sides[1] + sides[3]) / PROPORTION < 1.4


def test_most_bad_views_are_found_too() -> None:
    found = [find_outline(pixels_of(frame_of(back(), Level.BAD, seed))) is not None for seed in range(8)]
    assert sum(found) >= 6


def test_a_finger_over_a_corner_does_not_hide_the_card() -> None:
    covered = on_ground((200, 100, 1000, 605))
    covered[60:190, 130:320] = (190, 150, 122)
    corners = find_outline(covered)
    assert corners is not None
    assert np.abs(corners - [[200, 100], [1000, 100], [1000, 605], [200, 605]]).max() < 5


def test_corners_run_clockwise_from_the_upper_left() -> None:
    corners = find_outline(pixels_of(frame_of(front(), Level.USUAL, 3)))
    assert corners is not None
    ahead = np.roll(corners, -1, axis=0)
    assert (corners[:, 0] * ahead[:, 1] - ahead[:, 0] * corners[:, 1]).sum() > 0
    assert corners[0].sum() == corners.sum(axis=1).min()


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_even_frame_has_no_card(value: int) -> None:
    assert find_outline(np.full((720, 1280, 3), value, dtype=np.uint8)) is None


def test_a_table_without_a_card_has_none() -> None:
    assert [find_outline(pixels_of(view_nothing(seed))) for seed in range(4)] == [None] * 4
