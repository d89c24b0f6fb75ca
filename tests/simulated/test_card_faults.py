"""Faults placed at an exact command or byte (proof.md F2)."""

from __future__ import annotations

import json

import pytest

from appliance.simulated.card.faults import Fault, FaultKind
from appliance.simulated.card.inserted import Answered, InsertedCard, Outcome, Silent, Vanished
from appliance.simulated.card.trace import TraceEntry
from tests.simulated.card_desk import SELECT, Desk

READ = bytes.fromhex("00B0840010")


def outcomes(desk: Desk, fault: Fault, count: int = 4) -> list[Outcome]:
    """Select the surface application, then read 16 bytes of its certificate again and again."""
    inserted = InsertedCard(desk.card, faults=[fault])
    return [inserted.exchange(command) for command in (SELECT["surface"], *[READ] * (count - 1))]


@pytest.fixture
def sound(desk: Desk) -> bytes:
    desk.select("surface")
    return desk.card.process(READ)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_the_card_leaves_at_a_command(desk: Desk, at: int) -> None:
    told = outcomes(desk, Fault(FaultKind.REMOVED_AT_COMMAND, at))
    assert [isinstance(outcome, Vanished) for outcome in told] == [number == at for number in range(1, 5)]


@pytest.mark.parametrize(
    ("byte", "first_lost"), [(1, 1), (2, 1), (3, 2), (20, 2), (21, 3), (38, 3), (39, 4), (57, None)]
)
def test_the_card_leaves_at_a_byte(desk: Desk, byte: int, first_lost: int | None) -> None:
    told = outcomes(desk, Fault(FaultKind.REMOVED_AT_BYTE, byte))
    lost = [number for number, outcome in enumerate(told, 1) if isinstance(outcome, Vanished)]
    assert (lost[0] if lost else None) == first_lost


def test_a_wrong_status_replaces_the_answer_and_nothing_is_carried_out(desk: Desk) -> None:
    told = outcomes(desk, Fault(FaultKind.WRONG_STATUS, 1, 0x6F00))
    assert told[0] == Answered(b"\x6f\x00", 0.0)
    assert told[1] == Answered(b"\x6a\x82", 0.0)


@pytest.mark.parametrize("size", [0, 3, 16, 20])
def test_a_wrong_length_cuts_or_fills(desk: Desk, sound: bytes, size: int) -> None:
    told = outcomes(desk, Fault(FaultKind.WRONG_LENGTH, 2, size))
    assert told[1] == Answered(sound[:-2][:size].ljust(size, b"\xff") + b"\x90\x00", 0.0)
    assert told[2] == Answered(sound, 0.0)


@pytest.mark.parametrize(
    ("bit", "octet", "mask"), [(0, 0, 1), (7, 0, 0x80), (8, 1, 1), (127, 15, 0x80), (128, 0, 1)]
)
def test_one_bit_flips(desk: Desk, sound: bytes, bit: int, octet: int, mask: int) -> None:
    told = outcomes(desk, Fault(FaultKind.FLIPPED_BIT, 3, bit))
    expected = bytearray(sound)
    expected[octet] ^= mask
    assert told[2] == Answered(bytes(expected), 0.0)


def test_an_answer_without_data_has_no_bit_to_flip(desk: Desk) -> None:
    assert outcomes(desk, Fault(FaultKind.FLIPPED_BIT, 1, 5))[0] == Answered(b"\x90\x00", 0.0)


def test_silence_at_a_command(desk: Desk) -> None:
    told = outcomes(desk, Fault(FaultKind.SILENCE, 2))
    assert [isinstance(outcome, Silent) for outcome in told] == [False, True, False, False]


@pytest.mark.parametrize(("byte", "first_silent"), [(1, 1), (3, 2), (20, 2), (21, 3), (57, None)])
def test_silence_at_a_byte_lasts(desk: Desk, byte: int, first_silent: int | None) -> None:
    told = outcomes(desk, Fault(FaultKind.SILENCE_AT_BYTE, byte))
    silent = [number for number, outcome in enumerate(told, 1) if isinstance(outcome, Silent)]
    assert silent == ([] if first_silent is None else list(range(first_silent, 5)))


