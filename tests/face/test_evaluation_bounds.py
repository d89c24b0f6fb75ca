"""Exact bounds on a share: known values, and what must hold of any."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.face.evaluation.binomial_bounds import incomplete_beta, lower_bound, pairs_needed, upper_bound
from appliance.face.evaluation.error_rates import Rate
from appliance.face.evaluation.people_bounds import bounds_by_people


@pytest.mark.parametrize(
    ("count", "of", "lower", "upper"),
    [
        # Clopper and Pearson's tables, in per cent.
        (0, 10, 0.0, 30.85),
        (1, 10, 0.25, 44.50),
        (5, 10, 18.71, 81.29),
        (10, 10, 69.15, 100.0),
        (0, 100, 0.0, 3.62),
        (1, 100, 0.03, 5.45),
        (5, 100, 1.64, 11.28),
        (10, 100, 4.90, 17.62),
        (100, 100, 96.38, 100.0),
        # face.md §3.
        (2, 76, 0.32, 9.18),
        (0, 5958, 0.0, 0.06),
        (107, 5966, 1.47, 2.16),
        (61, 5958, 0.78, 1.31),
    ],
)
def test_two_sided_bounds_are_those_of_the_tables(count: int, of: int, lower: float, upper: float) -> None:
    low, high = Rate(count, of).bounds
    assert (round(low * 100, 2), round(high * 100, 2)) == (lower, upper)


@pytest.mark.parametrize(
    ("count", "of", "upper"),
    [
        (0, 100, 0.0295),
        (0, 3_000, 0.000998),
        # proof.md M1: to say 1 in 10,000.
        (0, 30_000, 0.0000999),
        (20, 300_000, 0.0000969),
    ],
)
def test_the_one_sided_bound_follows_the_rule_of_three(count: int, of: int, upper: float) -> None:
    assert Rate(count, of).upper95 == pytest.approx(upper, rel=0.003)


def test_of_nothing_nothing_is_known() -> None:
    assert Rate(0, 0).value is None
    assert Rate(0, 0).bounds == (0.0, 1.0)
    assert Rate(0, 0).upper95 == 1.0


@pytest.mark.parametrize(("rate", "needed"), [(0.001, 2_995), (0.0001, 29_956), (0.01, 299), (0.05, 59)])
def test_how_many_pairs_without_an_error_state_a_rate(rate: float, needed: int) -> None:
    assert pairs_needed(rate, 0.05) == needed
    assert Rate(0, needed).upper95 <= rate < Rate(0, needed - 1).upper95


@given(st.integers(1, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_bounds_enclose_what_was_seen_and_the_chance_beyond_them_is_the_tail(
    counted: tuple[int, int],
) -> None:
    count, of = counted
    low, high = lower_bound(count, of, 0.025), upper_bound(count, of, 0.025)
    assert low <= count / of <= high
    if count > 0:
        assert at_least(count, of, low) == pytest.approx(0.025, rel=1e-6)
    if count < of:
        assert 1 - at_least(count + 1, of, high) == pytest.approx(0.025, rel=1e-6)


def at_least(count: int, of: int, share: float) -> float:
    terms = (math.comb(of, each) * share**each * (1 - share) ** (of - each) for each in range(count, of + 1))
    return math.fsum(terms)


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0, 1))
def test_the_incomplete_beta_is_a_binomial_tail(one: int, other: int, share: float) -> None:
    assert incomplete_beta(one, other, share) == pytest.approx(
        at_least(one, one + other - 1, share), abs=1e-10
    )


@given(st.integers(0, 200), st.integers(1, 2_000))
def test_more_pairs_with_the_same_share_say_more(count: int, more: int) -> None:
    of = 200
    narrow, wide = Rate(count * (more + 1), of * (more + 1)).bounds, Rate(count, of).bounds
    assert narrow[1] - narrow[0] < wide[1] - wide[0]


def random() -> np.random.Generator:
    return np.random.default_rng(7)


def all_pairs(people: int) -> tuple[np.ndarray, np.ndarray]:
    one, other = np.divmod(np.arange(people * people, dtype=np.int32), people)
    return one[one != other].astype(np.int32), other[one != other].astype(np.int32)


def test_errors_of_one_person_make_wider_bounds_by_people_than_by_pairs() -> None:
    one, other = all_pairs(60)
    is_error = (one == 3) & (other % 2 == 0)
    by_people = bounds_by_people(one, other, is_error, random())
    assert by_people is not None
    low, high = Rate(int(is_error.sum()), len(one)).bounds
    assert by_people[0] < low
    assert by_people[1] > high
    assert by_people == bounds_by_people(one, other, is_error, random())


def test_people_bounds_enclose_the_share_that_was_seen() -> None:
    one, other = all_pairs(40)
    is_error = random().random(len(one)) < 0.1
    by_people = bounds_by_people(one, other, is_error, random())
    assert by_people is not None
    assert by_people[0] < is_error.mean() < by_people[1]


@pytest.mark.parametrize("is_error", [False, True])
def test_people_say_nothing_where_all_pairs_agree(is_error: bool) -> None:
    one, other = all_pairs(10)
    assert bounds_by_people(one, other, np.full(len(one), is_error), random()) is None


def test_people_say_nothing_of_one_person() -> None:
    same = np.zeros(4, dtype=np.int32)
    assert bounds_by_people(same, same, np.array([True, False, True, False]), random()) is None
