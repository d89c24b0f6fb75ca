"""Asking a card whether its holder is there: one PIN, one challenge, one signature, or a typed error (design D5)."""

from __future__ import annotations

import copy
import pickle
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.card.file_reading import Progress
from appliance.card.jpki.authentication import HolderAuthenticated, authenticate
from appliance.card.pins import parse_user_pin
from appliance.card.reached_channel import ReachedChannel
from appliance.card.tries import PIN_TRIES_MARGIN, Confirmation, TriesLeft, Unlocked
from appliance.domain.card_answers import Revocation
from appliance.errors import (
    CardBlocked,
    CardNotGenuine,
    CardNotUnderstood,
    CardRefused,
    CardRemoved,
    CardTrouble,
    CertificateOutOfTerm,
    ForeignCard,
    IssuerUnknown,
    NotConfirmed,
    OldResidentCard,
    PhoneToken,
    PinMalformed,
    PinWrong,
    ReadingCancelled,
    TriesNearlyUsed,
    TrustFailure,
    UnitError,
)
from appliance.trust.issuer_keys import IssuerKind
from appliance.trust.jpki_authorities import JpkiAuthorities
from tests.card.jpki_chip import (
    CHALLENGE,
    PIN,
    VERIFIER,
    WRONG_ANSWERS,
    Interception,
    JpkiChip,
    answers_wrongly,
    token_information,
)
from tests.card.scripted import answers_at, inses, removed_at
from tests.trust.jpki_issuing import Holder, signing_certificate, training_authorities, user_certificate

TODAY = date(2026, 11, 23)
PIECES = -(-len(user_certificate()) // 256)
COMMANDS = 5 + PIECES
"""SELECT, label, counter, VERIFY, signature, and the certificate's pieces."""
VERIFY_AT, SIGN_AT = 3, 4


def run(
    chip: JpkiChip | ReachedChannel,
    *,
    typed: str = PIN,
    confirmation: Confirmation | None = None,
    authorities: JpkiAuthorities | None = None,
    challenge: bytes = CHALLENGE,
    on: date = TODAY,
) -> HolderAuthenticated:
    pin = parse_user_pin(typed)
    try:
        return authenticate(
            chip,
            VERIFIER,
            pin,
            confirmation or Confirmation(),
            authorities=training_authorities() if authorities is None else authorities,
            challenge=challenge,
            on=on,
        )
    finally:
        assert pin.reveal() == b""


def test_a_holder_is_authenticated_in_the_fewest_commands() -> None:
    chip = JpkiChip()
    with run(chip) as holder:
        assert inses(chip.commands) == [0xA4, 0xB0, 0x20, 0x20, 0x2A, *[0xB0] * PIECES]
        assert chip.presented == [PIN.encode()]
        assert holder.apdus == len(chip.commands) == COMMANDS
        assert holder.sent_bytes == sum(map(len, chip.commands))
        assert holder.received_bytes > len(user_certificate()) + 256
        assert holder.tries_left == 3
        assert holder.certified.kind is IssuerKind.TRAINING
        assert holder.certified.revocation is Revocation.UNKNOWN
        assert holder.certified.certificate.expires_on == date(2031, 3, 3)


def test_the_result_is_made_by_success_alone_shows_nothing_and_is_wiped() -> None:
    holder = run(JpkiChip())
    with pytest.raises(PermissionError):
        HolderAuthenticated(
            object(), holder.certified, Unlocked(TriesLeft(3)), ReachedChannel(JpkiChip(), verifier=VERIFIER)
        )
    assert repr(holder) == "HolderAuthenticated(hidden)"
    for copying in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            copying(holder)
    with holder:
        pass
    assert holder.certified.certificate.encoded.reveal() == b""


@pytest.mark.parametrize(
    ("chip", "error"),
    [
        (JpkiChip(user_key="impostor"), CardNotGenuine("challenge")),
        (
            JpkiChip(user_certificate=Holder(signer="impostor").encode()),
            CardNotGenuine("holder_certificate"),
        ),
        (JpkiChip(user_certificate=Holder(key="another").encode()), CardNotGenuine("challenge")),
        (JpkiChip(user_key=None), CardRefused("COMPUTE DIGITAL SIGNATURE", 0x6A88)),
        (
            JpkiChip(user_certificate=signing_certificate()),
            CardNotUnderstood("user_authentication certificate: issuer"),
        ),
        (JpkiChip(user_certificate=b"\x30\x03abc"), CardNotUnderstood("user_authentication certificate")),
        (
            JpkiChip(
                user_certificate=Holder(ends_at=datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC)).encode()
            ),
            CertificateOutOfTerm(),
        ),
        (
            JpkiChip(
                user_certificate=Holder(starts_at=datetime(2026, 11, 23, 15, 0, 0, tzinfo=UTC)).encode()
            ),
            CertificateOutOfTerm(),
        ),
    ],
    ids=[
        "another key",
        "another authority",
        "another's certificate",
        "no key",
        "the wrong one",
        "garbage",
        "over since yesterday",
        "from tomorrow",
    ],
)
def test_a_false_holder_is_none(chip: JpkiChip, error: UnitError) -> None:
    with pytest.raises(type(error)) as raised:
        run(chip)
    assert str(raised.value) == str(error)
    assert len(chip.presented) == 1


