"""The PC/SC reader through restarts and freezes of a real card service: back without a new program (proof.md H8, G1)."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from appliance.errors import CardSilent, NoReader, ReaderGone, ReaderSilent
from appliance.hardware.pcsc_reader import PcscReader
from appliance.ports import Presence
from appliance.simulated.card.faults import Fault, FaultKind
from appliance.simulated.card_host import CardHost
from appliance.simulated.pcsc_stack import PcscStack
from tests.proof.reader_recovery import restart_cycles

pytestmark = pytest.mark.pcsc

BACK_WITHIN_S = 5.0
HASTY_S = 0.3
"""Shorter than the simulated driver waits for a silent card (1 s), far longer than any answer takes."""
SELECT_JPKI = bytes.fromhex("00A4040C0AD392F000260100000001")


@pytest.fixture
def host(stack: PcscStack) -> Iterator[CardHost]:
    with CardHost(stack.addresses) as cards:
        yield cards


@pytest.fixture
def reader(host: CardHost) -> Iterator[PcscReader]:
    used = PcscReader("00 00")
    assert used.wait_for(Presence.EMPTY, BACK_WITHIN_S) is Presence.EMPTY
    host.insert("p01")
    assert used.wait_for(Presence.CARD, BACK_WITHIN_S) is Presence.CARD
    yield used
    used.close()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def use_card(reader: PcscReader) -> None:
    channel = reader.connect()
    assert channel.transmit(SELECT_JPKI) == b"\x90\x00"
    channel.close()


def owners() -> int:
    return sum(thread.name == "card reader" for thread in threading.enumerate())


@contextmanager
def frozen(stack: PcscStack) -> Iterator[int]:
    """Stop the card service where it stands; it is there and answers nothing."""
    assert stack.pid is not None
    os.kill(stack.pid, signal.SIGSTOP)
    try:
        yield stack.pid
    finally:
        os.kill(stack.pid, signal.SIGCONT)


@pytest.fixture
def hasty(reader: PcscReader) -> Iterator[PcscReader]:
    """The same place as `reader`, with a patience that a test can wait out."""
    used = PcscReader("00 00", answer_within_s=HASTY_S)
    assert used.wait_for(Presence.CARD, BACK_WITHIN_S) is Presence.CARD
    yield used
    used.close()


def test_two_readers_can_be_told_apart(stack: PcscStack, reader: PcscReader, host: CardHost) -> None:
    assert len(reader.names()) == 2
    other = PcscReader("00 01")
    assert other.presence() is Presence.EMPTY
    host.insert("p02", slot=1)
    assert other.wait_for(Presence.CARD, BACK_WITHIN_S) is Presence.CARD
    use_card(other)
    other.close()


def test_restarts_of_the_card_service_lose_no_handle(stack: PcscStack, reader: PcscReader) -> None:
    use_card(reader)
    before = open_files()
    for _ in range(10):
        channel = reader.connect()
        stack.halt()
        with pytest.raises(ReaderGone):
            channel.transmit(SELECT_JPKI)
        assert reader.presence() is Presence.NO_READER
        channel.close()
        stack.resume()
        assert reader.wait_for(Presence.CARD, BACK_WITHIN_S) is Presence.CARD
        use_card(reader)
    assert open_files() == before


def test_a_thousand_connections_lose_no_handle(reader: PcscReader) -> None:
    use_card(reader)
    before = open_files()
    for _ in range(1000):
        use_card(reader)
    assert open_files() == before


def test_a_restart_between_two_reads_goes_unnoticed(stack: PcscStack, reader: PcscReader) -> None:
    use_card(reader)
    stack.halt()
    stack.resume()
    assert reader.wait_for(Presence.CARD, BACK_WITHIN_S) is Presence.CARD
    use_card(reader)


def test_connecting_without_a_service_is_one_of_our_errors(stack: PcscStack, reader: PcscReader) -> None:
    stack.halt()
    with pytest.raises(NoReader):
        reader.connect()
    stack.resume()
    assert reader.wait_for(Presence.CARD, BACK_WITHIN_S) is Presence.CARD


def test_a_card_service_that_freezes_is_left_alone_until_it_answers(
    stack: PcscStack, hasty: PcscReader
) -> None:
    with frozen(stack):
        with pytest.raises(ReaderSilent):
            hasty.connect()
        assert hasty.presence() is Presence.NO_READER
        with pytest.raises(ReaderSilent):
            hasty.connect()
    assert hasty.wait_for(Presence.CARD, BACK_WITHIN_S) is Presence.CARD
    use_card(hasty)


def test_a_service_that_freezes_during_a_read_ends_that_line_for_good(
    stack: PcscStack, hasty: PcscReader
) -> None:
    channel = hasty.connect()
    with frozen(stack):
        for _ in range(2):
            with pytest.raises(ReaderSilent):
                channel.transmit(SELECT_JPKI)
        channel.close()
    assert hasty.wait_for(Presence.CARD, BACK_WITHIN_S) is Presence.CARD
    with pytest.raises(ReaderSilent):
        channel.transmit(SELECT_JPKI)
    use_card(hasty)


def test_a_service_that_never_thaws_and_is_started_again(stack: PcscStack, hasty: PcscReader) -> None:
    assert stack.pid is not None
    os.kill(stack.pid, signal.SIGSTOP)
    with pytest.raises(ReaderSilent):
        hasty.connect()
    os.kill(stack.pid, signal.SIGKILL)
    stack.halt()
    stack.resume()
    assert hasty.wait_for(Presence.CARD, BACK_WITHIN_S) is Presence.CARD
    use_card(hasty)


def test_freezes_leave_no_handle_and_no_thread(stack: PcscStack, hasty: PcscReader) -> None:
    use_card(hasty)
    handles, threads = open_files(), owners()
    for _ in range(5):
        with frozen(stack):
            assert hasty.presence() is Presence.NO_READER
            assert owners() == threads
        assert hasty.wait_for(Presence.CARD, BACK_WITHIN_S) is Presence.CARD
        use_card(hasty)
    assert (open_files(), owners()) == (handles, threads)


def test_a_reader_closed_in_a_freeze_lets_its_card_go_afterwards(
    stack: PcscStack, reader: PcscReader
) -> None:
    before = set(threading.enumerate())
    other = PcscReader("00 00", answer_within_s=HASTY_S)
    channel = other.connect()
    (left_behind,) = set(threading.enumerate()) - before
    with frozen(stack):
        with pytest.raises(ReaderSilent):
            channel.transmit(SELECT_JPKI)
        other.close()
        assert left_behind.is_alive()
    left_behind.join(BACK_WITHIN_S)
    use_card(reader)


def test_a_driver_that_outwaits_us_is_silent_and_comes_back(host: CardHost, hasty: PcscReader) -> None:
    host.remove()
    assert hasty.wait_for(Presence.EMPTY, BACK_WITHIN_S) is Presence.EMPTY
    host.insert("p01", faults=[Fault(FaultKind.SILENCE, 2)])
    assert hasty.wait_for(Presence.CARD, BACK_WITHIN_S) is Presence.CARD
    channel = hasty.connect()
    assert channel.transmit(SELECT_JPKI) == b"\x90\x00"
    with pytest.raises(ReaderSilent):
        channel.transmit(SELECT_JPKI)
    channel.close()
    assert hasty.wait_for(Presence.CARD, BACK_WITHIN_S) is Presence.CARD
    use_card(hasty)


def test_a_driver_that_gives_the_card_up_in_time_is_no_silent_reader(
    host: CardHost, reader: PcscReader
) -> None:
    host.remove()
    assert reader.wait_for(Presence.EMPTY, BACK_WITHIN_S) is Presence.EMPTY
    host.insert("p01", faults=[Fault(FaultKind.SILENCE, 1)])
    assert reader.wait_for(Presence.CARD, BACK_WITHIN_S) is Presence.CARD
    channel = reader.connect()
    with pytest.raises(CardSilent):
        channel.transmit(SELECT_JPKI)
    channel.close()
    use_card(reader)


@pytest.mark.slow
def test_one_reader_lives_through_every_kind_of_trouble() -> None:
    done: list[int] = []
    report = restart_cycles(5, 20_260_401, done.append)
    assert done == [1, 2, 3, 4, 5]
    assert report.cycles == 5
    assert report.median_back_s <= report.slowest_back_s <= BACK_WITHIN_S
    assert report.handles_after == report.handles_before
    assert report.threads_after == report.threads_before
