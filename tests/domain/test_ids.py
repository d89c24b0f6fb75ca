"""Identifiers: what can be a unit's name, and the number on a person's slip."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.ids import new_visit_id, parse_unit_id, receipt_number
from appliance.errors import FactsMalformed


@pytest.mark.parametrize("text", ["u", "7", "unit-01", "a--b", "a" * 32])
def test_a_unit_id_is_kept_as_it_is(text: str) -> None:
    assert parse_unit_id(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "-unit",
        "unit-",
        "Unit",
        "unit 1",
        "unit/1",
        "unit+",
        "unit#",
        "unit\n",
        "ユニット",
        "１",
        "a" * 33,
    ],
)
def test_what_does_not_fit_a_topic_level_is_no_unit_id(text: str) -> None:
    with pytest.raises(FactsMalformed) as malformed:
        parse_unit_id(text)
    assert malformed.value.key == "unit"


@given(st.text(max_size=40))
def test_every_accepted_unit_id_is_safe_in_topics_and_certificates(text: str) -> None:
    try:
        unit = parse_unit_id(text)
    except FactsMalformed:
        return
    assert set(unit) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert 1 <= len(unit) <= 32


def test_a_visit_id_is_all_of_128_random_bits() -> None:
    assert new_visit_id(random.Random(1).randbytes) == random.Random(1).randbytes(16).hex()


@pytest.mark.parametrize(
    ("start", "number"),
    [
        ("0000000000", "0000-0000"),
        ("ffffffffff", "ZZZZ-ZZZZ"),
        ("0000000001", "0000-0001"),
        ("8000000000", "G000-0000"),
        ("0123456789", "04HM-ASW9"),
    ],
)
def test_a_receipt_number_is_the_first_forty_bits_of_the_hash(start: str, number: str) -> None:
    assert receipt_number(bytes.fromhex(start) + bytes(27)) == number


@given(st.binary(min_size=32, max_size=32))
def test_a_receipt_number_can_be_read_over_a_telephone(record_hash: bytes) -> None:
    number = receipt_number(record_hash)
    assert len(number) == 9
    assert number[4] == "-"
    assert not set(number) & set("ILOU")


@given(st.binary(min_size=5, max_size=5), st.binary(min_size=5, max_size=5))
def test_different_bits_give_different_numbers(one: bytes, other: bytes) -> None:
    assert (receipt_number(one) == receipt_number(other)) is (one == other)