def test_an_authority_that_is_not_configured_is_unknown() -> None:
    with pytest.raises(IssuerUnknown):
        run(JpkiChip(), authorities=JpkiAuthorities.for_service(()))


def test_an_answer_to_another_challenge_is_none() -> None:
    """The signature of an earlier visit, sent again."""
    earlier = JpkiChip()
    old_answers: list[bytes] = []

    def remember(index: int, command: bytes) -> bytes | None:
        if index == SIGN_AT:
            answer = earlier._carry_out(command)
            old_answers.append(answer)
            return answer
        return None

    earlier.intercept = remember
    run(earlier)
    with pytest.raises(CardNotGenuine) as refused:
        run(JpkiChip(intercept=answers_at(SIGN_AT, old_answers[0])), challenge=bytes(32))
    assert refused.value.check == "challenge"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("JPKIAPICCTOKEN", OldResidentCard),
        ("JPKIAPGPSETOKEN", PhoneToken),
        ("JPKIAPIOSTOKEN", PhoneToken),
        ("SOMETHING ELSE", ForeignCard),
    ],
)
def test_no_pin_goes_to_another_kind_of_token(name: str, error: type[CardTrouble]) -> None:
    chip = JpkiChip(information=token_information(name))
    confirmation = Confirmation()
    with pytest.raises(error):
        run(chip, confirmation=confirmation)
    assert inses(chip.commands) == [0xA4, 0xB0]
    assert not confirmation.is_spent


def test_a_wrong_pin_spends_one_try_and_says_how_many_are_left() -> None:
    chip = JpkiChip()
    with pytest.raises(PinWrong) as wrong:
        run(chip, typed="9999")
    assert wrong.value.tries_left == 2
    assert len(chip.presented) == 1
    assert len(chip.commands) == VERIFY_AT + 1


@pytest.mark.parametrize(("tries", "error"), [(0, CardBlocked), (1, TriesNearlyUsed)])
def test_the_last_try_stays_the_holders_own(tries: int, error: type[CardTrouble]) -> None:
    chip = JpkiChip(pin_tries=tries)
    confirmation = Confirmation()
    with pytest.raises(error):
        run(chip, confirmation=confirmation)
    assert chip.presented == []
    assert not confirmation.is_spent


def test_wrong_pins_stop_before_the_last_try() -> None:
    chip = JpkiChip()
    for _ in range(6):
        with pytest.raises((PinWrong, TriesNearlyUsed)):
            run(chip, typed="9999")
    assert chip.references[0x98].tries == PIN_TRIES_MARGIN
    assert len(chip.presented) == 3 - PIN_TRIES_MARGIN


def test_a_spent_confirmation_presents_nothing() -> None:
    chip, confirmation = JpkiChip(), Confirmation()
    run(chip, confirmation=confirmation).wipe()
    with pytest.raises(NotConfirmed):
        run(chip, confirmation=confirmation)
    assert len(chip.presented) == 1


