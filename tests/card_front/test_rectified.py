"""A card laid flat: straight, to scale, its print the same in any light."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.card_front.lines import LOOKS, Look, TextLine, column_ink, find_lines, picture_of
from appliance.card_front.rectified import PIXELS_PER_MM, RectifiedCard, Zone, cut, ink_of, rectify

CORNERS = np.array([[100, 80], [956, 80], [956, 619.8], [100, 619.8]], dtype=np.float32)


def with_print(paper: int = 220, print_: int = 40) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return a frame with a card (10 pixels to the millimetre) that bears two rows of strokes."""
    grey = np.full((720, 1280), 60, dtype=np.uint8)
    grey[80:620, 100:956] = paper
    for top in (260, 320):
        for left in range(400, 640, 20):
            grey[top : top + 24, left : left + 6] = print_
    return grey


def flat(paper: int = 220, print_: int = 40) -> RectifiedCard:
    return rectify(with_print(paper, print_), CORNERS)


def test_scale_and_size_are_those_of_the_card() -> None:
    card = flat()
    assert card.grey.shape == (round(53.98 * PIXELS_PER_MM), round(85.6 * PIXELS_PER_MM))
    assert card.seen_pixels_per_mm == pytest.approx(10.0, abs=0.05)


def test_ink_is_print_and_not_shade() -> None:
    ink = ink_of(np.linspace(90, 230, 1000, dtype=np.uint8)[None].repeat(300, axis=0))
    assert ink.max() < 20


@pytest.mark.parametrize(("paper", "print_"), [(220, 40), (110, 20), (60, 11)])
def test_ink_is_the_same_in_bright_and_dim_light(paper: int, print_: int) -> None:
    bright, dim = flat().ink, flat(paper, print_).ink
    assert abs(float(bright.max()) - float(dim.max())) < 12


def test_turned_twice_is_as_before() -> None:
    card = flat()
    again = card.turned().turned()
    assert np.array_equal(again.grey, card.grey)
    assert np.array_equal(card.turned().grey[0, 0], card.grey[-1, -1])


def test_a_wiped_card_holds_nothing() -> None:
    card = flat()
    card.wipe()
    assert not card.grey.any()
    assert not card.ink.any()


def test_a_zone_is_cut_in_millimetres() -> None:
    assert cut(flat().grey, Zone(10, 20, 30, 25)).shape == (5 * PIXELS_PER_MM, 20 * PIXELS_PER_MM)


def test_lines_are_found_where_print_stands() -> None:
    lines = find_lines(flat(), Zone(25, 15, 62, 32))
    assert len(lines) == 2
    for line, top_mm in zip(lines, (18.0, 24.0), strict=True):
        assert line.left / PIXELS_PER_MM == pytest.approx(30, abs=0.4)
        assert line.right / PIXELS_PER_MM == pytest.approx(52.6, abs=0.4)
        assert line.top / PIXELS_PER_MM == pytest.approx(top_mm, abs=0.4)


def test_an_empty_zone_has_no_line() -> None:
    assert find_lines(flat(), Zone(60, 40, 80, 50)) == ()


@pytest.mark.parametrize("look", LOOKS)
def test_a_picture_of_a_line_is_dark_on_white_and_as_high_as_asked(look: Look) -> None:
    card = flat()
    line = find_lines(card, Zone(25, 15, 62, 32))[0]
    picture = picture_of(card, line, look)
    assert picture.shape[0] == look.height_px
    assert picture[:, :4].min() > 200
    assert picture.min() < 60


def test_a_part_of_a_line_is_shown_without_its_neighbours() -> None:
    card = flat()
    line = find_lines(card, Zone(25, 15, 62, 32))[0]
    assert line.part(9, 22) == TextLine(line.left + 9, line.top, line.left + 22, line.bottom)
    stroke = picture_of(card, line.part(0, 16), LOOKS[0])
    assert stroke.shape[1] < picture_of(card, line, LOOKS[0]).shape[1] / 4
    assert stroke[:, -4:].min() > 200


def test_columns_of_ink_follow_the_strokes() -> None:
    card = flat()
    line = find_lines(card, Zone(25, 15, 62, 32))[0]
    ink = column_ink(card, line)
    assert len(ink) == line.right - line.left
    strokes = np.flatnonzero(np.diff((ink > ink.max() / 2).astype(np.int8)) == 1)
    assert len(strokes) in {11, 12}
