"""Reading the four attributes with what proves them; the signed digest of the My Number stays behind (card.md §6, D11)."""

from __future__ import annotations

import gc
import hashlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card import text_reading
from appliance.card.attributes import Sex
from appliance.card.code_b import parse_code_b
from appliance.card.file_reading import Progress
from appliance.card.reached_channel import ReachedChannel
from appliance.card.text import (
    FourAttributes,
    SignedDigests,
    TextEvidence,
    parse_certified_card_key,
    parse_four_attributes,
)
from appliance.card.text_reading import TextReading, read_text
from appliance.card.trace import Trace
from appliance.card.tries import Confirmation
from appliance.domain.card_answers import Genuineness
from appliance.errors import (
    CardNotUnderstood,
    CardRefused,
    CardRemoved,
    CardTrouble,
    CodeWrong,
    ForeignCard,
    OutOfReach,
)
from appliance.trust.issuer_keys import IssuerKeys
from tests.card.chip_bytes import (
    NUMBER_FILE,
    certified_card_key,
    four_attributes,
    issuers_of_both,
    signed_digests,
    text_certificate,
    tlv,
)
from tests.card.scripted import (
    CHALLENGE,
    CODE,
    TEXT,
    Chip,
    Script,
    answers_at,
    inses,
    removed_at,
    text_files,
)
from tests.trust.authority import cv_certificate, training_issuers

ISSUERS = issuers_of_both()


def read_chip(
    chip: Chip | ReachedChannel | Script,
    *,
    code: str = CODE,
    confirmation: Confirmation | None = None,
    issuers: IssuerKeys = ISSUERS,
    told: list[Progress] | None = None,
) -> TextReading:
    with parse_code_b(code) as code_b:
        return read_text(
            chip,
            code_b,
            confirmation or Confirmation(),
            issuers=issuers,
            challenge=CHALLENGE,
            progress=None if told is None else told.append,
        )


def chip_with(**changed: bytes | None) -> Chip:
    """Return a chip whose text files of these ids (`f03`) are others, or missing."""
    files = text_files()
    for name, content in changed.items():
        files.pop(int(name[1:], 16))
        if content is not None:
            files[int(name[1:], 16)] = content
    return Chip(text=files)


def test_the_attributes_come_with_their_proof() -> None:
    with read_chip(Chip(tries=6)) as reading:
        assert reading.attributes.name.reveal().decode() == "番号　花子"
        assert reading.attributes.address.reveal().decode() == "東京都千代田区霞が関２－１－２"
        assert (reading.attributes.birth_date, reading.attributes.sex) == (date(1985, 4, 1), Sex.FEMALE)
        assert reading.genuineness.genuine is Genuineness.YES
        assert reading.genuineness.proof is not None
        assert reading.tries_left == 6


def test_only_four_files_are_touched_and_the_commands_are_the_fewest() -> None:
    trace = Trace()
    chip = Chip()
    read_chip(ReachedChannel(chip, trace=trace)).wipe()
    assert inses(chip.commands) == [0xA4, 0x20, 0x20, *[0xB0] * (1 + 2 + 3 + 3), 0x2A]
    assert {entry.p2 for entry in trace.entries if entry.ins == 0x20} == {0x95}
    starts = [entry.p1 for entry in trace.entries if entry.ins == 0xB0 and entry.p1 & 0x80]
    assert starts == [0x82, 0x83, 0x87, 0x84]


@pytest.mark.parametrize(
    ("chip", "detail"),
    [
        (Chip(signing_key=None), "challenge"),
        (Chip(signing_key="other"), "challenge"),
        (chip_with(f07=certified_card_key("other")), "challenge"),
        (chip_with(f07=certified_card_key(signer="impostor")), "card_key"),
        (chip_with(f07=certified_card_key(signer="card")), "card_key"),
        (chip_with(f07=None), "card_key"),
        (chip_with(f07=tlv(0xFF50, b"")), "card_key"),
        (
            chip_with(f03=signed_digests(NUMBER_FILE, four_attributes(), "impostor")),
            "record_signature",
        ),
        (chip_with(f03=None), "record_signature"),
        (chip_with(f03=tlv(0xFF30, bytes(3))), "record_signature"),
        (chip_with(f03=bytes.fromhex("FF3082FFFF") + bytes(40)), "record_signature"),
        (chip_with(f02=four_attributes(birth_date=b"19500401")), "attributes_digest"),
        (chip_with(f02=four_attributes(name="番号　花江".encode())), "attributes_digest"),
        (chip_with(f02=four_attributes(sex=b"1")), "attributes_digest"),
        (
            chip_with(f03=signed_digests(NUMBER_FILE, four_attributes(address="どこか".encode()))),
            "attributes_digest",
        ),
        (chip_with(f04=None), "card_certificate"),
        (chip_with(f04=text_certificate("impostor")), "card_certificate"),
        (chip_with(f04=cv_certificate()), "card_certificate"),
    ],
    ids=[
        "copy without key",
        "copy with another key",
        "a key that was certified for another chip",
        "a key certified by an impostor",
        "a key certified by itself",
        "no certified key",
        "a certified key of another layout",
        "digests signed by an impostor",
        "no digests",
        "digests of another layout",
        "digests that end too early",
        "birth date altered",
        "name altered",
        "sex altered",
        "another person's digests",
        "no certificate",
        "a certificate by an impostor",
        "the surface application's certificate",
    ],
)
def test_each_check_alone_makes_a_chip_false(chip: Chip, detail: str) -> None:
    with read_chip(chip) as reading:
        assert (reading.genuineness.genuine, reading.genuineness.detail) == (Genuineness.NO, detail)
        assert reading.genuineness.proof is None


