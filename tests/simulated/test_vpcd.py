"""The card's side of the virtual reader's protocol (pcsc.md, vpcd)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from appliance.errors import NoReader
from appliance.simulated.card.faults import Fault, FaultKind
from appliance.simulated.card.inserted import InsertedCard
from appliance.simulated.card.pace import Pace
from appliance.simulated.vpcd import VpcdSlot
from tests.simulated.card_desk import SELECT, Desk
from tests.simulated.virtual_reader import ATR, OFF, ON, RESET, VirtualReader, running


@pytest.fixture
def reader() -> Iterator[VirtualReader]:
    with VirtualReader() as listening:
        yield listening


class Serving:
    """A card that is served in a thread of its own."""

    def __init__(self, reader: VirtualReader, card: InsertedCard) -> None:
        self.slot = VpcdSlot(reader.address, gives_up_after_s=0.01)
        self.slot.connect()
        self.thread = running(threading.Thread(target=self.slot.run, args=(card,)))
        reader.accept()

    def ends(self) -> bool:
        self.thread.join(10)
        return not self.thread.is_alive()


def test_atr_and_commands_are_answered_and_power_is_not(reader: VirtualReader, desk: Desk) -> None:
    serving = Serving(reader, InsertedCard(desk.card))
    assert reader.ask(ATR) == desk.card.atr
    reader.send(ON)
    assert reader.ask(SELECT["surface"]) == b"\x90\x00"
    assert reader.ask(ATR) == desk.card.atr
    assert len(reader.ask(bytes.fromhex("00B0840000"))) == 258
    serving.slot.remove()
    assert serving.ends()


@pytest.mark.parametrize("control", [ON, OFF, RESET])
def test_power_and_reset_reach_the_card(reader: VirtualReader, desk: Desk, control: bytes) -> None:
    serving = Serving(reader, InsertedCard(desk.card))
    assert reader.ask(SELECT["surface"]) == b"\x90\x00"
    reader.send(control)
    assert reader.ask(bytes.fromhex("00B0840000")) == b"\x6a\x82"
    serving.slot.remove()
    assert serving.ends()


def test_an_unknown_control_is_passed_over(reader: VirtualReader, desk: Desk) -> None:
    serving = Serving(reader, InsertedCard(desk.card))
    reader.send(b"\x7f")
    assert reader.ask(ATR) == desk.card.atr
    serving.slot.remove()
    assert serving.ends()


def test_taking_the_card_out_closes_the_line(reader: VirtualReader, desk: Desk) -> None:
    serving = Serving(reader, InsertedCard(desk.card))
    assert reader.ask(ATR) == desk.card.atr
    serving.slot.remove()
    assert reader.is_left()
    assert serving.ends()
    assert serving.slot.is_removed


def test_a_card_that_leaves_by_a_fault_closes_the_line_unanswered(reader: VirtualReader, desk: Desk) -> None:
    serving = Serving(reader, InsertedCard(desk.card, faults=[Fault(FaultKind.REMOVED_AT_COMMAND, 2)]))
    assert reader.ask(SELECT["surface"]) == b"\x90\x00"
    assert reader.ask(SELECT["surface"]) == b""
    assert serving.ends()


def test_silence_is_told_as_one_byte_which_is_no_answer(reader: VirtualReader, desk: Desk) -> None:
    serving = Serving(reader, InsertedCard(desk.card, faults=[Fault(FaultKind.SILENCE, 1)]))
    assert len(reader.ask(SELECT["surface"])) == 1
    assert reader.ask(ATR) == desk.card.atr
    serving.slot.remove()
    assert serving.ends()


def test_a_mute_chip_gives_no_usable_answer_to_reset(reader: VirtualReader, desk: Desk) -> None:
    serving = Serving(reader, InsertedCard(desk.card, faults=[Fault(FaultKind.MUTE)]))
    assert len(reader.ask(ATR)) == 1
    serving.slot.remove()
    assert serving.ends()


def test_the_card_waits_for_a_card_service_that_starts_again(reader: VirtualReader, desk: Desk) -> None:
    serving = Serving(reader, InsertedCard(desk.card))
    assert reader.ask(SELECT["surface"]) == b"\x90\x00"
    reader.accept()
    assert reader.ask(ATR) == desk.card.atr
    assert reader.ask(bytes.fromhex("00B0840000")) == b"\x6a\x82"
    serving.slot.remove()
    assert serving.ends()


def test_it_keeps_waiting_while_no_card_service_runs_and_ends_when_taken_out(desk: Desk) -> None:
    with VirtualReader() as reader:
        serving = Serving(reader, InsertedCard(desk.card))
        port = reader.address[1]
    with VirtualReader(port) as again:
        again.accept()
        assert again.ask(ATR) == desk.card.atr
    serving.slot.remove()
    assert serving.ends()


def test_a_paced_card_can_be_taken_out_during_an_answer(reader: VirtualReader, desk: Desk) -> None:
    slow = InsertedCard(desk.card, Pace.REALISTIC)
    serving = Serving(reader, slow)
    reader.send(SELECT["surface"])
    serving.slot.remove()
    assert serving.ends()


def test_a_card_taken_out_before_it_was_connected_stays_out(reader: VirtualReader, desk: Desk) -> None:
    slot = VpcdSlot(reader.address)
    slot.remove()
    slot.connect()
    reader.accept()
    assert reader.is_left()
    slot.run(InsertedCard(desk.card))
    assert slot.is_removed


def test_where_nothing_listens_there_is_no_reader() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NoReader):
        VpcdSlot(("127.0.0.1", port)).connect()


def test_every_receive_is_acknowledged_at_once(
    reader: VirtualReader, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    class Watched(socket.socket):
        def setsockopt(self, *options: object) -> None:
            if options[:2] == (socket.IPPROTO_TCP, socket.TCP_QUICKACK):
                calls.append("quickack")
            super().setsockopt(*options)  # type: ignore[call-overload]

        def recv(self, *sizes: int) -> bytes:
            calls.append("recv")
            return super().recv(*sizes)

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        line = Watched()
        line.connect(address)
        return line

    monkeypatch.setattr("appliance.simulated.vpcd.socket.create_connection", connect)
    serving = Serving(reader, InsertedCard(desk.card))
    assert reader.ask(ATR) == desk.card.atr
    serving.slot.remove()
    assert serving.ends()
    assert calls == ["quickack", "recv"] * (len(calls) // 2)
    assert len(calls) >= 4
