"""The guardian: no sequence of acts and accidents spends a try unconfirmed or near the end (design D5, R02)."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card.code_b import birth_key_from_print, parse_code_b
from appliance.card.pins import parse_sign_password, parse_user_pin
from appliance.card.reach import Application, VerifierPolicy, VerifierReach
from appliance.card.tries import (
    PIN_TRIES_MARGIN,
    TRIES_MARGIN,
    Confirmation,
    TriesLeft,
    Unlocked,
    query_birth_tries,
    query_tries,
    require_margin,
    verify_birth_key,
    verify_code_b,
    verify_sign_password,
    verify_user_pin,
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
    PinMalformed,
    PinWrong,
    ReaderGone,
    TriesNearlyUsed,
)
from tests.card.scripted import BIRTH, BIRTH_QUERY, CODE, QUERY, TEXT_QUERY, VERIFY, Script

SURFACE_APPLICATION = Application.SURFACE


def verify(channel: Script, confirmation: Confirmation | None = None) -> TriesLeft:
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


def test_data_with_a_count_is_not_understood() -> None:
    with pytest.raises(CardNotUnderstood):
        query_tries(Script((QUERY, "AA63CA")), SURFACE_APPLICATION)


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
        ("AA9000", CardNotUnderstood("VERIFY")),
        ("AA63C5", CardNotUnderstood("VERIFY")),
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


@dataclass(frozen=True)
class Kind:
    """One kind of secret, as the product presents it."""

    present: Callable[[Script, Confirmation], Unlocked]
    query: str
    verify: str
    margin: int
    wrong: type[CodeWrong | PinWrong]


def present_code_b_to_the_text(script: Script, confirmation: Confirmation) -> Unlocked:
    with parse_code_b(CODE) as code_b:
        return verify_code_b(script, Application.TEXT_ASSIST, code_b, confirmation)


def present_birth_key(script: Script, confirmation: Confirmation) -> Unlocked:
    with birth_key_from_print(date(1985, 4, 1)) as birth_key:
        return verify_birth_key(script, birth_key, confirmation)


def present_pin(script: Script, confirmation: Confirmation) -> Unlocked:
    with parse_user_pin("1234") as pin:
        return verify_user_pin(script, VERIFIER, pin, confirmation)


def present_password(script: Script, confirmation: Confirmation) -> Unlocked:
    with parse_sign_password("training2026") as password:
        return verify_sign_password(script, VERIFIER, password, confirmation)


VERIFIER = VerifierReach(VerifierPolicy.for_training())
KINDS = {
    "text": Kind(
        present_code_b_to_the_text,
        TEXT_QUERY,
        f"{TEXT_QUERY}0E{CODE.encode().hex()}",
        TRIES_MARGIN,
        CodeWrong,
    ),
    "birth date": Kind(
        present_birth_key, BIRTH_QUERY, f"{BIRTH_QUERY}06{BIRTH.encode().hex()}", TRIES_MARGIN, CodeWrong
    ),
    "PIN": Kind(present_pin, "00200098", f"0020009804{b'1234'.hex()}", PIN_TRIES_MARGIN, PinWrong),
    "password": Kind(
        present_password, "0020009B", f"0020009B0C{b'TRAINING2026'.hex()}", PIN_TRIES_MARGIN, PinWrong
    ),
}


@pytest.fixture(params=list(KINDS.values()), ids=list(KINDS))
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


def test_every_kind_is_asked_for_first_and_presented_once_to_its_own_key(kind: Kind) -> None:
    script = Script((kind.query, "63C5"), (kind.verify, "9000"))
    confirmation = Confirmation()
    assert kind.present(script, confirmation).tries_left_before == 5
    assert confirmation.is_spent
    script.assert_finished()


def test_every_kind_is_left_alone_at_its_margin_and_tried_above_it(kind: Kind) -> None:
    for left in range(1, kind.margin + 1):
        with pytest.raises(TriesNearlyUsed) as refused:
            kind.present(Script((kind.query, f"63C{left}")), Confirmation())
        assert (refused.value.tries_left, refused.value.margin) == (left, kind.margin)
    kind.present(Script((kind.query, f"63C{kind.margin + 1}"), (kind.verify, "9000")), Confirmation())


@pytest.mark.parametrize("answer", ["63C0", "6984", "6983"])
def test_every_kind_that_is_blocked_is_left_alone(kind: Kind, answer: str) -> None:
    with pytest.raises(CardBlocked):
        kind.present(Script((kind.query, answer)), Confirmation())


def test_every_kind_says_what_was_wrong_and_how_many_are_left(kind: Kind) -> None:
    script = Script((kind.query, "63C5"), (kind.verify, "63C4"))
    with pytest.raises((CodeWrong, PinWrong)) as refused:
        kind.present(script, Confirmation())
    assert str(refused.value) == str(kind.wrong(4))


@pytest.mark.parametrize("answer", ["6C00", "6C0E", "6110", "6F00", "6700", "6300"])
def test_no_kind_is_presented_again_whatever_the_chip_would_rather_have(kind: Kind, answer: str) -> None:
    script = Script((kind.query, "63CA"), (kind.verify, answer))
    with pytest.raises(CardRefused):
        kind.present(script, Confirmation())
    script.assert_finished()


@pytest.mark.parametrize("trouble", [CardRemoved(), ReaderGone(), CardSilent()])
def test_no_kind_is_presented_again_after_a_lost_link(kind: Kind, trouble: CardTrouble) -> None:
    script = Script((kind.query, "63CA"), (kind.verify, trouble))
    confirmation = Confirmation()
    with pytest.raises(type(trouble)):
        kind.present(script, confirmation)
    with pytest.raises(NotConfirmed):
        kind.present(script, confirmation)
    script.assert_finished()


def test_the_last_try_of_a_pin_is_its_holders_and_a_code_keeps_three() -> None:
    assert (PIN_TRIES_MARGIN, TRIES_MARGIN) == (1, 3)


def test_the_birth_date_has_a_counter_of_its_own() -> None:
    script = Script((BIRTH_QUERY, "63C7"))
    assert query_birth_tries(script) == 7
    script.assert_finished()


def test_wiped_secrets_are_not_presented_and_spend_no_confirmation() -> None:
    confirmation = Confirmation()
    with birth_key_from_print(date(1985, 4, 1)) as birth_key:
        pass
    with pytest.raises(CodeMalformed):
        verify_birth_key(Script((BIRTH_QUERY, "63CA")), birth_key, confirmation)
    with parse_user_pin("1234") as pin:
        pass
    with pytest.raises(PinMalformed):
        verify_user_pin(Script(("00200098", "63C3")), VERIFIER, pin, confirmation)
    assert not confirmation.is_spent


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
