"""The four attributes in a signing certificate: six entries in any order, each once (card.md §13.3)."""

from __future__ import annotations

import random
import traceback
from collections.abc import Sequence
from datetime import date

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.card.attributes import Sex
from appliance.card.jpki.certificates import parse_signing_certificate
from appliance.card.jpki.certified_attributes import CertifiedAttributes
from appliance.errors import CardNotUnderstood
from tests.trust.jpki_issuing import ADDRESS, ATTRIBUTES, NAME, Holder, replaced, subject_names, utf8

Values = Sequence[tuple[int, str | bytes]]


def attributes_of(values: Values) -> CertifiedAttributes:
    return parse_signing_certificate(Holder(use="signing", attributes=values).encode()).attributes


def refused_part(values: Values) -> str:
    with pytest.raises(CardNotUnderstood) as refused:
        attributes_of(values)
    return refused.value.what.removeprefix("signing certificate: ")


def test_all_six_entries_are_read() -> None:
    attributes = attributes_of(ATTRIBUTES)
    assert attributes.name.reveal().decode() == NAME
    assert attributes.name_flags.reveal() == b"00001"
    assert attributes.address.reveal().decode() == ADDRESS
    assert attributes.address_flags.reveal() == b"0" * len(ADDRESS)
    assert (attributes.birth_date, attributes.sex) == (date(1943, 12, 31), Sex.FEMALE)
    assert repr(attributes) == "CertifiedAttributes(hidden)"


@pytest.mark.parametrize("seed", range(6))
def test_their_order_is_not_relied_on(seed: int) -> None:
    shuffled = random.Random(seed).sample(ATTRIBUTES, len(ATTRIBUTES))
    assert attributes_of(shuffled).name_flags.reveal() == b"00001"


def test_entries_that_are_not_known_are_passed_over() -> None:
    """The reading of the name is to be added to certificates; its identifier is not published (card.md §13.3)."""
    assert attributes_of((*ATTRIBUTES, (7, "ミホン　ハナ"), (70, b"\x04\x00"))).sex is Sex.FEMALE
    others = [x509.DNSName("jpki-sim.invalid"), *subject_names(ATTRIBUTES)]
    holder = Holder(
        use="signing",
        changed={x509.SubjectAlternativeName: (x509.SubjectAlternativeName(others), False)},
    )
    assert parse_signing_certificate(holder.encode()).attributes.sex is Sex.FEMALE


@pytest.mark.parametrize(
    ("digits", "birth_date"),
    [
        ("119120729", date(1912, 7, 29)),
        ("119120730", date(1912, 7, 30)),
        ("219120730", date(1912, 7, 30)),
        ("319261225", date(1926, 12, 25)),
        ("319890107", date(1989, 1, 7)),
        ("419890108", date(1989, 1, 8)),
        ("420190430", date(2019, 4, 30)),
        ("520190501", date(2019, 5, 1)),
        ("320000229", None),
        ("019431231", date(1943, 12, 31)),
        ("019430000", None),
        ("000000000", None),
    ],
)
def test_the_birth_date_is_gregorian_behind_its_era(digits: str, birth_date: date | None) -> None:
    values = replaced(ATTRIBUTES, 4, digits)
    if digits.startswith("0") or birth_date is not None:
        assert attributes_of(values).birth_date == birth_date
    else:
        assert refused_part(values) == "birth_date"


@pytest.mark.parametrize(
    "digits",
    [
        "",
        "31943123",
        "3194312310",
        "319430230",
        "3194３123",
        "3 9431231",
        "619431231",
        "x19431231",
        "519431231",
    ],
)
def test_another_birth_date_is_not_understood(digits: str) -> None:
    assert refused_part(replaced(ATTRIBUTES, 4, digits)) == "birth_date"


@pytest.mark.parametrize(
    ("digit", "sex"),
    [("1", Sex.MALE), ("2", Sex.FEMALE), ("0", Sex.UNKNOWN), ("3", Sex.UNKNOWN), ("9", Sex.UNKNOWN)],
)
def test_sex_is_read_in_every_form_that_sources_tell(digit: str, sex: Sex) -> None:
    assert attributes_of(replaced(ATTRIBUTES, 3, digit)).sex is sex


@pytest.mark.parametrize("digit", ["", "4", "11", "女"])
def test_another_sex_is_not_understood(digit: str) -> None:
    assert refused_part(replaced(ATTRIBUTES, 3, digit)) == "sex"


@pytest.mark.parametrize("flags", ["", "0000", "000000", "00002", "0000x", "0000０"])
@pytest.mark.parametrize(("arc", "part"), [(2, "name_flags"), (6, "address_flags")])
def test_each_character_has_its_flag(flags: str, arc: int, part: str) -> None:
    assert refused_part(replaced(ATTRIBUTES, arc, flags)) == part


@pytest.mark.parametrize("arc", range(1, 7))
def test_each_entry_stands_there_once(arc: int) -> None:
    parts = {1: "name", 2: "name_flags", 3: "sex", 4: "birth_date", 5: "address", 6: "address_flags"}
    without = [each for each in ATTRIBUTES if each[0] != arc]
    assert refused_part(without) == parts[arc]
    twice = [*ATTRIBUTES, *(each for each in ATTRIBUTES if each[0] == arc)]
    assert refused_part(twice) == parts[arc]


def test_a_certificate_without_alternative_names_has_no_attributes() -> None:
    holder = Holder(use="signing", changed={x509.SubjectAlternativeName: None})
    with pytest.raises(CardNotUnderstood):
        parse_signing_certificate(holder.encode())


@pytest.mark.parametrize(
    "value", [utf8(NAME, tag=0x13), utf8(NAME, tag=0x30), b"\x0c\x05\xff\xff\xff\xff\xff", b"\x05\x00"]
)
def test_a_value_that_is_no_utf8_string_is_not_understood(value: bytes) -> None:
    with pytest.raises(CardNotUnderstood):
        attributes_of(replaced(ATTRIBUTES, 1, value))


def test_a_long_address_is_read_whole() -> None:
    """Up to 200 characters (card.md §13.3)."""
    address = "架" * 200
    values = replaced(replaced(ATTRIBUTES, 5, address), 6, "01" * 100)
    assert attributes_of(values).address.reveal().decode() == address


def test_no_error_carries_what_was_read() -> None:
    marker = "架空のしるし"
    for values in (
        replaced(ATTRIBUTES, 1, marker + "あ"),
        replaced(ATTRIBUTES, 4, marker),
        replaced(ATTRIBUTES, 3, marker),
        replaced(ATTRIBUTES, 2, marker),
        replaced(ATTRIBUTES, 1, b"\x0c\x13" + marker.encode() + b"\xff"),
    ):
        with pytest.raises(CardNotUnderstood) as raised:
            attributes_of(values)
        said = "".join(traceback.format_exception(raised.value, chain=True)) + repr(raised.value.__context__)
        assert marker not in said.replace(f'"{marker}"', "")
        assert marker.encode().hex() not in said


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40)


@settings(max_examples=50)
@given(TEXTS, TEXTS, st.randoms(use_true_random=False))
def test_texts_come_back_as_they_were_written(name: str, address: str, chance: random.Random) -> None:
    flags = ["".join(chance.choice("01") for _ in text) for text in (name, address)]
    attributes = attributes_of(
        ((1, name), (2, flags[0]), (3, "1"), (4, "319431231"), (5, address), (6, flags[1]))
    )
    assert attributes.name.reveal().decode() == name
    assert attributes.address.reveal().decode() == address
    assert [attributes.name_flags.reveal().decode(), attributes.address_flags.reveal().decode()] == flags
