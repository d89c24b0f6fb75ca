"""Key identifiers: sixteen bytes stored, seven and three digits printed (card.md §11)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import CardNotUnderstood
from appliance.trust.key_id import KeyId, parse_key_id

ROOT = bytes.fromhex("35303030303233 0805 303031 000000A8")


def test_the_root_key_is_written_both_ways() -> None:
    assert KeyId(ROOT).printed == "5000023/001"
    assert parse_key_id("5000023/001") == KeyId(ROOT)
    assert parse_key_id(ROOT.hex()) == parse_key_id(ROOT.hex().upper()) == KeyId(ROOT)
    assert str(KeyId(ROOT)) == "5000023/001"
    assert repr(KeyId(ROOT)) == "KeyId(5000023/001)"


@given(number=st.from_regex(r"[0-9]{7}", fullmatch=True), group=st.from_regex(r"[0-9]{3}", fullmatch=True))
def test_printed_forms_come_back(number: str, group: str) -> None:
    assert parse_key_id(f"{number}/{group}").printed == f"{number}/{group}"


@given(st.binary(min_size=16, max_size=16))
def test_any_sixteen_bytes_have_a_printable_form(stored: bytes) -> None:
    assert KeyId(stored).printed.isascii()
    assert KeyId(stored).printed.isprintable()
    assert parse_key_id(stored.hex()).stored == stored


def test_bytes_of_another_shape_are_shown_in_hexadecimal() -> None:
    assert KeyId(b"\xff" * 16).printed == "FF" * 16


@pytest.mark.parametrize(
    "text", ["", "5000023", "5000023/1", "500002３/001", "5000023/001 ", "zz" * 16, "00" * 15, "00" * 17]
)
def test_other_texts_are_not_understood(text: str) -> None:
    with pytest.raises(CardNotUnderstood):
        parse_key_id(text)


@pytest.mark.parametrize("size", [0, 15, 17])
def test_other_sizes_are_not_understood(size: int) -> None:
    with pytest.raises(CardNotUnderstood):
        KeyId(bytes(size))
