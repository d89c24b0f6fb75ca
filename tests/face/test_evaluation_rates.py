"""Error rates of a set of scores: what is counted at a threshold, and which threshold gives a wanted rate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.face.evaluation.error_rates import Rate, scores_of

SCORES = scores_of(genuine=[0.30, 0.05, 0.12, 0.20], impostor=[0.01, 0.12, -0.30, 0.02, 0.08])
margins = st.floats(-1, 1, allow_nan=False)
some = st.lists(margins, min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("threshold", "false_matches", "false_non_matches"),
    [(-1.0, 5, 0), (0.02, 3, 0), (0.05, 2, 0), (0.051, 2, 1), (0.12, 1, 1), (0.121, 0, 2), (1.0, 0, 4)],
)
def test_a_score_at_the_threshold_matches(
    threshold: float, false_matches: int, false_non_matches: int
) -> None:
    at = SCORES.at(threshold)
    assert at.false_matches == Rate(false_matches, 5)
    assert at.false_non_matches == Rate(false_non_matches, 4)


def test_what_could_not_be_compared_is_no_score() -> None:
    scores = scores_of([0.2, float("nan")], [float("nan")])
    assert (len(scores.genuine), len(scores.impostor)) == (1, 0)
    assert scores.at(0.1).false_matches.value is None


@pytest.mark.parametrize(
    ("rate", "threshold"),
    [(0.0, 0.121), (0.1, 0.121), (0.2, 0.081), (0.4, 0.021), (0.8, -0.299), (1.0, -0.3)],
)
def test_the_threshold_for_a_rate_is_the_least_one_in_thousandths(rate: float, threshold: float) -> None:
    assert SCORES.threshold_for(rate) == pytest.approx(threshold)


def test_without_different_people_no_rate_can_be_wanted() -> None:
    with pytest.raises(ValueError, match="impostor"):
        scores_of([0.1], []).threshold_for(0.01)


@given(some, some, margins, margins)
def test_a_higher_threshold_never_has_more_matches(
    genuine: list[float], impostor: list[float], one: float, other: float
) -> None:
    scores = scores_of(genuine, impostor)
    low, high = scores.at(min(one, other)), scores.at(max(one, other))
    assert high.false_matches.count <= low.false_matches.count
    assert high.false_non_matches.count >= low.false_non_matches.count


@given(some, st.floats(0, 1))
def test_the_threshold_for_a_rate_keeps_it(impostor: list[float], rate: float) -> None:
    scores = scores_of([0.5], impostor)
    threshold = scores.threshold_for(rate)
    assert scores.at(threshold).false_matches.count <= rate * len(impostor)
    assert threshold == round(threshold, 3)


@given(some, some)
def test_along_the_det_curve_one_error_falls_as_the_other_rises(
    genuine: list[float], impostor: list[float]
) -> None:
    points = scores_of(genuine, impostor).det()
    assert [point.threshold for point in points] == sorted(
        (point.threshold for point in points), reverse=True
    )
    matches = [point.false_matches.count for point in points]
    misses = [point.false_non_matches.count for point in points]
    assert matches == sorted(matches)
    assert misses == sorted(misses, reverse=True)
    assert matches[0] == 0
    assert matches[-1] == len(impostor)


@pytest.mark.parametrize(("genuine", "impostor"), [([], [0.1]), ([0.1], []), ([], [])])
def test_one_kind_of_pairs_alone_makes_no_curve(genuine: list[float], impostor: list[float]) -> None:
    assert scores_of(genuine, impostor).det() == ()
