"""No digit becomes part of a code without a person's act; the doubtful ones are asked about first (R03)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.era import Era
from appliance.domain.front_sight import PROPOSED_DIGITS, CodeProposal
from appliance.errors import CodeMalformed
from appliance.service.digit_check import DigitCheck

CODE = b"18051420354173"

places = st.frozensets(st.integers(0, PROPOSED_DIGITS - 1))


def proposed(digits: bytes = CODE, doubtful: frozenset[int] = frozenset()) -> CodeProposal:
    return CodeProposal(bytearray(digits), (1.0,) * PROPOSED_DIGITS, doubtful, Era.SHOWA, 2)


def test_the_proposal_is_wiped_when_its_digits_are_taken() -> None:
    proposal = proposed()
    check = DigitCheck(proposal)
    assert proposal.reveal() == b""
    assert check.reveal() == CODE
    assert check.era is Era.SHOWA


def test_a_wiped_proposal_is_none() -> None:
    proposal = proposed()
    proposal.wipe()
    with pytest.raises(ValueError, match="length"):
        DigitCheck(proposal)


@given(places)
def test_every_place_is_asked_about_once_the_doubtful_before_the_others(doubtful: frozenset[int]) -> None:
    check = DigitCheck(proposed(doubtful=doubtful))
    asked = []
    while check.place is not None:
        asked.append(check.place)
        check.confirm()
    assert sorted(asked) == list(range(PROPOSED_DIGITS))
    assert asked[: len(doubtful)] == sorted(doubtful)
    assert asked[len(doubtful) :] == sorted(set(asked) - doubtful)


@given(st.lists(st.sampled_from(["confirm", "correct", "take_back"]), max_size=40), places)
def test_the_code_comes_out_only_after_an_act_for_every_digit(
    acts: list[str], doubtful: frozenset[int]
) -> None:
    check = DigitCheck(proposed(doubtful=doubtful))
    passed = 0
    for act in acts:
        match act:
            case "confirm":
                check.confirm()
            case "correct":
                check.correct(7)
            case _:
                check.take_back()
        passed = max(0, min(PROPOSED_DIGITS, passed + (-1 if act == "take_back" else 1)))
        assert len(check.confirmed) == passed
        assert check.is_complete == (passed == PROPOSED_DIGITS)
    if check.is_complete:
        assert len(check.take_digits()) == PROPOSED_DIGITS
    else:
        with pytest.raises(CodeMalformed):
            check.take_digits()


def test_an_unread_digit_cannot_be_confirmed_but_typed() -> None:
    check = DigitCheck(proposed(b"1805142035417?", frozenset({13})))
    assert check.place == 13
    with pytest.raises(CodeMalformed):
        check.confirm()
    check.correct(3)
    assert check.reveal() == CODE
    assert check.confirmed == {13}


def test_a_correction_stays_when_all_are_asked_about_again() -> None:
    check = DigitCheck(proposed(b"98051420354173"))
    check.correct(1)
    check.begin_again()
    assert (check.place, check.confirmed, check.reveal()) == (0, frozenset(), CODE)


def test_after_the_last_digit_further_acts_change_nothing() -> None:
    check = DigitCheck(proposed())
    for _ in range(PROPOSED_DIGITS):
        check.confirm()
    check.confirm()
    check.correct(9)
    assert check.take_digits() == CODE


def test_wiping_leaves_zeros_and_no_text_shows_a_digit() -> None:
    check = DigitCheck(proposed())
    assert "1805" not in repr(check)
    with check:
        check.confirm()
    assert check.reveal() == bytes(PROPOSED_DIGITS)
