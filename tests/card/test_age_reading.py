"""Reading the signed birth date with the birth-date key (card.md §7.2, §9.1)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card.age_reading import AgeReading, read_age
from appliance.card.code_b import birth_key_from_print
from appliance.card.file_reading import Progress
from appliance.card.reached_channel import ReachedChannel
from appliance.card.trace import Trace
from appliance.card.tries import Confirmation
from appliance.domain.card_answers import Genuineness
from appliance.errors import (
    CardNotUnderstood,
    CardRemoved,
    CardTrouble,
    CodeWrong,
    ForeignCard,
    ReadingCancelled,
)
from appliance.trust.issuer_keys import IssuerKeys
from tests.card.chip_bytes import age_record, issuers_of_both, text_certificate
from tests.card.scripted import CHALLENGE, SURFACE, Chip, Script, inses, removed_at
from tests.trust.authority import cv_certificate, training_issuers

ISSUERS = training_issuers()
BORN = date(1985, 4, 1)
TODAY = date(2026, 11, 23)


def read_chip(
    chip: Chip | ReachedChannel,
    *,
    born: date = BORN,
    confirmation: Confirmation | None = None,
    issuers: IssuerKeys = ISSUERS,
    on: date = TODAY,
    told: list[Progress] | None = None,
) -> AgeReading:
    with birth_key_from_print(born) as birth_key:
        return read_age(
            chip,
            birth_key,
            confirmation or Confirmation(),
            issuers=issuers,
            challenge=CHALLENGE,
            on=on,
            progress=None if told is None else told.append,
        )


def test_the_birth_date_comes_with_its_proof() -> None:
    reading = read_chip(Chip(tries=6))
    assert reading.birth_date == BORN
    assert (reading.genuineness.genuine, reading.genuineness.detail) == (Genuineness.YES, "")
    assert reading.genuineness.proof is not None
    assert reading.tries_left == 6


def test_the_face_stays_closed_and_the_commands_are_the_fewest() -> None:
    trace = Trace()
    chip = Chip()
    read_chip(ReachedChannel(chip, trace=trace))
    assert inses(chip.commands) == [0xA4, 0x20, 0x20, *[0xB0] * 3, *[0xB0] * 3, 0x2A]
    assert {entry.p2 for entry in trace.entries if entry.ins == 0x20} == {0x91}
    assert [entry.p1 for entry in trace.entries if entry.ins == 0xB0 and entry.p1 & 0x80] == [0x81, 0x84]


@pytest.mark.parametrize(
    ("on", "age_years"),
    [
        (date(2026, 3, 31), 40),
        (date(2026, 4, 1), 41),
        (date(1985, 4, 1), 0),
        (date(2060, 12, 31), 75),
    ],
)
def test_the_age_is_in_whole_years_on_the_day(on: date, age_years: int) -> None:
    assert read_chip(Chip(), on=on).age_years == age_years


@pytest.mark.parametrize(("on", "age_years"), [(date(2027, 2, 28), 74), (date(2027, 3, 1), 75)])
def test_a_leap_day_is_followed_by_the_first_of_march(on: date, age_years: int) -> None:
    chip = Chip(age_record=age_record(b"19520229"), code=b"27022920331234")
    assert read_chip(chip, born=date(1952, 2, 29), on=on).age_years == age_years


@pytest.mark.parametrize(
    ("chip", "genuine", "detail"),
    [
        (Chip(signing_key=None), Genuineness.NO, "challenge"),
        (Chip(signing_key="other"), Genuineness.NO, "challenge"),
        (Chip(age_record=age_record(key="other")), Genuineness.NO, "challenge"),
        (Chip(age_record=age_record(signer="impostor")), Genuineness.NO, "record_signature"),
        (Chip(age_record=age_record(signer="card")), Genuineness.NO, "record_signature"),
        (Chip(certificate=None), Genuineness.NO, "card_certificate"),
        (Chip(certificate=cv_certificate(authority="impostor")), Genuineness.NO, "card_certificate"),
        (Chip(certificate=text_certificate()), Genuineness.NO, "card_certificate"),
    ],
    ids=[
        "copy without key",
        "copy with another key",
        "other chip's record",
        "altered",
        "signed by itself",
        "no certificate",
        "impostor",
        "the text application's authority",
    ],
)
def test_a_false_chip_is_read_and_answered_for(chip: Chip, genuine: Genuineness, detail: str) -> None:
    reading = read_chip(chip, issuers=issuers_of_both())
    assert (reading.genuineness.genuine, reading.genuineness.detail) == (genuine, detail)
    assert reading.genuineness.proof is None
    assert reading.birth_date == BORN


def test_without_the_authority_nothing_is_said() -> None:
    reading = read_chip(Chip(), issuers=IssuerKeys.for_service(()))
    assert reading.genuineness.genuine is Genuineness.UNKNOWN


def test_a_wrong_birth_date_spends_one_try() -> None:
    chip = Chip()
    with pytest.raises(CodeWrong) as wrong:
        read_chip(chip, born=date(1985, 4, 2))
    assert wrong.value.tries_left == 9
    assert (chip.spent, chip.presented) == (1, 1)


def test_a_chip_without_the_application_is_foreign() -> None:
    with pytest.raises(ForeignCard), birth_key_from_print(BORN) as birth_key:
        read_age(
            Script((SURFACE, "6A82")),
            birth_key,
            Confirmation(),
            issuers=ISSUERS,
            challenge=CHALLENGE,
            on=TODAY,
        )


@pytest.mark.parametrize("record", [age_record(b"19850231"), b"\xff\x10\x00", b"\xff\x20\x00"])
def test_a_record_of_another_layout_is_not_understood(record: bytes) -> None:
    with pytest.raises(CardNotUnderstood):
        read_chip(Chip(age_record=record, filler=b""))


@pytest.mark.parametrize("position", range(10))
def test_a_card_removed_at_any_command_is_told_so(position: int) -> None:
    chip = Chip(intercept=removed_at(position))
    with pytest.raises(CardRemoved):
        read_chip(chip)
    assert chip.presented <= 1


def test_progress_grows_to_the_whole() -> None:
    told: list[Progress] = []
    read_chip(Chip(), told=told)
    done = [each.done_bytes for each in told]
    assert done == sorted(set(done))
    assert told[-1] == Progress(547 + 568 + 256, 547 + 568 + 256)


def test_a_reading_can_be_stopped_before_anything_was_asked() -> None:
    chip = Chip()
    with pytest.raises(ReadingCancelled), birth_key_from_print(BORN) as birth_key:
        read_age(
            chip,
            birth_key,
            Confirmation(),
            issuers=ISSUERS,
            challenge=CHALLENGE,
            on=TODAY,
            is_cancelled=lambda: True,
        )
    assert chip.commands == []


@given(st.integers(0, 9), st.binary(max_size=260))
def test_any_answer_ends_in_a_reading_or_a_typed_error(position: int, answer: bytes) -> None:
    chip = Chip(intercept=lambda index, _command: answer if index == position else None)
    try:
        reading = read_chip(chip)
    except CardTrouble:
        return
    assert reading.birth_date == BORN
