"""What every card reader keeps to (`ports.CardReader`), simulated or behind a real card service."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing

import pytest

from appliance.errors import (
    CardBusy,
    CardRemoved,
    CardSilent,
    NoCard,
    NoReader,
    ReaderGone,
    ReadingCancelled,
    SeveralCards,
)
from appliance.ports import CardChannel, Presence
from appliance.simulated.card.faults import Fault, FaultKind
from appliance.simulated.personalisation import Personaliser
from tests.contract.card_rigs import PATIENCE_S, CardRig, InProcessRig, PcscRig

SELECT_SURFACE = bytes.fromhex("00A4040C0AD3921000310001010402")
QUERY_CODE_B = bytes.fromhex("00200092")
VERIFY_CODE_B = bytes.fromhex("002000920E") + b"18051420354173"
READ_FACE = bytes.fromhex("00B08200000000")
CHALLENGE = bytes.fromhex("802A000033 3031300D060960864801650304020105000420") + bytes(range(32)) + b"\0"


def test_an_empty_reader(rig: CardRig) -> None:
    assert rig.reader.wait_for(Presence.EMPTY, PATIENCE_S) is Presence.EMPTY
    assert rig.reader.name
    assert rig.reader.presence() is Presence.EMPTY
    with pytest.raises(NoCard):
        rig.reader.connect()


def test_waiting_in_vain_tells_what_holds(rig: CardRig) -> None:
    assert rig.reader.wait_for(Presence.EMPTY, PATIENCE_S) is Presence.EMPTY
    assert rig.reader.wait_for(Presence.CARD, 0.0) is Presence.EMPTY


def test_a_card_is_seen_powered_and_let_go(rig: CardRig) -> None:
    rig.insert("p01")
    assert rig.reader.wait_for(Presence.CARD, PATIENCE_S) is Presence.CARD
    channel = rig.reader.connect()
    assert channel.transmit(SELECT_SURFACE) == b"\x90\x00"
    assert channel.transmit(QUERY_CODE_B) == b"\x63\xca"
    channel.close()
    channel.close()
    with pytest.raises(CardRemoved):
        channel.transmit(QUERY_CODE_B)
    rig.remove()
    assert rig.reader.presence() is Presence.EMPTY


def test_closing_takes_the_power_away(rig: CardRig) -> None:
    rig.insert("p01")
    channel = rig.reader.connect()
    for command in (SELECT_SURFACE, VERIFY_CODE_B):
        assert channel.transmit(command) == b"\x90\x00"
    channel.close()
    channel = rig.reader.connect()
    assert channel.transmit(READ_FACE) == b"\x6a\x82"
    channel.transmit(SELECT_SURFACE)
    assert channel.transmit(READ_FACE) == b"\x69\x82"
    channel.close()


def test_a_card_is_held_alone(rig: CardRig) -> None:
    rig.insert("p01")
    channel = rig.reader.connect()
    with pytest.raises(CardBusy):
        rig.second_reader().connect()
    channel.close()
    rig.second_reader().connect().close()


def test_long_answers_come_whole(rig: CardRig) -> None:
    rig.insert("p01")
    channel = rig.reader.connect()
    for command in (SELECT_SURFACE, VERIFY_CODE_B):
        channel.transmit(command)
    face = channel.transmit(READ_FACE)
    assert len(face) > 9000
    assert face[:4] == bytes.fromhex("FF2082") + face[3:4]
    channel.close()


def test_pulling_the_card_out_ends_the_channel(rig: CardRig) -> None:
    rig.insert("p01")
    channel = rig.reader.connect()
    channel.transmit(SELECT_SURFACE)
    rig.remove()
    with pytest.raises(CardRemoved):
        channel.transmit(QUERY_CODE_B)
    channel.close()


def test_another_card_does_not_bring_an_old_channel_back(rig: CardRig) -> None:
    rig.insert("p01")
    channel = rig.reader.connect()
    rig.remove()
    rig.insert("p02")
    with pytest.raises(CardRemoved):
        channel.transmit(SELECT_SURFACE)
    channel.close()
    again = rig.reader.connect()
    assert again.transmit(SELECT_SURFACE) == b"\x90\x00"
    again.close()


def test_a_swap_too_quick_for_the_reader_does_not_hand_the_channel_over(rig: CardRig) -> None:
    rig.insert("p01")
    channel = rig.reader.connect()
    channel.transmit(SELECT_SURFACE)
    rig.insert("p02")
    for _ in range(2):
        with pytest.raises((CardRemoved, CardSilent)):
            channel.transmit(QUERY_CODE_B)
    channel.close()
    assert rig.trace() == ()


@pytest.mark.parametrize(
    "fault", [Fault(FaultKind.REMOVED_AT_COMMAND, 3), Fault(FaultKind.REMOVED_AT_BYTE, 5000)]
)
def test_a_card_that_leaves_in_the_middle_of_a_read(rig: CardRig, fault: Fault) -> None:
    rig.insert("p01", [fault])
    channel = rig.reader.connect()
    for command in (SELECT_SURFACE, VERIFY_CODE_B):
        channel.transmit(command)
    with pytest.raises(CardRemoved):
        channel.transmit(READ_FACE)
    channel.close()
    assert rig.reader.presence() is Presence.EMPTY


def test_a_card_that_stays_silent(rig: CardRig) -> None:
    rig.insert("p01", [Fault(FaultKind.SILENCE, 2)])
    channel = rig.reader.connect()
    channel.transmit(SELECT_SURFACE)
    with pytest.raises(CardSilent):
        channel.transmit(QUERY_CODE_B)
    with pytest.raises(CardSilent):
        channel.transmit(QUERY_CODE_B)
    channel.close()
    assert rig.reader.presence() is Presence.CARD


def test_a_chip_that_does_not_power_up(rig: CardRig) -> None:
    rig.insert("p01", [Fault(FaultKind.MUTE)])
    assert rig.reader.presence() is Presence.CARD
    with pytest.raises(CardSilent):
        rig.reader.connect()


def test_the_reader_goes_and_comes_back_with_its_card(rig: CardRig) -> None:
    rig.insert("p01")
    channel = rig.reader.connect()
    channel.transmit(SELECT_SURFACE)
    rig.take_reader_away()
    with pytest.raises(ReaderGone):
        channel.transmit(QUERY_CODE_B)
    assert rig.reader.presence() is Presence.NO_READER
    assert rig.reader.name == ""
    with pytest.raises(NoReader):
        rig.reader.connect()
    rig.bring_reader_back()
    assert rig.reader.wait_for(Presence.CARD, PATIENCE_S) is Presence.CARD
    with pytest.raises(ReaderGone):
        channel.transmit(QUERY_CODE_B)
    channel.close()
    again = rig.reader.connect()
    assert again.transmit(SELECT_SURFACE) == b"\x90\x00"
    again.close()


def test_tries_spent_stay_spent_when_the_card_comes_back(rig: CardRig) -> None:
    rig.insert("p02")
    channel = rig.reader.connect()
    channel.transmit(SELECT_SURFACE)
    assert channel.transmit(VERIFY_CODE_B) == b"\x63\xc9"
    channel.close()
    rig.remove()
    rig.insert("p02")
    channel = rig.reader.connect()
    channel.transmit(SELECT_SURFACE)
    assert channel.transmit(QUERY_CODE_B) == b"\x63\xc9"
    channel.close()


def test_a_card_put_in_a_moment_ago_powers_up(rig: CardRig) -> None:
    for person in ("p01", "p02", "p01"):
        rig.insert(person)
        channel = rig.reader.connect()
        assert channel.transmit(SELECT_SURFACE) == b"\x90\x00"
        channel.close()


def test_closing_the_reader_closes_its_channel(rig: CardRig) -> None:
    rig.insert("p01")
    channel = rig.reader.connect()
    rig.reader.close()
    rig.reader.close()
    with pytest.raises(CardRemoved):
        channel.transmit(SELECT_SURFACE)
    rig.second_reader().connect().close()


# --- several threads ----------------------------------------------------------------------------------------------------


class Reading:
    """A thread that sends commands until it is told to stop, or cannot go on."""

    def __init__(self, channel: CardChannel) -> None:
        self._channel = channel
        self._began = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.ended_with: type[Exception] | None = None
        self.answers: set[bytes] = set()
        self._thread.start()
        assert self._began.wait(PATIENCE_S)

    def end(self) -> type[Exception] | None:
        """Wait for the end that something else brought about."""
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        return self.ended_with

    def stop(self) -> type[Exception] | None:
        self._stop.set()
        return self.end()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self.answers.add(self._channel.transmit(SELECT_SURFACE))
                self._began.set()
        except (CardRemoved, CardSilent, ReaderGone) as trouble:
            self.ended_with = type(trouble)


def in_thread(act: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_presence_is_told_while_a_read_runs(rig: CardRig) -> None:
    rig.insert("p01")
    channel = rig.reader.connect()
    reading = Reading(channel)
    seen = {rig.reader.presence() for _ in range(50)}
    assert rig.reader.name
    assert reading.stop() is None
    assert seen == {Presence.CARD}
    assert reading.answers == {b"\x90\x00"}
    channel.close()


def test_one_who_waits_for_the_card_to_leave_does_not_hold_up_a_read(rig: CardRig) -> None:
    rig.insert("p01")
    seen: list[Presence] = []
    waiting = in_thread(lambda: seen.append(rig.reader.wait_for(Presence.EMPTY, PATIENCE_S)))
    with closing(rig.reader.connect()) as channel:
        assert [channel.transmit(SELECT_SURFACE) for _ in range(50)] == [b"\x90\x00"] * 50
    rig.remove()
    waiting.join(PATIENCE_S)
    assert seen == [Presence.EMPTY]


def test_a_line_may_be_used_from_another_thread_than_it_was_opened_in(rig: CardRig) -> None:
    rig.insert("p01")
    opened: list[CardChannel] = []
    in_thread(lambda: opened.append(rig.reader.connect())).join(PATIENCE_S)
    assert opened[0].transmit(SELECT_SURFACE) == b"\x90\x00"
    in_thread(opened[0].close).join(PATIENCE_S)
    with pytest.raises(CardRemoved):
        opened[0].transmit(SELECT_SURFACE)
    rig.reader.connect().close()


def test_a_line_closed_by_another_thread_ends_the_read(rig: CardRig) -> None:
    rig.insert("p01")
    channel = rig.reader.connect()
    reading = Reading(channel)
    channel.close()
    passed = len(rig.trace())
    assert reading.end() is CardRemoved
    assert len(rig.trace()) == passed
    with closing(rig.reader.connect()) as again:
        assert again.transmit(SELECT_SURFACE) == b"\x90\x00"


def test_a_reader_closed_by_another_thread_ends_the_read(rig: CardRig) -> None:
    rig.insert("p01")
    reading = Reading(rig.reader.connect())
    rig.reader.close()
    assert reading.end() is CardRemoved
    rig.second_reader().connect().close()


@pytest.mark.parametrize("move", ["remove", "take_reader_away"])
def test_what_a_hand_does_ends_a_read_in_another_thread(rig: CardRig, move: str) -> None:
    rig.insert("p01")
    channel = rig.reader.connect()
    reading = Reading(channel)
    getattr(rig, move)()
    # A driver that has not looked again yet takes a card that left for a silent one.
    assert reading.end() in ({CardRemoved, CardSilent} if move == "remove" else {ReaderGone})
    channel.close()
    if move == "take_reader_away":
        rig.bring_reader_back()
        assert rig.reader.wait_for(Presence.CARD, PATIENCE_S) is Presence.CARD


def test_a_read_cancelled_between_two_commands_lets_the_card_go(rig: CardRig) -> None:
    rig.insert("p01")

    def read_until_cancelled() -> None:
        with closing(rig.reader.connect()) as channel:
            for command in (SELECT_SURFACE, VERIFY_CODE_B):
                assert channel.transmit(command) == b"\x90\x00"
            raise ReadingCancelled

    for _ in range(3):
        with pytest.raises(ReadingCancelled):
            read_until_cancelled()
    assert rig.reader.presence() is Presence.CARD
    with closing(rig.reader.connect()) as channel:
        channel.transmit(SELECT_SURFACE)
        assert channel.transmit(READ_FACE) == b"\x69\x82"


# --- kinds of links and several readers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["contact", "contact_plain", "contact_short", "contactless"])
def test_contact_and_contactless_are_alike(rig: CardRig, kind: str) -> None:
    rig.insert("p01", kind=kind)
    with closing(rig.reader.connect()) as channel:
        for command in (SELECT_SURFACE, VERIFY_CODE_B):
            assert channel.transmit(command) == b"\x90\x00"
        assert len(channel.transmit(READ_FACE)) > 9000


@pytest.mark.pcsc
def test_whichever_reader_holds_the_card_is_used(pcsc_rig: PcscRig) -> None:
    every = pcsc_rig.reader_of("")
    assert len(every.names()) == 2
    assert every.presence() is Presence.EMPTY
    pcsc_rig.insert_beside("p02")
    assert every.wait_for(Presence.CARD, PATIENCE_S) is Presence.CARD
    assert every.name.endswith("00 01")
    with closing(every.connect()) as channel:
        assert channel.transmit(SELECT_SURFACE) == b"\x90\x00"
    assert len(pcsc_rig.trace_beside()) == 1
    pcsc_rig.remove_beside()


@pytest.mark.pcsc
def test_two_cards_at_once_are_read_by_nobody(pcsc_rig: PcscRig) -> None:
    every = pcsc_rig.reader_of("")
    pcsc_rig.insert("p01")
    pcsc_rig.insert_beside("p02")
    assert every.presence() is Presence.CARD
    with pytest.raises(SeveralCards) as refused:
        every.connect()
    assert refused.value.count == 2
    assert pcsc_rig.trace() == pcsc_rig.trace_beside() == ()
    # By its name each can still be read, and whichever is left when the other has gone.
    for part in ("00 00", "00 01"):
        with closing(pcsc_rig.reader_of(part).connect()) as channel:
            assert channel.transmit(SELECT_SURFACE) == b"\x90\x00"
    pcsc_rig.remove()
    with closing(every.connect()) as channel:
        assert channel.transmit(SELECT_SURFACE) == b"\x90\x00"
    assert len(pcsc_rig.trace_beside()) == 2
    pcsc_rig.remove_beside()


@pytest.mark.pcsc
def test_a_card_that_leaves_its_reader_is_not_found_again_in_the_other(pcsc_rig: PcscRig) -> None:
    every = pcsc_rig.reader_of("")
    pcsc_rig.insert("p01")
    channel = every.connect()
    pcsc_rig.remove()
    pcsc_rig.insert_beside("p02")
    for _ in range(2):
        with pytest.raises(CardRemoved):
            channel.transmit(SELECT_SURFACE)
    assert pcsc_rig.trace_beside() == ()
    pcsc_rig.remove_beside()


# --- both benches -----------------------------------------------------------------------------------------------------------


def run_script(rig: CardRig) -> list[bytes]:
    """Do what an identification does, and some of what it must never do."""
    rig.insert("p03")
    code_b = bytes.fromhex("002000920E") + b"21013020369350"
    channel = rig.reader.connect()
    commands = [
        bytes.fromhex("00A4040C0AA0000000010203040506"),
        SELECT_SURFACE,
        QUERY_CODE_B,
        code_b,
        READ_FACE,
        *(bytes.fromhex(f"00B0{offset:02X}0000") for offset in range(12)),
        bytes.fromhex("00B08400000000"),
        CHALLENGE,
        bytes.fromhex("00A4040C0AD3921000310001010408"),
        bytes.fromhex("0020009104") + b"1234",
        bytes.fromhex("00B0810000"),
        bytes.fromhex("00A4040C0AD392F000260100000001"),
        bytes.fromhex("00B08A00000000"),
        bytes.fromhex("FFCA000000"),
        b"\x00\xb0\x00\x00\x00\xff\xfd",
    ]
    answers = [channel.transmit(command) for command in commands]
    channel.close()
    return answers


@pytest.mark.pcsc
def test_both_benches_give_the_same_answers_and_the_same_trace(
    personaliser: Personaliser, pcsc_rig: PcscRig
) -> None:
    in_process = InProcessRig(personaliser)
    assert run_script(pcsc_rig) == run_script(in_process)
    assert pcsc_rig.trace() == in_process.trace()
    assert len(in_process.trace()) == 26
    forbidden = [entry for entry in in_process.trace() if (entry.application, entry.file) == ("text", "0001")]
    assert [entry.status_word for entry in forbidden] == [0x9000]
