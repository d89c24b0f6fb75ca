"""The encoding: one spelling for each shape, and nothing else is read."""

from __future__ import annotations

from collections.abc import Callable

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import FormatUnknown, SealBroken
from appliance.seal.codec import LARGEST_NUMBER, Field, Fields, encode

scalars = st.one_of(
    st.integers(min_value=0, max_value=LARGEST_NUMBER), st.text(max_size=20), st.binary(max_size=40)
)


def decode(encoded: bytes, limit_bytes: int = 1_000) -> Fields:
    return Fields.decode(encoded, shape="sample", version=1, limit_bytes=limit_bytes)


def take(fields: Fields, like: object) -> object:
    if isinstance(like, int):
        return fields.number()
    return fields.text(20) if isinstance(like, str) else fields.octets(longest=40)


@given(st.lists(scalars, max_size=8))
def test_what_was_written_is_read_field_by_field(values: list[int | str | bytes]) -> None:
    fields = decode(encode(1, *values))
    assert [take(fields, value) for value in values] == values
    fields.end()


@given(st.lists(st.lists(scalars, max_size=3), max_size=3))
def test_rows_are_read_one_by_one(rows: list[list[int | str | bytes]]) -> None:
    fields = decode(encode(1, rows))
    for row, expected in zip(fields.rows(3), rows, strict=True):
        assert [take(row, value) for value in expected] == expected
        row.end()
    fields.end()


@pytest.mark.parametrize(
    "encoded",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(encode(1, 5) + b"\0", id="a byte behind the end"),
        pytest.param(encode(1, b"cut off")[:-1], id="cut off"),
        pytest.param(b"\x82\x01\x18\x05", id="a number longer than it must be"),
        pytest.param(b"\x9f\x01\x05\xff", id="indefinite length"),
        pytest.param(b"\x82\x01\x5f\x41\x00\xff", id="byte string in pieces"),
        pytest.param(b"\x82\x01\xc2\x41\x05", id="tagged big number"),
        pytest.param(b"\x82\x01\xd8\x23\x61a", id="tagged regular expression"),
        pytest.param(b"\x82\x01\xd9\xd9\xf7\x05", id="self-described tag"),
        pytest.param(b"\x82\x01\x61\xff", id="text that is no UTF-8"),
        pytest.param(b"\xa1\x01\x05", id="map"),
        pytest.param(b"\x01", id="bare number"),
        pytest.param(b"\x80", id="no version"),
        pytest.param(b"\x82\xf5\x05", id="true in the place of the version"),
        pytest.param(b"\x82\x20\x05", id="negative version"),
        pytest.param(b"\x81" * 600 + b"\x01", id="nested too deep"),
        pytest.param(b"\x9b" + b"\xff" * 8, id="an array longer than memory"),
        pytest.param(b"\x82\x01\x5b" + b"\x7f" * 8, id="a byte string longer than memory"),
    ],
)
def test_any_other_spelling_is_refused(encoded: bytes) -> None:
    with pytest.raises(SealBroken) as refused:
        decode(encoded)
    assert refused.value.part == "format"


@given(st.binary(max_size=200))
def test_foreign_bytes_are_read_as_what_they_are_or_refused(encoded: bytes) -> None:
    try:
        decode(encoded)
    except (SealBroken, FormatUnknown):
        return
    assert cbor2.dumps(cbor2.loads(encoded), canonical=True) == encoded


def test_a_newer_version_is_named_whatever_follows_it() -> None:
    with pytest.raises(FormatUnknown) as unknown:
        decode(cbor2.dumps([2, {"unknown": True}, None]))
    assert (unknown.value.shape, unknown.value.version) == ("sample", 2)


def test_the_size_is_bounded_before_anything_is_read() -> None:
    encoded = encode(1, bytes(100))
    assert decode(encoded, limit_bytes=len(encoded)).octets(longest=100) == bytes(100)
    with pytest.raises(SealBroken):
        decode(encoded, limit_bytes=len(encoded) - 1)


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        ("text", lambda fields: fields.number()),
        (b"octets", lambda fields: fields.text(20)),
        (5, lambda fields: fields.octets(longest=20)),
        (5, lambda fields: list(fields.rows(1))),
        ([5], lambda fields: list(fields.rows(1))),
        ([[], []], lambda fields: list(fields.rows(1))),
        (LARGEST_NUMBER + 1, lambda fields: fields.number()),
        ("four", lambda fields: fields.text(3)),
        (b"four", lambda fields: fields.octets(longest=3)),
        (b"four", lambda fields: fields.octets(longest=9, shortest=5)),
        (5, lambda fields: fields.end()),
    ],
)
def test_a_field_of_another_type_or_size_is_refused(value: Field, taken: Callable[[Fields], object]) -> None:
    with pytest.raises(SealBroken):
        taken(decode(encode(1, value)))


@pytest.mark.parametrize("written", [True, None, 1.5, -1])
def test_a_value_outside_the_three_kinds_is_no_number(written: object) -> None:
    with pytest.raises(SealBroken):
        decode(cbor2.dumps([1, written], canonical=True)).number()


def test_a_missing_field_is_refused() -> None:
    with pytest.raises(SealBroken):
        decode(encode(1)).number()