@pytest.mark.parametrize("at", range(1, 21))
def test_any_bit_of_any_byte_flips(desk: Desk, sound: bytes, at: int) -> None:
    told = outcomes(desk, Fault(FaultKind.FLIPPED_BIT_AT_BYTE, at, at % 8))
    stream = bytearray(b"\x90\x00" + sound)
    stream[at - 1] ^= 1 << at % 8
    assert b"".join(outcome.answer for outcome in told[:2] if isinstance(outcome, Answered)) == stream
    assert told[2] == Answered(sound, 0.0)


@pytest.mark.parametrize(("at", "left"), [(3, 0), (4, 1), (18, 15), (19, 16), (20, 16)])
def test_an_answer_ends_before_a_byte(desk: Desk, sound: bytes, at: int, left: int) -> None:
    told = outcomes(desk, Fault(FaultKind.WRONG_LENGTH_AT_BYTE, at))
    assert told[1] == Answered(sound[:left] + b"\x90\x00", 0.0)


def test_a_wrong_status_at_a_byte_comes_after_the_work(desk: Desk) -> None:
    told = outcomes(desk, Fault(FaultKind.WRONG_STATUS_AT_BYTE, 2, 0x6F00))
    assert told[0] == Answered(b"\x6f\x00", 0.0)
    assert len(told[1].answer if isinstance(told[1], Answered) else b"") == 18


def test_several_faults_meet(desk: Desk, sound: bytes) -> None:
    faults = [
        Fault(FaultKind.WRONG_LENGTH, 2, 4),
        Fault(FaultKind.FLIPPED_BIT, 2, 0),
        Fault(FaultKind.FLIPPED_BIT_AT_BYTE, 4, 0),
        Fault(FaultKind.WRONG_STATUS, 3, 0x6A82),
        Fault(FaultKind.REMOVED_AT_COMMAND, 4),
    ]
    inserted = InsertedCard(desk.card, faults=faults)
    told = [inserted.exchange(command) for command in (SELECT["surface"], READ, READ, READ)]
    bent = bytes((sound[0] ^ 1, sound[1] ^ 1)) + sound[2:4] + b"\x90\x00"
    assert told == [Answered(b"\x90\x00", 0.0), Answered(bent, 0.0), Answered(b"\x6a\x82", 0.0), Vanished()]


def test_removal_comes_before_everything_else_at_its_command(desk: Desk) -> None:
    faults = [Fault(kind, 1) for kind in FaultKind if not kind.is_by_byte and kind is not FaultKind.MUTE]
    inserted = InsertedCard(desk.card, faults=faults)
    assert inserted.exchange(SELECT["surface"]) == Vanished()
    assert inserted.trace == ()


@pytest.mark.parametrize("kind", [FaultKind.REMOVED_AT_BYTE, FaultKind.SILENCE_AT_BYTE, FaultKind.SILENCE])
def test_a_command_whose_answer_is_lost_stands_in_the_trace(desk: Desk, kind: FaultKind) -> None:
    """A VERIFY may have been counted although nobody heard the answer (card.md §9.1)."""
    inserted = InsertedCard(desk.card, faults=[Fault(kind, 1)])
    inserted.exchange(bytes.fromhex("002000920E") + bytes(14))
    (entry,) = inserted.trace
    assert (entry.header, entry.status_word, entry.answer_size_bytes) == ("00200092", 0, 0)
    assert entry.command.endswith("xx")


def test_an_observer_hears_of_every_command(desk: Desk) -> None:
    heard: list[TraceEntry] = []
    inserted = InsertedCard(desk.card, observe=heard.append)
    for command in (SELECT["surface"], READ):
        inserted.exchange(command)
    assert tuple(heard) == inserted.trace


def test_a_mute_chip(desk: Desk) -> None:
    assert InsertedCard(desk.card, faults=[Fault(FaultKind.MUTE)]).is_mute
    assert not InsertedCard(desk.card).is_mute


@pytest.mark.parametrize("kind", FaultKind)
def test_faults_travel_as_json(kind: FaultKind) -> None:
    fault = Fault(kind, 3, 0x6982)
    assert Fault.from_dict(json.loads(json.dumps(fault.to_dict()))) == fault


@pytest.mark.parametrize(
    "plain", [{}, {"kind": "explosion"}, {"kind": "mute", "at": "x"}, {"kind": "mute", "at": None}]
)
def test_other_json_is_no_fault(plain: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the number's own error is one of them
        Fault.from_dict(plain)
