"""READ BINARY, READ RECORD, GET DATA and GET CHALLENGE (card.md §1.3, §2, §8, §19)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.simulated.card.files import Application, ApplicationName, CardImage, TransparentFile
from appliance.simulated.card.simulated_card import SimulatedCard
from tests.simulated.card_desk import Desk

CERTIFICATE_SIZE = 568


@pytest.fixture
def open_desk(desk: Desk) -> Desk:
    """The surface application with its free certificate file selected."""
    desk.select("surface")
    assert desk.status("00A4020C020004") == "9000"
    return desk


@pytest.mark.parametrize(
    ("command", "size"),
    [
        ("00B0000004", 4),
        ("00B0000000", 256),
        ("00B0010000", 256),
        ("00B0020000", 56),
        ("00B0020038", 56),
        ("00B0023700", 1),
        ("00B00000000000", CERTIFICATE_SIZE),
        ("00B00000000100", 256),
        ("00B0840000", 256),
        ("00B084FF00", 256),
    ],
)
def test_a_read_gives_what_is_asked_for_or_what_is_left(open_desk: Desk, command: str, size: int) -> None:
    answer = open_desk.ask(command)
    assert answer[-2:] == b"\x90\x00"
    assert len(answer) == size + 2


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00B0023800", "6B00"),
        ("00B07FFF00", "6B00"),
        ("00B00000", "6700"),
        ("00B0000001AA", "6700"),
        ("00B0A40000", "6A86"),
        ("00B0800000", "6A86"),
        ("00B0880000", "6A82"),
        ("00B0920000", "6981"),
        ("00B09A0000", "6981"),
        ("00B0820000", "6982"),
        ("00B0850000", "6982"),
    ],
)
def test_a_read_is_refused_with_the_documented_status(open_desk: Desk, command: str, answer: str) -> None:
    assert open_desk.status(command) == answer


def test_a_short_identifier_makes_its_file_current(open_desk: Desk) -> None:
    by_name = open_desk.ask("00B0830010")
    assert open_desk.card.file_id == 0x0003
    assert open_desk.ask("00B0000010") == by_name


def test_without_a_current_file_there_is_nothing_to_read(desk: Desk) -> None:
    assert desk.status("00B0000000") == "6986"
    desk.select("surface")
    assert desk.status("00B0000000") == "6986"


@settings(max_examples=60)
@given(
    content=st.binary(min_size=1, max_size=3000), offset=st.integers(0, 3100), expected=st.integers(1, 65536)
)
def test_any_read_gives_exactly_that_part_of_the_file(content: bytes, offset: int, expected: int) -> None:
    application = Application(ApplicationName.SURFACE, {1: TransparentFile(content)})
    card = SimulatedCard(CardImage(b"\x3b\x00", (application,), {}), bytes)
    card.process(bytes.fromhex("00A4040C0AD3921000310001010402"))
    card.process(bytes.fromhex("00A4020C020001"))
    answer = card.process(
        b"\x00\xb0" + offset.to_bytes(2, "big") + b"\0" + (expected % 65536).to_bytes(2, "big")
    )
    if offset >= len(content):
        assert answer == b"\x6b\x00"
    else:
        assert answer == content[offset : offset + expected] + b"\x90\x00"


@pytest.mark.parametrize("command", ["00B2010C00", "00B2010C1E"])
def test_the_serial_record_is_free_and_holds_municipality_and_expiry(desk: Desk, command: str) -> None:
    desk.select("shared")
    answer = desk.ask(command)
    assert answer == b"\x01\x1c" + b"990000000000001" + b"99201" + b"20350514" + b"\x90\x00"
    assert desk.ask("00B2010400") == answer


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00B2020C00", "6A83"),
        ("00B2000C00", "6A83"),
        ("00B2010D00", "6A81"),
        ("00B2010E00", "6A86"),
        ("00B2010C", "6700"),
        ("00B201E400", "6981"),
        ("00B2012400", "6A82"),
    ],
)
def test_records_that_are_not_there(desk: Desk, command: str, answer: str) -> None:
    desk.select("shared")
    assert desk.status(command) == answer


def test_a_record_file_is_no_binary_file(desk: Desk) -> None:
    desk.select("shared")
    assert desk.status("00B0810000") == "6981"


@pytest.mark.parametrize(
    ("command", "value"),
    [
        ("00CA00F000", b"99201"),
        ("00CA00F200", b"20350514"),
        ("00CA004500", b"990000000000001"),
        ("00CA5F5100", bytes.fromhex("DA13FF8131FB468012392F31C173C601C03B")),
    ],
)
def test_the_card_manager_tells_its_objects(desk: Desk, command: str, value: bytes) -> None:
    assert desk.ask(command) == value + b"\x90\x00"


def test_large_objects_want_extended_length(desk: Desk) -> None:
    assert desk.status("00CA7F2100") == "6700"
    answer = desk.ask("00CA7F21000000")
    assert answer[:3] == bytes.fromhex("5F4E82")
    assert len(answer) == CERTIFICATE_SIZE - 5 + 2


@pytest.mark.parametrize("command", ["00CADF3005", "00CAFFFF00"])
def test_unknown_objects(desk: Desk, command: str) -> None:
    assert desk.status(command) == "6A88"


def test_inside_an_application_the_manager_is_silent(desk: Desk) -> None:
    desk.select("jpki")
    assert desk.status("00CA00F000") == "6A88"
    desk.select("manager")
    assert desk.ask("00CA00F000") == b"99201\x90\x00"


@pytest.mark.parametrize(("command", "size"), [("0084000008", 8), ("0084000000", 256)])
def test_a_challenge_has_the_size_asked_for(desk: Desk, command: str, size: int) -> None:
    assert desk.ask(command) == bytes(range(size)) + b"\x90\x00"


@pytest.mark.parametrize(
    ("command", "answer"), [("0084010008", "6A86"), ("00840000000008", "6985"), ("00840000", "6700")]
)
def test_a_challenge_is_refused(desk: Desk, command: str, answer: str) -> None:
    assert desk.status(command) == answer
