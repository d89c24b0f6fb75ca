"""Driving the card process from outside."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from appliance.errors import CardSilent, NoReader
from appliance.simulated.card.faults import Fault, FaultKind
from appliance.simulated.card_host import CardHost, CardHostRefused
from appliance.simulated.personalisation import ATRS
from tests.simulated.card_desk import SELECT
from tests.simulated.virtual_reader import ATR, VirtualReader


@pytest.fixture
def reader() -> Iterator[VirtualReader]:
    with VirtualReader() as listening:
        yield listening


@pytest.fixture
def host(reader: VirtualReader) -> Iterator[CardHost]:
    with CardHost([reader.address]) as started:
        yield started


def test_cards_live_in_a_process_of_their_own(host: CardHost, reader: VirtualReader) -> None:
    assert host.pid != os.getpid()
    assert host.insert("p01") == ATRS["contact"]
    reader.accept()
    assert reader.ask(ATR) == ATRS["contact"]
    assert reader.ask(SELECT["jpki"]) == b"\x90\x00"
    assert [entry.application for entry in host.trace()] == ["jpki"]
    host.remove()
    assert reader.is_left()


def test_faults_and_counters_travel(host: CardHost, reader: VirtualReader) -> None:
    host.insert("p02", faults=[Fault(FaultKind.REMOVED_AT_COMMAND, 2)])
    reader.accept()
    reader.ask(SELECT["surface"])
    assert reader.ask(bytes.fromhex("00200092")) == b""
    state = host.state("p02")
    host.restore("p02", state.replace('"surface/0012": 10', '"surface/0012": 2'))
    assert '"surface/0012": 2' in host.state("p02")


def test_mistakes_of_the_caller_are_named(host: CardHost) -> None:
    with pytest.raises(CardHostRefused, match="insert: KeyError"):
        host.insert("nobody")


def test_a_missing_reader_is_an_error_of_ours() -> None:
    with VirtualReader() as gone:
        address = gone.address
    with CardHost([address]) as host, pytest.raises(NoReader):
        host.insert("p01")


def test_closing_ends_the_process_and_the_card_leaves(host: CardHost, reader: VirtualReader) -> None:
    host.insert("p01")
    reader.accept()
    host.close()
    host.close()
    assert reader.is_left()
    with pytest.raises(CardSilent):
        host.insert("p02")
