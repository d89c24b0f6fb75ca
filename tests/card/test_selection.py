"""SELECT: every answer is "here", "not here", or an error that says which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card import reach
from appliance.card.reach import Application
from appliance.card.selection import is_there, require_application
from appliance.errors import CardNotUnderstood, CardRefused, CardRemoved, CardTrouble, ForeignCard
from tests.card.scripted import SURFACE, Script

SELECT = reach.select(Application.SURFACE)


def test_an_application_that_answers_is_there() -> None:
    script = Script((SURFACE, "9000"))
    assert is_there(script, SELECT)
    script.assert_finished()


NOT_HERE = ["6A82", "6A81", "6A86", "6D00", "6E00", "6700", "6985", "6986", "6881", "6999", "6400", "6CFF"]


@pytest.mark.parametrize("answer", NOT_HERE)
def test_every_error_means_that_it_is_not(answer: str) -> None:
    script = Script((SURFACE, answer))
    assert not is_there(script, SELECT)
    script.assert_finished()


@pytest.mark.parametrize("answer", NOT_HERE)
def test_a_card_without_the_application_is_foreign(answer: str) -> None:
    with pytest.raises(ForeignCard):
        require_application(Script((SURFACE, answer)), SELECT)


@pytest.mark.parametrize("answer", ["6200", "6283", "6285", "6300", "63C3", "6110"])
def test_a_warning_is_neither_and_refuses(answer: str) -> None:
    with pytest.raises(CardRefused) as refused:
        is_there(Script((SURFACE, answer)), SELECT)
    assert (refused.value.command, refused.value.status_word) == ("SELECT", int(answer, 16))


@pytest.mark.parametrize(("second", "there"), [("9000", True), ("6A82", False)])
def test_an_internal_error_after_power_up_is_asked_again_once(second: str, there: bool) -> None:
    script = Script((SURFACE, "6F00"), (SURFACE, second))
    assert is_there(script, SELECT) is there
    script.assert_finished()


def test_two_internal_errors_are_a_refusal() -> None:
    script = Script((SURFACE, "6F00"), (SURFACE, "6F00"))
    with pytest.raises(CardRefused) as refused:
        is_there(script, SELECT)
    assert refused.value.status_word == 0x6F00
    script.assert_finished()


@pytest.mark.parametrize("answer", ["6F0C840AD39210003100010104029000", "006A82"])
def test_data_that_nobody_asked_for_is_not_understood(answer: str) -> None:
    with pytest.raises(CardNotUnderstood):
        is_there(Script((SURFACE, answer)), SELECT)


def test_a_removed_card_is_told() -> None:
    with pytest.raises(CardRemoved):
        is_there(Script((SURFACE, CardRemoved())), SELECT)


@given(st.binary(max_size=4), st.binary(max_size=4))
def test_whatever_comes_ends_in_an_answer_or_a_typed_error(first: bytes, second: bytes) -> None:
    answers = [second, first]

    class Liar:
        def transmit(self, _command: bytes) -> bytes:
            return answers.pop()

    try:
        there = is_there(Liar(), SELECT)
    except CardTrouble:
        return
    assert there == (b"\x90\x00" in {first, second} and (first != b"\x6f\x00" or second == b"\x90\x00"))
