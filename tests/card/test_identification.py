"""Sighting and reading a card as one conversation, told apart from everything that can go wrong in it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.card.code_b import parse_code_b
from appliance.card.identification import CardReading, Progress, read
from appliance.card.reached_channel import ReachedChannel
from appliance.card.trace import Trace
from appliance.card.tries import TRIES_MARGIN, Confirmation
from appliance.domain.card_answers import CardKind, Genuineness, InTerm, Revocation
from appliance.errors import (
    CardBlocked,
    CardNotUnderstood,
    CardRefused,
    CardRemoved,
    CardTrouble,
    CodeWrong,
    ForeignCard,
    NotConfirmed,
    ReadingCancelled,
    TriesNearlyUsed,
)
from appliance.service.outcomes import OUTCOMES, Outcome
from appliance.trust.issuer_keys import IssuerKeys
from tests.card.chip_bytes import PNG, Face, tlv
from tests.card.scripted import (
    CHALLENGE,
    CODE,
    SURFACE,
    VERIFY,
    Chip,
    Script,
    answers_at,
    inses,
    removed_at,
)
from tests.trust.authority import cv_certificate, training_issuers

ISSUERS = training_issuers()
TODAY = date(2026, 11, 23)
SMALL = Face(name=PNG, address=PNG, photo=b"photo", security_code=PNG)
"""A face of three pieces."""


def read_chip(
    chip: Chip | ReachedChannel,
    *,
    code: str = CODE,
    confirmation: Confirmation | None = None,
    issuers: IssuerKeys = ISSUERS,
    on: date = TODAY,
) -> CardReading:
    with parse_code_b(code) as code_b:
        return read(chip, code_b, confirmation or Confirmation(), issuers=issuers, challenge=CHALLENGE, on=on)


@pytest.mark.parametrize(
    ("answer", "error"),
    [("6A82", ForeignCard), ("6985", ForeignCard), ("6283", CardRefused), ("6110", CardRefused)],
)
def test_a_reading_ends_where_the_application_is_missing(answer: str, error: type[CardTrouble]) -> None:
    with pytest.raises(error), parse_code_b(CODE) as code_b:
        read(
            Script((SURFACE, answer)), code_b, Confirmation(), issuers=ISSUERS, challenge=CHALLENGE, on=TODAY
        )


def test_a_reading_is_the_fewest_commands() -> None:
    chip = Chip()
    trace = Trace()
    reading = read_chip(ReachedChannel(chip, trace=trace))
    size = len(chip.face.encode())
    face_pieces = -(-size // 256)
    assert inses(chip.commands) == [0xA4, 0x20, 0x20, *[0xB0] * (face_pieces + 3), 0x2A]
    assert [len(command) for command in chip.commands[:3]] == [15, 4, 19]
    assert chip.commands[3][2] == 0x82
    assert chip.commands[3 + face_pieces][2] == 0x84
    assert reading.apdus == len(chip.commands) == len(trace.entries) == face_pieces + 7
    assert reading.sent_bytes == sum(map(len, chip.commands))
    assert reading.received_bytes > size + 568 + 256


def test_a_genuine_card_in_term_answers_all_three_questions() -> None:
    reading = read_chip(Chip(tries=6))
    assert reading.kind is CardKind.MY_NUMBER_CARD
    assert reading.tries_left == 6
    assert reading.answers.genuine is Genuineness.YES
    assert reading.answers.genuine_detail == ""
    assert reading.answers.in_term is InTerm.YES
    assert reading.answers.expires_on == date(2033, 4, 1)
    assert reading.answers.revocation is Revocation.UNKNOWN
    assert reading.record.birth_date == date(1985, 4, 1)


@pytest.mark.parametrize(
    ("on", "in_term"),
    [
        (date(2033, 3, 31), InTerm.YES),
        (date(2033, 4, 1), InTerm.YES),
        (date(2033, 4, 2), InTerm.NO),
        (date(2050, 1, 1), InTerm.NO),
    ],
)
def test_a_card_is_in_term_through_its_last_day(on: date, in_term: InTerm) -> None:
    assert read_chip(Chip(face=SMALL), on=on).answers.in_term is in_term


@pytest.mark.parametrize(
    ("chip", "genuine", "detail"),
    [
        (Chip(signing_key=None), Genuineness.NO, "challenge"),
        (Chip(signing_key="other"), Genuineness.NO, "challenge"),
        (Chip(face=Face(signer="impostor")), Genuineness.NO, "record_signature"),
        (Chip(certificate=cv_certificate(authority="impostor")), Genuineness.NO, "card_certificate"),
        (Chip(certificate=None), Genuineness.NO, "card_certificate"),
        (Chip(certificate=cv_certificate()[:5] + bytes(563)), Genuineness.NO, "card_certificate"),
        (
            Chip(certificate=cv_certificate(authority_id=b"5000023\x08\x05001\x00\x00\x00\xa8")),
            Genuineness.UNKNOWN,
            "5000023/001",
        ),
    ],
    ids=[
        "copy without key",
        "copy with another key",
        "altered",
        "impostor",
        "none",
        "garbage",
        "not configured",
    ],
)
def test_a_false_chip_is_read_and_answered_for(chip: Chip, genuine: Genuineness, detail: str) -> None:
    reading = read_chip(chip)
    assert (reading.answers.genuine, reading.answers.genuine_detail) == (genuine, detail)
    assert reading.record.birth_date == date(1985, 4, 1)


def test_a_certificate_that_stays_locked_says_nothing_about_the_chip() -> None:
    def intercept(_index: int, command: bytes) -> bytes | None:
        return b"\x69\x82" if command.startswith(b"\x00\xb0\x84") else None

    with pytest.raises(CardRefused):
        read_chip(Chip(face=SMALL, intercept=intercept))


def test_a_training_card_is_unknown_in_service() -> None:
    reading = read_chip(Chip(face=SMALL), issuers=IssuerKeys.for_service(()))
    assert reading.answers.genuine is Genuineness.UNKNOWN


def test_a_chip_that_wakes_slowly_is_read() -> None:
    assert read_chip(Chip(face=SMALL, wake_up_answer=b"\x6f\x00")).answers.genuine is Genuineness.YES


def test_a_wrong_code_spends_one_try_and_says_how_many_are_left() -> None:
    chip = Chip()
    with pytest.raises(CodeWrong) as wrong:
        read_chip(chip, code="60040120339999")
    assert wrong.value.tries_left == 9
    assert (chip.spent, chip.presented) == (1, 1)
    assert inses(chip.commands) == [0xA4, 0x20, 0x20]


@pytest.mark.parametrize("tries", range(TRIES_MARGIN + 1))
def test_a_nearly_used_key_is_left_alone(tries: int) -> None:
    chip = Chip(tries=tries)
    with pytest.raises(TriesNearlyUsed if tries else CardBlocked):
        read_chip(chip)
    assert chip.presented == 0


def test_a_spent_confirmation_presents_no_code() -> None:
    confirmation = Confirmation()
    chip = Chip(face=SMALL)
    read_chip(chip, confirmation=confirmation)
    with pytest.raises(NotConfirmed):
        read_chip(chip, confirmation=confirmation)
    assert chip.presented == 1


@pytest.mark.parametrize("position", range(len(SMALL.encode()) // 256 + 8))
def test_a_card_removed_at_any_command_is_told_so(position: int) -> None:
    chip = Chip(face=SMALL, intercept=removed_at(position))
    with pytest.raises(CardRemoved):
        read_chip(chip)
    assert chip.presented <= 1


def test_a_card_can_be_read_again_after_it_was_removed() -> None:
    chip = Chip(face=SMALL, intercept=removed_at(5))
    with pytest.raises(CardRemoved):
        read_chip(chip)
    chip.intercept = lambda _index, _command: None
    assert read_chip(chip).answers.genuine is Genuineness.YES


class OtherLayout(Face):
    """A face as a coming generation might have it."""

    def encode(self) -> bytes:
        return tlv(0xFF20, tlv(0xDF21, b"19850401") + tlv(0xDF22, b"2"))


class NoObject(Face):
    """A face file that does not even begin as one."""

    def encode(self) -> bytes:
        return b"\x00" * 40


@pytest.mark.parametrize(
    "face",
    [replace(SMALL, birth_date=b"19850231"), OtherLayout(), NoObject()],
    ids=lambda face: type(face).__name__,
)
def test_a_face_of_unknown_layout_is_left_to_the_eyes(face: Face) -> None:
    """R07: the chip has the application, and a record that nobody described."""
    with pytest.raises(CardNotUnderstood) as failed:
        read_chip(Chip(face=face))
    assert OUTCOMES[type(failed.value)] is Outcome.USE_EYES


def test_a_face_that_stays_locked_is_a_refusal() -> None:
    with pytest.raises(CardRefused) as refused:
        read_chip(Chip(face=SMALL, intercept=answers_at(3, b"\x69\x82")))
    assert (refused.value.command, refused.value.status_word) == ("READ BINARY", 0x6982)


def test_progress_grows_to_the_whole() -> None:
    told: list[Progress] = []
    chip = Chip()
    with parse_code_b(CODE) as code_b:
        read(
            chip,
            code_b,
            Confirmation(),
            issuers=ISSUERS,
            challenge=CHALLENGE,
            on=TODAY,
            progress=told.append,
        )
    done = [progress.done_bytes for progress in told]
    assert done == sorted(set(done))
    assert told[-1].done_bytes == told[-1].total_bytes == len(chip.face.encode()) + 568 + 256


@pytest.mark.parametrize("stop_after", range(8))
def test_a_reading_can_be_stopped_between_any_two_pieces(stop_after: int) -> None:
    asked: list[int] = []

    def is_cancelled() -> bool:
        asked.append(1)
        return len(asked) > stop_after

    chip = Chip(face=SMALL)
    with parse_code_b(CODE) as code_b, pytest.raises(ReadingCancelled):
        read(
            chip,
            code_b,
            Confirmation(),
            issuers=ISSUERS,
            challenge=CHALLENGE,
            on=TODAY,
            is_cancelled=is_cancelled,
        )
    assert chip.presented == (1 if stop_after else 0)


def test_a_reading_is_wiped_at_the_end_of_its_context() -> None:
    with read_chip(Chip(face=SMALL)) as reading:
        assert reading.record.photo.reveal() == b"photo"
    assert reading.record.photo.reveal() == b""


def test_the_trace_of_a_reading_holds_only_allow_listed_commands() -> None:
    trace = Trace()
    read_chip(ReachedChannel(Chip(), trace=trace))
    named = {
        (entry.cla, entry.ins, entry.aid, entry.p2 if entry.ins == 0x20 else entry.p1 & 0x9F)
        for entry in trace.entries
        if entry.ins != 0xB0 or entry.p1 & 0x80
    }
    assert named == {
        (0x00, 0xA4, "D3921000310001010402", 0x04),
        (0x00, 0x20, "", 0x92),
        (0x00, 0xB0, "", 0x82),
        (0x00, 0xB0, "", 0x84),
        (0x80, 0x2A, "", 0x00),
    }


ANSWERS = st.one_of(
    st.none(),
    st.binary(max_size=300),
    st.integers(0, 0xFFFF).map(lambda status: status.to_bytes(2, "big")),
    st.just(CardRemoved()),
)


@settings(max_examples=150)
@given(st.dictionaries(st.integers(0, 12), ANSWERS, max_size=4), st.integers(0, 10))
def test_a_chip_that_answers_wrongly_ends_in_a_reading_or_a_typed_error(
    wrong: dict[int, bytes | CardRemoved | None], tries: int
) -> None:
    def intercept(index: int, _command: bytes) -> bytes | None:
        answer = wrong.get(index)
        if isinstance(answer, CardRemoved):
            raise CardRemoved
        return answer

    chip = Chip(face=SMALL, tries=tries, intercept=intercept)
    with suppress(CardTrouble):
        assert read_chip(chip).answers.genuine in set(Genuineness)
    presented = [command for command in chip.commands if command[1] == 0x20 and len(command) > 4]
    assert len(presented) <= 1
    assert all(command == bytes.fromhex(VERIFY) for command in presented)
    assert len(chip.commands) < 400
