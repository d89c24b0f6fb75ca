"""Command and response APDUs in every case and at every edge (ISO/IEC 7816-4 §5.1 to §5.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card.apdu import CommandApdu, parse_command, parse_response
from appliance.errors import CardNotUnderstood

BYTE = st.integers(0, 255)


@pytest.mark.parametrize(
    ("data_size", "le", "start", "size"),
    [
        (0, None, "00B00000", 4),
        (0, 1, "00B0000001", 5),
        (0, 255, "00B00000FF", 5),
        (0, 256, "00B0000000", 5),
        (0, 257, "00B00000000101", 7),
        (0, 65535, "00B0000000FFFF", 7),
        (0, 65536, "00B00000000000", 7),
        (1, None, "00B0000001", 6),
        (255, None, "00B00000FF", 260),
        (256, None, "00B00000000100", 263),
        (65535, None, "00B0000000FFFF", 65542),
        (1, 1, "00B0000001", 7),
        (255, 256, "00B00000FF", 261),
        (256, 1, "00B00000000100", 265),
        (1, 257, "00B00000000001", 10),
        (65535, 65536, "00B0000000FFFF", 65544),
    ],
)
def test_lengths_choose_the_case_and_the_form(data_size: int, le: int | None, start: str, size: int) -> None:
    command = CommandApdu(0x00, 0xB0, 0x00, 0x00, bytes(data_size), le)
    encoded = command.encode()
    assert encoded.startswith(bytes.fromhex(start))
    assert len(encoded) == size
    assert parse_command(encoded) == command


@given(
    header=st.tuples(BYTE, BYTE, BYTE, BYTE),
    data=st.binary(max_size=600),
    le=st.none() | st.integers(1, 65536),
)
def test_every_command_comes_back(header: tuple[int, int, int, int], data: bytes, le: int | None) -> None:
    command = CommandApdu(*header, data, le)
    assert parse_command(command.encode()) == command


@given(st.binary(max_size=300))
def test_any_bytes_are_a_command_or_not_understood(encoded: bytes) -> None:
    try:
        command = parse_command(encoded)
    except CardNotUnderstood:
        return
    assert command.header == encoded[:4]
    assert command.data in encoded
    assert len(command.encode()) <= len(encoded)


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "00",
        "00B000",
        "00B000000200",
        "00B0000002AABBCCDD",
        "00B000000000",
        "00B00000000000AA",
        "00B0000000000201",
    ],
    ids=["empty", "one byte", "three", "Lc too long", "Lc too short", "half Le", "Lc of zero", "no data"],
)
def test_lengths_that_do_not_fit_are_not_understood(encoded: str) -> None:
    with pytest.raises(CardNotUnderstood):
        parse_command(bytes.fromhex(encoded))


@pytest.mark.parametrize(
    ("p1", "size", "le"), [(256, 0, None), (-1, 0, None), (0, 65536, None), (0, 0, 0), (0, 0, 65537)]
)
def test_a_command_out_of_range_cannot_exist(p1: int, size: int, le: int | None) -> None:
    with pytest.raises(ValueError, match=r"header|data length|le"):
        CommandApdu(0x00, 0xB0, p1, 0x00, bytes(size), le)


def test_a_response_is_data_and_a_status_word() -> None:
    response = parse_response(bytes.fromhex("0102036282"))
    assert (response.data, response.status_word) == (b"\x01\x02\x03", 0x6282)
    assert parse_response(bytes.fromhex("9000")).data == b""


@pytest.mark.parametrize("encoded", [b"", b"\x90"])
def test_a_response_without_a_status_word_is_not_understood(encoded: bytes) -> None:
    with pytest.raises(CardNotUnderstood):
        parse_response(encoded)


def test_data_fields_do_not_show() -> None:
    marker = b"\xde\xad\xbe\xef"
    assert "data" not in repr(CommandApdu(0x00, 0x20, 0x00, 0x92, marker))
    assert "data" not in repr(parse_response(marker + b"\x90\x00"))
