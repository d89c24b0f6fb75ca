"""What the simulated reader adds to the contract of all readers: paced answers, and hands in other threads."""

from __future__ import annotations

import threading

import pytest

from appliance.errors import CardRemoved, NoCard, NoReader, ReaderGone
from appliance.ports import CardReader, Presence
from appliance.simulated.card.faults import Fault, FaultKind
from appliance.simulated.card.pace import Pace
from appliance.simulated.reader import READER_NAME, SimulatedReader
from tests.simulated.card_desk import SELECT, Desk


def test_it_is_a_card_reader() -> None:
    reader: CardReader = SimulatedReader()
    assert reader.name == READER_NAME
    assert SimulatedReader(name="left").name == "left"


def test_paced_answers_sleep_as_long_as_the_link_takes(desk: Desk) -> None:
    slept: list[float] = []
    reader = SimulatedReader(Pace.REALISTIC, slept.append)
    reader.insert(desk.card)
    channel = reader.connect()
    channel.transmit(SELECT["surface"])
    channel.transmit(bytes.fromhex("00B0840000"))
    assert len(slept) == 2
    assert 0 < slept[0] < slept[1] < 1


def test_an_instant_reader_never_sleeps(desk: Desk) -> None:
    slept: list[float] = []
    reader = SimulatedReader(sleep=slept.append)
    reader.insert(desk.card)
    reader.connect().transmit(SELECT["surface"])
    assert slept == []


@pytest.mark.parametrize(("move", "error"), [("remove", CardRemoved), ("unplug", ReaderGone)])
def test_what_happens_during_a_paced_answer_is_noticed(desk: Desk, move: str, error: type[Exception]) -> None:
    reader = SimulatedReader(Pace.REALISTIC, lambda _: getattr(reader, move)())
    reader.insert(desk.card)
    channel = reader.connect()
    with pytest.raises(error):
        channel.transmit(SELECT["surface"])


@pytest.mark.parametrize(
    ("moves", "wanted"),
    [
        (["insert"], Presence.CARD),
        (["insert", "remove"], Presence.EMPTY),
        (["unplug"], Presence.NO_READER),
        (["unplug", "plug_in"], Presence.EMPTY),
        (["insert", "unplug", "plug_in"], Presence.CARD),
    ],
)
def test_moves_and_what_is_then_there(desk: Desk, moves: list[str], wanted: Presence) -> None:
    reader = SimulatedReader()
    for move in moves:
        reader.insert(desk.card) if move == "insert" else getattr(reader, move)()
    assert reader.presence() is wanted


def test_a_waiting_thread_wakes_when_a_card_comes(desk: Desk) -> None:
    reader = SimulatedReader()
    seen: list[Presence] = []
    waiting = threading.Thread(target=lambda: seen.append(reader.wait_for(Presence.CARD, 30)))
    waiting.start()
    reader.insert(desk.card)
    waiting.join(30)
    assert seen == [Presence.CARD]


def test_pulling_out_of_an_empty_reader_does_nothing() -> None:
    reader = SimulatedReader()
    reader.remove()
    assert reader.presence() is Presence.EMPTY
    assert reader.trace == ()
    with pytest.raises(NoCard):
        reader.connect()


def test_an_unplugged_reader_cannot_be_connected(desk: Desk) -> None:
    reader = SimulatedReader()
    reader.insert(desk.card)
    reader.unplug()
    with pytest.raises(NoReader):
        reader.connect()


def test_the_last_trace_stays_after_the_card_has_gone(desk: Desk) -> None:
    reader = SimulatedReader()
    reader.insert(desk.card, [Fault(FaultKind.REMOVED_AT_COMMAND, 2)])
    channel = reader.connect()
    channel.transmit(SELECT["surface"])
    with pytest.raises(CardRemoved):
        channel.transmit(SELECT["surface"])
    assert reader.presence() is Presence.EMPTY
    assert [entry.application for entry in reader.trace] == ["surface"]


def test_a_new_card_starts_a_new_trace(desk: Desk) -> None:
    reader = SimulatedReader()
    reader.insert(desk.card)
    reader.connect().transmit(SELECT["surface"])
    reader.insert(desk.card)
    assert reader.trace == ()
