"""Command APDUs, short and extended, at every edge of their lengths (ISO/IEC 7816-4 §5.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.simulated.card.command import Command, parse_command

HEADER = bytes((0x00, 0xB0, 0x01, 0x02))


@pytest.mark.parametrize(
    ("body", "data", "expected", "is_extended"),
    [
        ("", b"", None, False),
        ("00", b"", 256, False),
        ("01", b"", 1, False),
        ("FF", b"", 255, False),
        ("01AA", b"\xaa", None, False),
        ("01AA00", b"\xaa", 256, False),
        ("01AA10", b"\xaa", 16, False),
        ("000000", b"", 65536, True),
        ("000001", b"", 1, True),
        ("00FFFF", b"", 65535, True),
        ("000001AA", b"\xaa", None, True),
        ("000001AA0000", b"\xaa", 65536, True),
        ("000001AA0100", b"\xaa", 256, True),
    ],
)
def test_the_seven_forms(body: str, data: bytes, expected: int | None, is_extended: bool) -> None:
    command = parse_command(HEADER + bytes.fromhex(body))
    assert command == Command(0x00, 0xB0, 0x01, 0x02, data, expected, is_extended)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "00B001",
        "00B0010202AA",
        "00B0010201AA1122",
        "00B001020000",
        "00B00102000002AA",
        "00B00102000001AA00",
        "00B00102000001AA000000",
        "00B001020000000000",
    ],
)
def test_lengths_that_contradict_each_other_are_no_command(raw: str) -> None:
    assert parse_command(bytes.fromhex(raw)) is None


@given(data=st.binary(min_size=1, max_size=255), expected=st.integers(1, 256))
def test_a_short_command_comes_back_as_it_was_built(data: bytes, expected: int) -> None:
    raw = HEADER + bytes((len(data),)) + data + bytes((expected % 256,))
    assert parse_command(raw) == Command(0x00, 0xB0, 0x01, 0x02, data, expected)


@given(data=st.binary(min_size=1, max_size=2000), expected=st.integers(1, 65536))
def test_an_extended_command_comes_back_as_it_was_built(data: bytes, expected: int) -> None:
    raw = HEADER + b"\0" + len(data).to_bytes(2, "big") + data + (expected % 65536).to_bytes(2, "big")
    assert parse_command(raw) == Command(0x00, 0xB0, 0x01, 0x02, data, expected, True)


def test_p1_and_p2_read_as_one_number() -> None:
    assert Command(0, 0, 0x12, 0x34).p1p2 == 0x1234
