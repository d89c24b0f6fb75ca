"""Pictures held before the camera follow the geometry of a pinhole camera."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from appliance.simulated.sheet_view import BENT_PRINT, PRINT, TELEPHONE, Sheet, hold_sheet

CENTRE_PX = (640.0, 360.0)
ZOOM = 1.5
ROOM: NDArray[np.float32] = np.zeros((720, 1280, 3), dtype=np.float32)


def picture(*columns: int) -> NDArray[np.float32]:
    """A grey picture 640 px wide with bright upright lines."""
    made = np.full((800, 640, 3), 100, dtype=np.float32)
    for column in columns:
        made[:, column - 2 : column + 3] = 255
    return made


def seen_columns(sheet: Sheet, turn_deg: float, *columns: int) -> list[float]:
    """Where each line is seen on the middle row."""
    found = []
    for column in columns:
        row = hold_sheet(ROOM, picture(column), sheet, turn_deg, CENTRE_PX, ZOOM)[360, :, 0]
        bright = np.flatnonzero(row > 180 * sheet.glow)
        found.append(float(bright.mean()))
    return found


def test_held_straight_it_has_its_true_size() -> None:
    held = hold_sheet(ROOM, picture(), PRINT, 0.0, CENTRE_PX, ZOOM)[360, :, 0] > 50
    width_mm = PRINT.eye_distance_mm * 3.2
    assert held.sum() == pytest.approx(width_mm * ZOOM, abs=2)
    assert np.flatnonzero(held).mean() == pytest.approx(CENTRE_PX[0], abs=1)


@pytest.mark.parametrize("turn_deg", [-40.0, -20.0, 20.0, 40.0])
def test_turning_a_flat_sheet_keeps_lines_in_their_projective_order(turn_deg: float) -> None:
    """The cross ratio of four lines is what a plane cannot change."""

    def cross_ratio(a: float, b: float, c: float, d: float) -> float:
        return (c - a) * (d - b) / ((c - b) * (d - a))

    columns = (120, 280, 360, 520)
    assert cross_ratio(*seen_columns(PRINT, turn_deg, *columns)) == pytest.approx(
        cross_ratio(*columns), rel=0.02
    )


def test_turning_makes_it_narrower() -> None:
    widths = [
        (hold_sheet(ROOM, picture(), PRINT, deg, CENTRE_PX, ZOOM)[360, :, 0] > 50).sum()
        for deg in (0.0, 20.0, 40.0, 60.0)
    ]
    assert widths == sorted(widths, reverse=True)


def test_a_bent_sheet_shows_its_middle_nearer() -> None:
    flat, bent = (seen_columns(sheet, 0.0, 240, 400) for sheet in (PRINT, BENT_PRINT))
    edges = [seen_columns(sheet, 0.0, 40, 600) for sheet in (PRINT, BENT_PRINT)]
    assert edges[1][1] - edges[1][0] < edges[0][1] - edges[0][0]
    assert bent[1] - bent[0] == pytest.approx(flat[1] - flat[0], rel=0.06)


def test_the_far_side_of_a_bent_sheet_goes_out_of_sight() -> None:
    held = hold_sheet(ROOM, picture(), Sheet(arc_rad=3.0), 60.0, CENTRE_PX, ZOOM)
    assert np.isfinite(held).all()
    row = np.flatnonzero(held[360, :, 0] > 50)
    assert 0 < len(row) < PRINT.eye_distance_mm * 3.2 * ZOOM * 0.6


def test_a_telephone_shows_the_face_as_large_and_brighter() -> None:
    held = hold_sheet(ROOM, picture(), TELEPHONE, 0.0, CENTRE_PX, ZOOM)[360, :, 0]
    assert (held > 50).sum() == pytest.approx(PRINT.eye_distance_mm * 3.2 * ZOOM, rel=0.02)
    assert held[640] == pytest.approx(115)


def test_the_room_stays_around_it() -> None:
    room = np.full((720, 1280, 3), 77, dtype=np.float32)
    held = hold_sheet(room, picture(), PRINT, 30.0, CENTRE_PX, ZOOM)
    assert (held[:, :100] == 77).all()
    assert (room == 77).all()