@given(st.sampled_from([0x02, 0x03, 0x04, 0x07]), st.integers(0, 10_000), st.integers(0, 7))
def test_no_flipped_bit_in_any_file_is_genuine(file: int, at: int, bit: int) -> None:
    files = text_files()
    content = bytearray(files[file])
    content[at % len(content)] ^= 1 << bit
    files[file] = bytes(content)
    try:
        reading = read_chip(Chip(text=files, filler=b""))
    except CardTrouble:
        return
    assert reading.genuineness.genuine is not Genuineness.YES


@pytest.mark.parametrize("issuers", [training_issuers(), IssuerKeys.for_service(())])
def test_without_the_text_authority_nothing_is_said(issuers: IssuerKeys) -> None:
    reading = read_chip(Chip(), issuers=issuers)
    assert reading.genuineness.genuine is Genuineness.UNKNOWN
    assert reading.genuineness.detail == "9000033/001"


def test_nothing_that_could_be_searched_for_the_my_number_outlives_the_check() -> None:
    files = text_files()
    reading = read_chip(Chip(text=files))
    gc.collect()
    kept = [each for each in gc.get_objects() if isinstance(each, SignedDigests | TextEvidence)]
    assert kept == []
    signed_pair, signature = files[0x03][5:75], files[0x03][-256:]
    searchable = (
        hashlib.sha256(NUMBER_FILE).digest(),
        hashlib.sha256(signed_pair).digest(),
        signature,
    )
    shown = {
        getattr(part, name)
        for part in (reading, reading.attributes, reading.genuineness)
        for name in part.__dataclass_fields__
        if isinstance(getattr(part, name), bytes)
    }
    assert shown == {reading.attributes.digest}
    assert not shown.intersection(searchable)


def test_name_and_address_are_wiped_at_the_end() -> None:
    with read_chip(Chip()) as reading:
        pass
    assert (reading.attributes.name.reveal(), reading.attributes.address.reveal()) == (b"", b"")


def test_a_wrong_code_spends_one_try() -> None:
    chip = Chip()
    with pytest.raises(CodeWrong) as wrong:
        read_chip(chip, code="60040120339999")
    assert wrong.value.tries_left == 9
    assert inses(chip.commands) == [0xA4, 0x20, 0x20]


def test_a_chip_without_the_application_is_foreign() -> None:
    with pytest.raises(ForeignCard):
        read_chip(Script((TEXT, "6A82")))


@pytest.mark.parametrize("content", [four_attributes(birth_date=b"19850231"), b"\xff\x10\x00"])
def test_attributes_of_another_layout_are_not_understood(content: bytes) -> None:
    chip = chip_with(f02=content)
    chip.filler = b""
    with pytest.raises(CardNotUnderstood):
        read_chip(chip)


@pytest.mark.parametrize("position", range(3, 13))
def test_a_file_that_stays_locked_says_nothing_about_the_chip(position: int) -> None:
    chip = Chip(intercept=answers_at(position, b"\x69\x82"))
    if position == 12:
        assert read_chip(chip).genuineness.detail == "challenge"
        return
    with pytest.raises(CardRefused):
        read_chip(chip)


@pytest.mark.parametrize("position", range(13))
def test_a_card_removed_at_any_command_is_told_so(position: int) -> None:
    chip = Chip(intercept=removed_at(position))
    with pytest.raises(CardRemoved):
        read_chip(chip)
    assert chip.presented <= 1


def test_what_was_read_is_wiped_when_the_rest_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[FourAttributes] = []

    def hold(content: bytearray) -> FourAttributes:
        held.append(parse_four_attributes(content))
        return held[0]

    monkeypatch.setattr(text_reading, "parse_four_attributes", hold)
    with pytest.raises(CardRemoved):
        read_chip(Chip(intercept=removed_at(6)))
    assert [len(each.name) + len(each.address) for each in held] == [0]


def test_progress_grows_to_the_whole() -> None:
    told: list[Progress] = []
    read_chip(Chip(), told=told).wipe()
    done = [each.done_bytes for each in told]
    assert done == sorted(set(done))
    whole = 95 + 336 + 536 + 568 + 256
    assert told[-1] == Progress(whole, whole)


@given(st.integers(0, 12), st.binary(max_size=260))
def test_any_answer_ends_in_a_reading_or_a_typed_error(position: int, answer: bytes) -> None:
    chip = Chip(intercept=answers_at(position, answer))
    try:
        read_chip(chip).wipe()
    except OutOfReach:
        pytest.fail("a wrong answer is no wrong wish")
    except CardTrouble:
        return
    assert chip.presented == 1


def test_what_proves_the_attributes_does_not_show() -> None:
    certified = parse_certified_card_key(certified_card_key())
    for part in (SignedDigests(b"", b"", b""), TextEvidence(b"", None, certified), certified):
        assert repr(part) == f"{type(part).__name__}(hidden)"
