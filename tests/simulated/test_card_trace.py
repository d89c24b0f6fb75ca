"""The record of what passed: everything that was touched, no secret."""

from __future__ import annotations

import json

import pytest

from appliance.simulated.card.files import ApplicationName
from appliance.simulated.card.inserted import InsertedCard
from appliance.simulated.card.trace import TraceEntry, entry_of
from tests.simulated.card_desk import SELECT, Desk

CODE_B = b"18051420354173"


def test_an_entry_names_application_and_file_after_the_command(desk: Desk) -> None:
    inserted = InsertedCard(desk.card)
    for command in (SELECT["surface"], bytes.fromhex("00B0830010"), bytes.fromhex("00A4020C020004")):
        inserted.exchange(command)
    assert [(entry.application, entry.file) for entry in inserted.trace] == [
        ("surface", ""),
        ("surface", "0003"),
        ("surface", "0004"),
    ]
    assert [entry.header for entry in inserted.trace] == ["00A4040C", "00B08300", "00A4020C"]
    assert [entry.answer_size_bytes for entry in inserted.trace] == [2, 18, 2]
    assert {entry.status_word for entry in inserted.trace} == {0x9000}


def test_a_forbidden_access_succeeds_and_shows(desk: Desk) -> None:
    inserted = InsertedCard(desk.card)
    inserted.exchange(SELECT["text"])
    inserted.exchange(bytes.fromhex("0020009104") + b"1234")
    inserted.exchange(bytes.fromhex("00B0810000"))
    last = inserted.trace[-1]
    assert (last.application, last.file, last.status_word) == ("text", "0001", 0x9000)


@pytest.mark.parametrize("header", ["00200092", "00240198", "8032009C"])
@pytest.mark.parametrize("length", ["0E", "00000E"])
def test_secrets_are_left_out(header: str, length: str) -> None:
    command = bytes.fromhex(header + length) + CODE_B
    entry = entry_of(command, b"\x90\x00", ApplicationName.SURFACE, 0x12)
    assert CODE_B.hex().upper() not in entry.command
    assert entry.command.startswith(header)
    assert len(entry.command) == 2 * len(command)


@pytest.mark.parametrize("command", ["00200092", "0020009200", "00B0000000", "00"])
def test_commands_without_secret_stand_whole(command: str) -> None:
    entry = entry_of(bytes.fromhex(command), b"\x63\xca", ApplicationName.JPKI, None)
    assert entry.command == command
    assert entry.file == ""


def test_an_entry_travels_as_json() -> None:
    entry = TraceEntry("00B0820000", "surface", "0002", 0x9000, 258)
    assert TraceEntry(**json.loads(json.dumps(entry.to_dict()))) == entry
