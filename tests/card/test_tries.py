"""The guardian: no sequence of acts and accidents spends a try unconfirmed or near the end (design D5, R02)."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from appliance.card.code_b import parse_code_b
from appliance.card.reach import Application
from appliance.card.tries import (
    TRIES_MARGIN,
    Confirmation,
    TriesLeft,
    query_tries,
    require_margin,
    verify_code_b,
)
from appliance.errors import (
    CardBlocked,
    CardNotUnderstood,
    CardRefused,
    CardRemoved,
    CardSilent,
    CardTrouble,
    CodeMalformed,
    CodeWrong,
    NotConfirmed,
    ReaderGone,
    TriesNearlyUsed,
)
from tests.card.scripted import CODE, QUERY, SURFACE, VERIFY, Chip, Script

SURFACE_APPLICATION = Application.SURFACE


def verify(channel: Script | Chip, confirmation: Confirmation | None = None) -> TriesLeft:
    with parse_code_b(CODE) as code_b:
        return verify_code_b(
            channel, SURFACE_APPLICATION, code_b, confirmation or Confirmation()
        ).tries_left_before


@pytest.mark.parametrize(
    ("answer", "left"), [("63CA", 10), ("63C1", 1), ("63C0", 0), ("6984", 0), ("6983", 0), ("63CF", 15)]
)
def test_the_counter_is_asked_for_without_data(answer: str, left: int) -> None:
    script = Script((QUERY, answer))
    assert query_tries(script, SURFACE_APPLICATION) == left
    script.assert_finished()


@pytest.mark.parametrize("answer", ["9000", "6982", "6A88", "6300", "6D00", "6105", "6C0E"])
def test_an_answer_that_is_no_count_is_a_refusal(answer: str) -> None:
    with pytest.raises(CardRefused):
        query_tries(Script((QUERY, answer)), SURFACE_APPLICATION)


def test_a_right_code_takes_one_question_and_one_try() -> None:
    script = Script((QUERY, "63CA"), (VERIFY, "9000"))
    confirmation = Confirmation()
    assert verify(script, confirmation) == 10
    assert confirmation.is_spent
    script.assert_finished()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("63C9", CodeWrong(9)),
        ("63C4", CodeWrong(4)),
        ("63C0", CardBlocked()),
        ("6984", CardBlocked()),
        ("6983", CardBlocked()),
        ("6300", CardRefused("VERIFY", 0x6300)),
        ("6700", CardRefused("VERIFY", 0x6700)),
        ("6C00", CardRefused("VERIFY", 0x6C00)),
        ("6110", CardRefused("VERIFY", 0x6110)),
        ("6F00", CardRefused("VERIFY", 0x6F00)),
        ("90", CardNotUnderstood("response APDU", 1)),
        ("", CardNotUnderstood("response APDU", 0)),
    ],
)
def test_every_other_answer_ends_the_try_and_is_never_repeated(answer: str, error: CardTrouble) -> None:
    script = Script((QUERY, "63CA"), (VERIFY, answer))
    confirmation = Confirmation()
    with pytest.raises(CardTrouble) as raised:
        verify(script, confirmation)
    assert str(raised.value) == str(error)
    assert confirmation.is_spent
    script.assert_finished()


@pytest.mark.parametrize("trouble", [CardRemoved(), ReaderGone(), CardSilent()])
def test_a_lost_link_during_the_try_is_told_and_not_repeated(trouble: CardTrouble) -> None:
    script = Script((QUERY, "63CA"), (VERIFY, trouble))
    confirmation = Confirmation()
    with pytest.raises(type(trouble)):
        verify(script, confirmation)
    assert confirmation.is_spent
    script.assert_finished()


@pytest.mark.parametrize("left", [1, 2, 3])
def test_nearly_used_keys_are_left_alone(left: int) -> None:
    script = Script((QUERY, f"63C{left}"))
    confirmation = Confirmation()
    with pytest.raises(TriesNearlyUsed) as refused:
        verify(script, confirmation)
    assert (refused.value.tries_left, refused.value.margin) == (left, TRIES_MARGIN)
    assert not confirmation.is_spent
    script.assert_finished()


@pytest.mark.parametrize("answer", ["63C0", "6984", "6983"])
def test_blocked_keys_are_left_alone(answer: str) -> None:
    script = Script((QUERY, answer))
    with pytest.raises(CardBlocked):
        verify(script)
    script.assert_finished()


def test_the_margin_lets_four_pass_and_three_not() -> None:
    require_margin(TriesLeft(4))
    with pytest.raises(TriesNearlyUsed):
        require_margin(TriesLeft(3))


@pytest.mark.parametrize("trouble", [CardRemoved(), ReaderGone(), CardSilent()])
def test_a_lost_link_during_the_question_spends_no_confirmation(trouble: CardTrouble) -> None:
    confirmation = Confirmation()
    with pytest.raises(type(trouble)):
        verify(Script((QUERY, trouble)), confirmation)
    assert not confirmation.is_spent


def test_a_spent_confirmation_sends_nothing() -> None:
    confirmation = Confirmation()
    verify(Script((QUERY, "63CA"), (VERIFY, "9000")), confirmation)
    script = Script()
    with pytest.raises(NotConfirmed):
        verify(script, confirmation)
    assert script.sent == []


def test_a_wiped_code_is_not_presented_and_spends_no_confirmation() -> None:
    script = Script((QUERY, "63CA"))
    confirmation = Confirmation()
    code_b = parse_code_b(CODE)
    code_b.wipe()
    with pytest.raises(CodeMalformed):
        verify_code_b(script, SURFACE_APPLICATION, code_b, confirmation)
    assert not confirmation.is_spent
    script.assert_finished()


def test_a_confirmation_cannot_be_copied() -> None:
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            attempt(Confirmation())


def test_two_threads_cannot_spend_the_same_confirmation() -> None:
    confirmations = [Confirmation() for _ in range(200)]

    def spend(confirmation: Confirmation) -> int:
        try:
            confirmation.spend()
        except NotConfirmed:
            return 0
        return 1

    with ThreadPoolExecutor(8) as threads:
        spent = list(threads.map(spend, confirmations * 4))
    assert sum(spent) == len(confirmations)


RIGHT = parse_code_b(CODE).reveal().decode()
WRONG = "60040120339999"


class Operator(RuleBasedStateMachine):
    """Staff who do anything in any order, on a chip and a line that may fail at any moment."""

    def __init__(self) -> None:
        super().__init__()
        self.chip = Chip(certificate=None)
        self.chip.transmit(bytes.fromhex(SURFACE))
        self.confirmed = 0
        self.confirmation = Confirmation()
        self.confirmation.spend()
        self.lost_at: str | None = None
        self.chip.intercept = self._line
        self.lowest_before_a_try = 15

    def _line(self, _index: int, command: bytes) -> bytes | None:
        is_try = command[1] == 0x20 and len(command) > 5
        if is_try:
            self.lowest_before_a_try = min(self.lowest_before_a_try, self.chip.tries)
        if self.lost_at == "command":
            raise CardRemoved
        if self.lost_at == "answer" and is_try:
            # The chip has counted; the answer never arrives.
            self.chip.intercept = lambda _i, _c: None
            self.chip.transmit(command)
            self.chip.intercept = self._line
            raise CardRemoved
        return None

    @rule()
    def confirm(self) -> None:
        self.confirmation = Confirmation()
        self.confirmed += 1

    @rule(lost_at=st.sampled_from([None, None, "command", "answer"]))
    def line(self, lost_at: str | None) -> None:
        self.lost_at = lost_at

    @rule(left=st.integers(2, 10))
    def another_program_used_the_card(self, left: int) -> None:
        self.chip.tries = left

    @rule(code=st.sampled_from([RIGHT, WRONG, WRONG]), times=st.integers(1, 5))
    def confirm_each_try(self, code: str, times: int) -> None:
        for _ in range(times):
            self.confirm()
            self.try_code(code, 1)

    @rule(code=st.sampled_from([RIGHT, WRONG]), times=st.integers(1, 3))
    def try_code(self, code: str, times: int) -> None:
        for _ in range(times):
            with suppress(CardTrouble), parse_code_b(code) as code_b:
                verify_code_b(self.chip, SURFACE_APPLICATION, code_b, self.confirmation)

    @rule()
    def ask(self) -> None:
        with suppress(CardTrouble):
            query_tries(self.chip, SURFACE_APPLICATION)

    @invariant()
    def no_try_without_a_confirmation(self) -> None:
        assert self.chip.presented <= self.confirmed

    @invariant()
    def no_try_at_the_margin(self) -> None:
        assert self.lowest_before_a_try > TRIES_MARGIN


TestOperator = Operator.TestCase


@given(answers=st.lists(st.binary(max_size=4), max_size=3))
def test_whatever_a_chip_answers_there_is_at_most_one_try_and_only_above_the_margin(
    answers: list[bytes],
) -> None:
    sent: list[bytes] = []

    class Liar:
        def transmit(self, command: bytes) -> bytes:
            sent.append(command)
            return answers[len(sent) - 1] if len(sent) <= len(answers) else b""

    with suppress(CardTrouble), parse_code_b(CODE) as code_b:
        verify_code_b(Liar(), SURFACE_APPLICATION, code_b, Confirmation())
    tries = [command for command in sent if len(command) > 4]
    assert len(tries) <= 1
    if tries:
        assert answers[0][-2] == 0x63
        assert answers[0][-1] & 0x0F > TRIES_MARGIN
