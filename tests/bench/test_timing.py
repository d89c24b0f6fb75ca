"""The arithmetic of comparing two ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.timing import Spread, in_turns, quiet, side_by_side, spread_of

SECONDS = st.floats(1e-6, 1e3)


class Way:
    """Takes the given times one after the other, and writes down when it was asked."""

    def __init__(self, name: str, asked: list[str], *times: float) -> None:
        self.name = name
        self.asked = asked
        self.times = list(times)

    def __call__(self) -> float:
        self.asked.append(self.name)
        return self.times.pop(0)


@pytest.mark.parametrize(
    ("values", "spread"),
    [
        ([3.0], Spread(3.0, 3.0, 3.0)),
        ([1.0, 2.0, 3.0], Spread(2.0, 1.5, 2.5)),
        ([5.0, 1.0, 3.0, 2.0, 4.0], Spread(3.0, 2.0, 4.0)),
    ],
)
def test_a_spread_is_the_median_with_its_quarter_points(values: list[float], spread: Spread) -> None:
    assert spread_of(values) == spread


@given(st.lists(SECONDS, min_size=1, max_size=50))
def test_a_spread_lies_within_its_values(values: list[float]) -> None:
    spread = spread_of(values)
    slack = 1e-9 * max(values)
    assert min(values) - slack <= spread.low <= spread.median + slack
    assert spread.median <= spread.high + slack <= max(values) + 2 * slack


def test_a_spread_changes_its_unit() -> None:
    assert Spread(1.0, 0.5, 2.0).times(1000) == Spread(1000.0, 500.0, 2000.0)


@pytest.mark.parametrize("count", [1, 19, 20, 40, 100])
def test_the_quiet_value_is_the_one_a_twentieth_stays_within(count: int) -> None:
    assert quiet([float(value) for value in range(count, 0, -1)]) == count // 20 + 1


@given(st.lists(SECONDS, min_size=1), st.lists(SECONDS, max_size=20))
def test_noise_that_only_adds_cannot_make_the_quiet_value_smaller(
    values: list[float], added: list[float]
) -> None:
    noisy = [value + extra for value, extra in zip(values, added, strict=False)] + values[len(added) :]
    assert quiet(noisy) >= quiet(values)


@pytest.mark.parametrize("summary", [spread_of, quiet])
def test_nothing_measured_is_no_figure(summary: object) -> None:
    assert callable(summary)
    with pytest.raises(ValueError, match="values"):
        summary([])


def test_ways_take_turns_and_swap_who_goes_first_after_one_turn_that_does_not_count() -> None:
    asked: list[str] = []
    steps: list[None] = []
    times = in_turns(
        (Way("a", asked, 9, 1, 2, 3), Way("b", asked, 9, 4, 5, 6)), 3, lambda: steps.append(None)
    )
    assert asked == ["a", "b", "a", "b", "b", "a", "a", "b"]
    assert times == [[1, 2, 3], [4, 5, 6]]
    assert len(steps) == 3


def test_the_ratio_is_taken_within_each_round() -> None:
    asked: list[str] = []
    # The second round was slow for both: each round's ratio is 2 all the same.
    found = side_by_side(Way("a", asked, 0, 2, 200, 4), Way("b", asked, 0, 1, 100, 2), 3, lambda: None)
    assert found.ratio == Spread(2.0, 2.0, 2.0)
    assert (found.ours.median, found.bare.median) == (4, 2)
    assert found.quiet_ratio == 2.0
