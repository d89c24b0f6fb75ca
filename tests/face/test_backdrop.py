"""A plain wall is told from a room full of things, beside the head only."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.face.application_photo import BACKDROP_EDGES_MOST, BACKDROP_SPREAD_MOST
from appliance.face.backdrop import Backdrop, measure_backdrop
from appliance.face.detection import FivePoints, Grey

POINTS = FivePoints(((340.0, 280.0), (220.0, 280.0)), (280.0, 370.0))


def wall(shade: float = 200.0) -> Grey:
    return np.full((720, 560), shade, dtype=np.uint8)


def is_plain(picture: Grey) -> bool:
    seen = measure_backdrop(picture, POINTS)
    return seen.spread <= BACKDROP_SPREAD_MOST and seen.edges <= BACKDROP_EDGES_MOST


def test_an_even_wall_is_plain() -> None:
    assert measure_backdrop(wall(), POINTS) == Backdrop(0.0, 0.0, 200.0)


def test_a_wall_lit_from_one_side_is_plain() -> None:
    lit = (wall() - np.linspace(0, 35, 560)[None, :]).astype(np.uint8)
    assert is_plain(lit)


def test_what_stands_behind_is_seen() -> None:
    picture = wall()
    picture[40:200, 10:80] = 60
    assert not is_plain(picture)


def test_curtains_are_seen() -> None:
    stripes = (170 + 40 * np.sign(np.sin(np.arange(560) / 6))).astype(np.uint8)
    assert not is_plain(np.tile(stripes, (720, 1)))


@pytest.mark.parametrize("place", [np.s_[100:400, 180:380], np.s_[500:, :]], ids=["head", "shoulders"])
def test_the_person_is_no_backdrop(place: tuple[slice, slice]) -> None:
    picture = wall()
    picture[place] = 30
    assert is_plain(picture)


def test_a_face_that_fills_the_picture_leaves_nothing_to_judge() -> None:
    near = FivePoints(((500.0, 280.0), (60.0, 280.0)), (280.0, 500.0))
    assert measure_backdrop(wall(), near) == Backdrop(0.0, 0.0, 0.0)
