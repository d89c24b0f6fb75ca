"""Closed eyes are told from open ones on drawn eyelids, in any usual light."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.face.detection import CHIP_SIDE_PX, Grey
from appliance.face.eyes import measure_closed_eyes
from appliance.simulated.portraits import live_frame
from tests.face.seen_frames import PEOPLE, chip_of, grey


def chip(portrait: str, closed: float, light: float = 1.0, distance: float = 1.0, seed: int = 1) -> Grey:
    return chip_of(grey(live_frame(portrait, light, 0.0, distance, seed, eyes_closed=closed)))


@pytest.mark.parametrize("portrait", PEOPLE)
@pytest.mark.parametrize("light", [0.45, 0.7, 1.0, 1.3])
@pytest.mark.parametrize("distance", [0.8, 1.3])
def test_open_and_closed_eyes_lie_apart(portrait: str, light: float, distance: float) -> None:
    assert measure_closed_eyes(chip(portrait, 0.0, light, distance)) < 0.3
    assert measure_closed_eyes(chip(portrait, 1.0, light, distance)) > 0.7


@pytest.mark.parametrize("portrait", PEOPLE)
def test_eyes_that_close_are_more_closed_with_every_step(portrait: str) -> None:
    steps = [measure_closed_eyes(chip(portrait, closed)) for closed in (0.0, 0.5, 0.7, 1.0)]
    assert steps == sorted(steps) or max(steps[:2]) < 0.1
    assert steps[-1] - steps[0] > 0.5


@pytest.mark.parametrize("portrait", PEOPLE)
@pytest.mark.parametrize("closed", [0.0, 1.0])
def test_mirroring_changes_next_to_nothing(portrait: str, closed: float) -> None:
    seen = chip(portrait, closed)
    assert measure_closed_eyes(seen[:, ::-1]) == pytest.approx(measure_closed_eyes(seen), abs=0.15)


@given(st.integers(0, 255), st.integers(0, 60), st.integers(0, 99))
def test_any_pixels_give_a_share(shade: int, spread: int, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, spread + 1, (CHIP_SIDE_PX, CHIP_SIDE_PX))
    measured = measure_closed_eyes(np.clip(shade + noise, 0, 255).astype(np.uint8))
    assert 0.0 <= measured <= 1.0
