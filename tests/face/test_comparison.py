"""The margin score: likeness measured against the nearest strangers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from appliance.errors import FaceWeightsRefused
from appliance.face.comparison import TEMPLATE_LENGTH, Strangers, average, margin
from appliance.face.evidence_file import Cohort, PinnedFile

CROWD = np.random.default_rng(7).normal(0.0, 0.05, (200, TEMPLATE_LENGTH)).astype(np.float32)


def template(seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0.0, 0.05, TEMPLATE_LENGTH).astype(np.float32)


def by_hand(strangers: NDArray[np.float32], face: NDArray[np.float32], nearest: int) -> float:
    return float(np.mean(sorted(np.sqrt(((strangers - face) ** 2).sum(axis=1)))[:nearest]))


@pytest.mark.parametrize("nearest", [1, 60, 200])
def test_the_distance_is_the_mean_over_the_nearest(nearest: int) -> None:
    face = template(1)
    assert Strangers(CROWD, nearest).distance(face) == pytest.approx(by_hand(CROWD, face, nearest), rel=1e-5)


def test_the_margin_is_the_mean_stranger_distance_less_the_mutual_distance() -> None:
    one, other = template(1), template(2)
    strangers = Strangers(CROWD, 60)
    expected = (by_hand(CROWD, one, 60) + by_hand(CROWD, other, 60)) / 2 - float(np.linalg.norm(one - other))
    assert margin(one, other, strangers) == pytest.approx(expected, abs=1e-5)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_margin_does_not_care_which_comes_first(one: int, other: int) -> None:
    strangers = Strangers(CROWD, 60)
    forth, back = (
        margin(template(one), template(other), strangers),
        margin(template(other), template(one), strangers),
    )
    assert forth == pytest.approx(back, abs=1e-6)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_nobody_is_more_alike_than_oneself(one: int, other: int) -> None:
    strangers = Strangers(CROWD, 60)
    same = max(margin(template(each), template(each), strangers) for each in (one, other))
    assert margin(template(one), template(other), strangers) <= same + 1e-6


def test_more_likeness_is_asked_for_where_faces_crowd() -> None:
    one = template(1)
    other = one + np.float32(0.02)
    apart = Strangers(CROWD + np.float32(0.2), 60)
    crowding = Strangers(np.concatenate([CROWD, np.tile(one + np.float32(0.01), (60, 1))]), 60)
    assert margin(one, other, crowding) < 0 < margin(one, other, apart)


def test_a_template_that_is_not_a_number_gives_no_number() -> None:
    broken = template(1)
    broken[0] = np.nan
    assert np.isnan(margin(broken, template(2), Strangers(CROWD, 60)))


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=6))
def test_the_average_is_the_mean_of_each_number(seeds: list[int]) -> None:
    templates = [template(seed) for seed in seeds]
    expected = np.mean(np.array(templates, dtype=np.float64), axis=0)
    assert average(templates) == pytest.approx(expected, abs=1e-6)


def cohort(templates: int) -> Cohort:
    return Cohort(PinnedFile("cohort.npz", "0" * 64), templates, 2)


def test_a_cohort_is_read_from_its_file(tmp_path: Path) -> None:
    np.savez(tmp_path / "cohort.npz", cohort=CROWD.astype(np.float16))
    strangers = Strangers.load(tmp_path / "cohort.npz", cohort(200))
    assert strangers.distance(CROWD[0]) < strangers.distance(CROWD[0] + np.float32(1))


@pytest.mark.parametrize(
    "content",
    [
        {"cohort": CROWD[:199]},
        {"cohort": CROWD[:, :100]},
        {"other": CROWD},
        {"cohort": np.full_like(CROWD, np.nan)},
        {"cohort": np.array([{"an": "object"}], dtype=object)},
    ],
)
def test_a_cohort_that_is_not_what_the_evidence_says_is_refused(
    tmp_path: Path, content: dict[str, NDArray[np.float32]]
) -> None:
    np.savez(tmp_path / "cohort.npz", **content)  # type: ignore[arg-type]
    with pytest.raises(FaceWeightsRefused):
        Strangers.load(tmp_path / "cohort.npz", cohort(200))


def test_a_cohort_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cohort.npz").write_bytes(b"not an archive")
    with pytest.raises(FaceWeightsRefused):
        Strangers.load(tmp_path / "cohort.npz", cohort(200))
