"""A portrait's head turns as on an ellipsoid with a nose; room and shoulders stay."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from appliance.simulated.head_turn import turn_head

EYES_PX = (200.0, 150.0)
UNIT_PX = 60.0


def dotted(*places: tuple[float, float]) -> NDArray[np.float32]:
    """A grey picture with a soft bright dot at each place, in eye distances from the middle of the eyes."""
    y, x = np.mgrid[0:400, 0:400].astype(np.float32)
    picture = np.full((400, 400), 50.0, dtype=np.float32)
    for across, down in places:
        away = (x - EYES_PX[0] - across * UNIT_PX) ** 2 + (y - EYES_PX[1] - down * UNIT_PX) ** 2
        picture += 200 * np.exp(-away / 18)
    return picture[..., None]


def moved_by(place: tuple[float, float], turn_deg: float) -> float:
    """How far a dot moves across, in eye distances."""
    turned = turn_head(dotted(place), EYES_PX, UNIT_PX, turn_deg)[..., 0] - 50.0
    across = (turned * np.arange(400)[None, :]).sum() / turned.sum()
    return float((across - EYES_PX[0]) / UNIT_PX - place[0])


def test_no_turn_moves_nothing() -> None:
    picture = dotted((0.0, 0.7), (0.5, 0.0))
    assert np.allclose(turn_head(picture, EYES_PX, UNIT_PX, 0.0), picture)


def test_the_nose_goes_further_than_the_eyes() -> None:
    assert moved_by((0.0, 0.72), 20.0) > 0.1
    assert moved_by((0.0, 0.72), -20.0) < -0.1
    assert abs(moved_by((0.0, 0.0), 20.0)) < 0.1


@pytest.mark.parametrize("place", [(2.4, 0.0), (0.0, 3.2), (-2.6, 2.0)])
def test_room_and_shoulders_stay(place: tuple[float, float]) -> None:
    assert moved_by(place, 25.0) == pytest.approx(0.0, abs=0.01)


def test_the_eyes_draw_together() -> None:
    apart = 1.0 + moved_by((0.5, 0.0), 25.0) - moved_by((-0.5, 0.0), 25.0)
    assert 0.8 < apart < 0.97


def test_more_turn_moves_more() -> None:
    steps = [moved_by((0.0, 0.72), deg) for deg in (5.0, 10.0, 15.0, 20.0, 25.0, 30.0)]
    assert steps == sorted(steps)


def test_the_picture_given_stays_as_it_is() -> None:
    picture = dotted((0.0, 0.7))
    before = picture.copy()
    turn_head(picture, EYES_PX, UNIT_PX, 20.0)
    assert np.array_equal(picture, before)


def test_a_head_at_the_border_is_cut_not_refused() -> None:
    picture = dotted((0.0, 0.7))
    assert turn_head(picture, (10.0, 5.0), UNIT_PX, 20.0).shape == picture.shape
