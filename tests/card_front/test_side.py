"""The back is told by its layout; a front is hardly ever taken for one, a back never for nothing (R04)."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from appliance.card_front.outline import find_outline
from appliance.card_front.rectified import RectifiedCard, rectify
from appliance.card_front.side import has_code, has_dense_square, has_number_groups, shows_back
from appliance.domain.ephemeral import Frame
from appliance.simulated.card_views import Level
from tests.card_front.conftest import back, frame_of, front, grey_of, pixels_of

SEEDS = range(5)


def laid_flat(frame: Frame) -> RectifiedCard:
    corners = find_outline(pixels_of(frame))
    assert corners is not None
    return rectify(grey_of(frame), corners)


@pytest.mark.parametrize("upside_down", [False, True])
@pytest.mark.parametrize("level", [Level.GOOD, Level.USUAL])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_back_shows_itself_either_way_up(level: Level, seed: int, upside_down: bool) -> None:
    assert shows_back(laid_flat(frame_of(back(seed), level, seed, upside_down=upside_down)))


@pytest.mark.parametrize("level", [Level.GOOD, Level.USUAL])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_front_does_not(level: Level, seed: int) -> None:
    assert not shows_back(laid_flat(frame_of(front(seed), level, seed)))


def test_a_covered_code_mostly_leaves_the_number_to_show_the_back() -> None:
    seen = 0
    for seed in SEEDS:
        covered = back(seed).copy()
        covered[400:800, 1250:1650] = 230
        card = laid_flat(frame_of(covered, Level.GOOD, seed))
        assert not has_dense_square(card.grey)
        seen += has_number_groups(card.ink)
    assert seen >= 3


def test_a_covered_number_leaves_the_code() -> None:
    covered = back().copy()
    covered[60:220] = 230
    card = laid_flat(frame_of(covered, Level.GOOD, 2))
    assert not has_number_groups(card.ink)
    assert has_dense_square(card.grey)


def groups(*blocks: tuple[int, int, int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return the ink of a card with solid blocks: left, top, width, height in pixels."""
    ink = np.zeros((648, 1027), dtype=np.uint8)
    for left, top, width, height in blocks:
        cv2.rectangle(ink, (left, top), (left + width, top + height), 220, -1)
    return ink


@pytest.mark.parametrize(
    ("blocks", "is_number"),
    [
        (((400, 60, 90, 32), (510, 60, 90, 32), (620, 60, 90, 32)), True),
        (((400, 60, 90, 32), (510, 60, 90, 32)), False),
        (((400, 60, 90, 32), (510, 60, 70, 32), (620, 60, 90, 32)), False),
        (((400, 60, 90, 32), (510, 130, 90, 32), (620, 60, 90, 32)), False),
        (((400, 60, 90, 32), (510, 60, 90, 32), (780, 60, 90, 32)), False),
        (((100, 60, 200, 32), (320, 60, 200, 32), (540, 60, 200, 32)), False),
    ],
    ids=["4-4-4", "4-4", "unlike", "not in a row", "uneven", "too long"],
)
def test_three_groups_alike_in_a_row_are_a_number(
    blocks: tuple[tuple[int, int, int, int], ...], is_number: bool
) -> None:
    assert has_number_groups(groups(*blocks)) is is_number


def test_a_code_anywhere_in_a_frame_is_seen_without_a_card_s_sides() -> None:
    close = cv2.resize(back()[300:900, 1000:1712], (1280, 720))
    assert has_code(np.asarray(cv2.cvtColor(close, cv2.COLOR_RGB2GRAY), dtype=np.uint8))


def test_an_even_frame_has_no_code() -> None:
    assert not has_code(np.full((720, 1280), 200, dtype=np.uint8))
