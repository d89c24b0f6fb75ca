"""SELECT: what it accepts, what it refuses, and what it forgets (card.md §2, §18.1, §19)."""

from __future__ import annotations

import pytest

from appliance.simulated.card.files import ApplicationName
from tests.simulated.card_desk import SELECT, Desk

CODE_A = b"000000000001"


@pytest.mark.parametrize("application", ["surface", "text", "jpki", "shared", "residence"])
def test_every_application_answers_to_its_name(desk: Desk, application: str) -> None:
    desk.select(application)
    assert desk.card.application_name is ApplicationName(application)
    assert desk.card.file_id is None


@pytest.mark.parametrize(
    ("aid", "found"),
    [
        ("D3921000310001010402", ApplicationName.SURFACE),
        ("D392100031000101040200", None),
        ("D392F0", ApplicationName.JPKI),
        ("D3921000310001010400", None),
        ("A00000015100", ApplicationName.CARD_MANAGER),
        ("A0000003080000100000", None),
        ("D27600012401", None),
        ("627601FF000000", None),
    ],
)
def test_a_name_matches_only_where_it_begins_one(desk: Desk, aid: str, found: ApplicationName | None) -> None:
    desk.select("text")
    answer = desk.status("00A4040C", bytes.fromhex(aid))
    assert answer == ("9000" if found else "6A82")
    assert desk.card.application_name is (found or ApplicationName.TEXT)


def test_an_ambiguous_name_can_be_stepped_through(desk: Desk) -> None:
    prefix = bytes.fromhex("D392100031")
    assert desk.status("00A4040C", prefix) == "9000"
    seen = [desk.card.application_name]
    while desk.status("00A4040E", prefix) == "9000":
        seen.append(desk.card.application_name)
    assert set(seen) == {
        ApplicationName.SURFACE,
        ApplicationName.TEXT,
        ApplicationName.SHARED,
        ApplicationName.RESIDENCE,
    }
    assert len(seen) == 4


def test_an_unknown_application_leaves_selection_and_unlocking_as_they_are(desk: Desk) -> None:
    desk.select("surface")
    assert desk.verify(0x13, CODE_A) == "9000"
    assert desk.status("00A4040C", bytes.fromhex("A000000001")) == "6A82"
    assert desk.ask("00B0820001")[-2:] == b"\x90\x00"


def test_selecting_again_locks_what_was_unlocked(desk: Desk) -> None:
    desk.select("surface")
    assert desk.verify(0x13, CODE_A) == "9000"
    desk.select("surface")
    assert desk.status("00B0820001") == "6982"


def test_with_fci_the_name_comes_back(desk: Desk) -> None:
    aid = SELECT["jpki"][5:]
    assert desk.ask("00A40400", aid, "00") == b"\x6f\x0c\x84\x0a" + aid + b"\x90\x00"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00A4020C020002", "9000"),
        ("00A4020C02001A", "9000"),
        ("00A4020C020019", "6A82"),
        ("00A4020C02FFFF", "6A82"),
        ("00A4020C0102", "6700"),
        ("00A4010C020002", "6A86"),
        ("00A404FF0AD392F000260100000001", "6A86"),
        ("00A40000", "9000"),
        ("00A40000023F00", "6A82"),
    ],
)
def test_files_under_the_surface_application(desk: Desk, command: str, answer: str) -> None:
    desk.select("surface")
    assert desk.status(command) == answer
    assert desk.card.application_name is ApplicationName.SURFACE


def test_a_file_that_is_not_there_leaves_the_current_one(desk: Desk) -> None:
    desk.select("surface")
    desk.status("00A4020C020004")
    desk.status("00A4020C021234")
    assert desk.card.file_id == 0x0004


def test_without_an_application_there_are_no_files(desk: Desk) -> None:
    assert desk.status("00A4020C020002") == "6A82"
    assert desk.status("00A40000") == "6A86"


def test_an_empty_name_selects_nothing(desk: Desk) -> None:
    assert desk.status("00A4040C") == "6A82"
