"""Waits between tries: growing, bounded, and different for each unit (hazard H23)."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt.backoff import RECONNECTING, Backoff


@pytest.mark.parametrize(
    ("failures", "wait_s"), [(0, 0.5), (1, 0.5), (2, 1.0), (3, 2.0), (7, 32.0), (8, 60.0), (1000, 60.0)]
)
def test_the_wait_doubles_up_to_a_limit(failures: int, wait_s: float) -> None:
    assert Backoff(first_s=0.5, longest_s=60.0).longest_wait_s(failures) == wait_s


@given(st.integers(0, 10_000), st.integers())
def test_chance_shortens_a_wait_by_at_most_half(failures: int, seed: int) -> None:
    whole_s = RECONNECTING.longest_wait_s(failures)
    assert whole_s / 2 <= RECONNECTING.wait_s(failures, Random(seed)) <= whole_s


def test_a_fleet_does_not_come_back_at_one_instant() -> None:
    waits = sorted(RECONNECTING.wait_s(6, Random(seed)) for seed in range(1000))
    in_any_second = max(sum(start <= wait < start + 1 for wait in waits) for start in range(20))
    assert in_any_second < 200
