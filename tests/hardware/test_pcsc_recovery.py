"""The PC/SC reader through restarts of the card service: back without a new program, no handle lost (proof.md G1)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.errors import CardTrouble, ReaderGone
from appliance.hardware.pcsc_reader import PcscReader
from appliance.ports import Presence
from appliance.simulated.card_host import CardHost
from appliance.simulated.pcsc_stack import PcscStack

pytestmark = pytest.mark.pcsc

BACK_WITHIN_S = 5.0
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
    with pytest.raises(CardTrouble):
        reader.connect()
    stack.resume()
    assert reader.wait_for(Presence.CARD, BACK_WITHIN_S) is Presence.CARD
