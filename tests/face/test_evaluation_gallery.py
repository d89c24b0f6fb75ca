"""Scores of many pairs at once are those of one pair at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.face.comparison import TEMPLATE_LENGTH, Strangers, Template, average, margin
from appliance.face.evaluation.acquisition import Side
from appliance.face.evaluation.crew import Acquired, Sitter, Trouble
from appliance.face.evaluation.gallery import Gallery, joined, nothing_scored
from tests.face.made_sets import scored

PICTURES = 6
STRANGERS = Strangers(
    np.random.default_rng(7).normal(0.0, 0.05, (50, TEMPLATE_LENGTH)).astype(np.float32), 10
)


def template(picture: int, side: Side) -> Template:
    numbers = np.random.default_rng([picture, side]).normal(0.0, 0.05, TEMPLATE_LENGTH)
    return numbers.astype(np.float32)


def gallery(*failing: tuple[int, Side, Trouble]) -> Gallery:
    filled = Gallery(PICTURES, STRANGERS)
    troubles = {(picture, side): trouble for picture, side, trouble in failing}
    for picture in range(PICTURES):
        for side in Side:
            trouble = troubles.get((picture, side), Trouble.NONE)
            made = template(picture, side) if trouble is Trouble.NONE else None
            filled.add(Acquired(Sitter(picture, side), trouble, made))
    return filled


pictures = st.integers(0, PICTURES - 1)


@given(st.lists(st.tuples(pictures, pictures), min_size=1, max_size=20))
def test_a_score_is_the_margin_of_the_pair(pairs: list[tuple[int, int]]) -> None:
    table = np.array(pairs, dtype=np.int32)
    scores = gallery().score(table[:, 0], table[:, 1:]).score
    for score, (reference, live) in zip(scores, pairs, strict=True):
        expected = margin(template(reference, Side.REFERENCE), template(live, Side.LIVE), STRANGERS)
        assert score == pytest.approx(expected, abs=1e-6)


@given(st.lists(st.tuples(pictures, pictures, pictures), min_size=1, max_size=10))
def test_several_live_pictures_are_averaged_first(pairs: list[tuple[int, int, int]]) -> None:
    table = np.array(pairs, dtype=np.int32)
    scores = gallery().score(table[:, 0], table[:, 1:]).score
    for score, (reference, *lives) in zip(scores, pairs, strict=True):
        mean = average([template(live, Side.LIVE) for live in lives])
        assert score == pytest.approx(margin(template(reference, Side.REFERENCE), mean, STRANGERS), abs=1e-6)


def test_a_pair_without_a_template_has_no_score_but_its_trouble() -> None:
    filled = gallery((0, Side.REFERENCE, Trouble.NO_FACE), (1, Side.LIVE, Trouble.UNREADABLE))
    found = filled.score(np.array([0, 2, 2, 0], np.int32), np.array([[2], [1], [3], [1]], np.int32))
    assert np.isnan(found.score).tolist() == [True, True, False, True]
    assert found.reference_trouble.tolist() == [1, 0, 0, 1]
    assert found.live_trouble.tolist() == [0, 2, 0, 2]


def test_of_several_live_pictures_those_with_a_face_are_enough() -> None:
    filled = gallery((1, Side.LIVE, Trouble.NO_FACE), (3, Side.LIVE, Trouble.UNREADABLE))
    found = filled.score(np.array([0, 0], np.int32), np.array([[1, 2], [1, 3]], np.int32))
    alone = filled.score(np.array([0], np.int32), np.array([[2]], np.int32))
    assert found.score[0] == pytest.approx(alone.score[0])
    assert np.isnan(found.score[1])
    assert found.live_trouble.tolist() == [0, Trouble.NO_FACE]


def test_a_picture_that_was_never_acquired_has_no_score() -> None:
    empty = Gallery(2, STRANGERS)
    assert np.isnan(empty.score(np.array([0], np.int32), np.array([[1]], np.int32)).score).all()


def test_a_gallery_forgets() -> None:
    filled = gallery()
    filled.forget()
    assert not filled._templates.any()
    assert not filled._distances.any()


def test_parts_are_joined_in_order() -> None:
    whole = joined(joined(nothing_scored(), scored(0.1, 0.2)), scored(0.3))
    assert whole.score.tolist() == [0.1, 0.2, 0.3]
    assert whole[1:].score.tolist() == [0.2, 0.3]
    assert len(whole) == 3


@given(pictures, pictures)
def test_two_live_pictures_are_scored_from_their_live_templates(one: int, other: int) -> None:
    pair = np.array([one], np.int32), np.array([[other]], np.int32)
    (score,) = gallery().score(*pair, reference_side=Side.LIVE).score
    expected = margin(template(one, Side.LIVE), template(other, Side.LIVE), STRANGERS)
    assert score == pytest.approx(expected, abs=1e-6)