def test_a_wiped_pin_is_not_presented() -> None:
    chip, confirmation, pin = JpkiChip(), Confirmation(), parse_user_pin(PIN)
    pin.wipe()
    with pytest.raises(PinMalformed):
        authenticate(
            chip,
            VERIFIER,
            pin,
            confirmation,
            authorities=training_authorities(),
            challenge=CHALLENGE,
            on=TODAY,
        )
    assert chip.presented == []
    assert not confirmation.is_spent


def test_a_chip_that_wakes_slowly_is_read() -> None:
    assert run(JpkiChip(wake_up_answer=b"\x6f\x00")).apdus == COMMANDS + 1


@pytest.mark.parametrize("position", range(COMMANDS))
def test_a_card_removed_at_any_command_is_told_so_and_never_asked_again(position: int) -> None:
    chip = JpkiChip(intercept=removed_at(position))
    confirmation = Confirmation()
    with pytest.raises(CardRemoved):
        run(chip, confirmation=confirmation)
    assert len(chip.commands) == position + 1
    assert confirmation.is_spent == (position >= VERIFY_AT)


@pytest.mark.parametrize("position", range(COMMANDS))
@pytest.mark.parametrize("answer", [b"\x6f\x00", b"\x69\x82", b"\x90\x00", b"\x63\xc0", b"", b"\x00" * 300])
def test_a_false_answer_at_any_command_ends_in_a_proof_or_a_typed_error(position: int, answer: bytes) -> None:
    chip = JpkiChip(intercept=answers_at(position, answer))
    with suppress(CardTrouble, TrustFailure):
        assert run(chip).apdus >= COMMANDS
    assert len(chip.presented) <= 1


def test_progress_grows_to_the_whole() -> None:
    told: list[Progress] = []
    authenticate(
        JpkiChip(),
        VERIFIER,
        parse_user_pin(PIN),
        Confirmation(),
        authorities=training_authorities(),
        challenge=CHALLENGE,
        on=TODAY,
        progress=told.append,
    ).wipe()
    done = [progress.done_bytes for progress in told]
    assert done == sorted(set(done))
    assert told[-1].done_bytes == told[-1].total_bytes == 256 + len(user_certificate())


@pytest.mark.parametrize("stop_after", range(3 + PIECES))
def test_it_can_be_stopped_between_two_commands_but_not_inside_the_try(stop_after: int) -> None:
    asked: list[int] = []

    def is_cancelled() -> bool:
        asked.append(1)
        return len(asked) > stop_after

    chip, confirmation = JpkiChip(), Confirmation()
    pin = parse_user_pin(PIN)
    with pytest.raises(ReadingCancelled):
        authenticate(
            chip,
            VERIFIER,
            pin,
            confirmation,
            authorities=training_authorities(),
            challenge=CHALLENGE,
            on=TODAY,
            is_cancelled=is_cancelled,
        )
    assert pin.reveal() == b""
    assert confirmation.is_spent == (stop_after >= 2)
    assert len(chip.presented) == (1 if stop_after >= 2 else 0)


@settings(max_examples=150)
@given(st.dictionaries(st.integers(0, COMMANDS), WRONG_ANSWERS, max_size=4), st.integers(0, 3))
def test_whatever_the_chip_answers_one_pin_at_most_is_presented_and_only_a_right_answer_proves(
    wrong: dict[int, Interception], tries: int
) -> None:
    chip = JpkiChip(pin_tries=tries, intercept=answers_wrongly(wrong))
    with suppress(CardTrouble, TrustFailure):
        holder = run(chip)
        assert holder.certified.certificate.encoded.reveal() == user_certificate()
    assert chip.presented in ([], [PIN.encode()])
    assert len(chip.commands) < 400


def test_each_visit_needs_its_own_confirmation_and_finds_the_counter_full() -> None:
    chip = replace(JpkiChip(), pin_tries=2)
    assert run(chip).tries_left == 2
    assert run(chip).tries_left == 3
