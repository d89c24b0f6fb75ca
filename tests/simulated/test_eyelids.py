"""Drawn eyelids cover the eyes, and nothing else of the portrait."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from appliance.simulated.eyelids import draw_eyelids

SKIN = (210, 170, 150)
EYES_PX = (150.0, 100.0)
UNIT_PX = 100.0


def face() -> Image.Image:
    made = Image.new("RGB", (300, 200), SKIN)
    for x in (100, 200):
        ImageDraw.Draw(made).ellipse((x - 20, 89, x + 20, 107), fill=(245, 245, 245))
        ImageDraw.Draw(made).ellipse((x - 8, 90, x + 8, 106), fill=(20, 20, 20))
    return made


def iris(picture: Image.Image) -> float:
    """Mean shade where both irises stood."""
    grey = np.asarray(picture.convert("L"), dtype=float)
    return float((grey[91:99, 96:105].mean() + grey[91:99, 196:205].mean()) / 2)


def test_closed_lids_show_skin_where_the_iris_was() -> None:
    closed = face()
    draw_eyelids(closed, EYES_PX, UNIT_PX, 0.0, 1.0)
    assert iris(face()) < 60
    assert iris(closed) > 140


def test_lids_come_down_step_by_step() -> None:
    shades = []
    for share in (0.1, 0.4, 0.7, 1.0):
        person = face()
        draw_eyelids(person, EYES_PX, UNIT_PX, 0.0, share)
        shades.append(iris(person))
    assert shades == sorted(shades)


def test_lashes_are_a_dark_line_below() -> None:
    person = face()
    draw_eyelids(person, EYES_PX, UNIT_PX, 0.0, 1.0)
    column = np.asarray(person.convert("L"), dtype=float)[80:120, 100]
    assert column.min() < 130
    assert 80 + int(column.argmin()) > 100


def test_nothing_else_changes() -> None:
    person = face()
    draw_eyelids(person, EYES_PX, UNIT_PX, 0.0, 1.0)
    changed = np.argwhere(np.asarray(person) != np.asarray(face()))
    assert changed[:, 0].min() > 80
    assert changed[:, 0].max() < 115
    assert set(np.unique(changed[:, 1] // 100)) <= {0, 1, 2}
    assert not ((changed[:, 1] > 130) & (changed[:, 1] < 170)).any()


@pytest.mark.parametrize("lean_deg", [-10.0, 10.0])
def test_they_lean_with_the_face(lean_deg: float) -> None:
    upright, leaning = face(), face().rotate(-lean_deg, center=EYES_PX, fillcolor=SKIN)
    draw_eyelids(upright, EYES_PX, UNIT_PX, 0.0, 1.0)
    draw_eyelids(leaning, EYES_PX, UNIT_PX, lean_deg, 1.0)
    assert iris(leaning.rotate(lean_deg, center=EYES_PX, fillcolor=SKIN)) == pytest.approx(
        iris(upright), abs=12
    )
