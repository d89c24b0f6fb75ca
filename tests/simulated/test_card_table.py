"""The orders that the card process obeys, one JSON object a line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from appliance.simulated.card.pace import Pace
from appliance.simulated.card_table import CardTable, answer_orders
from appliance.simulated.other_cards import (
    BANK_CARD_ATR,
    OLD_RESIDENT_CARD_ATR,
    PHONE_ATR,
    RESIDENCE_CARD_ATR,
    TRANSPORT_CARD_ATR,
)
from appliance.simulated.personalisation import ATRS
from tests.simulated.card_desk import SELECT
from tests.simulated.virtual_reader import ATR, VirtualReader


@pytest.fixture
def reader() -> Iterator[VirtualReader]:
    with VirtualReader() as listening:
        yield listening


@pytest.fixture
def table(reader: VirtualReader) -> Iterator[CardTable]:
    made = CardTable([reader.address], Pace.INSTANT)
    yield made
    made.clear()


def told(table: CardTable, *orders: object) -> list[dict[str, Any]]:
    answers = io.StringIO()
    lines = (order if isinstance(order, str) else json.dumps(order) for order in orders)
    answer_orders(table, io.StringIO("".join(f"{line}\n" for line in lines)), answers)
    return [json.loads(line) for line in answers.getvalue().splitlines()]


def test_a_card_put_in_answers_and_leaves_when_taken_out(table: CardTable, reader: VirtualReader) -> None:
    assert table.obey({"do": "insert", "person": "p01"}) == {"atr": ATRS["contact"].hex()}
    reader.accept()
    assert reader.ask(SELECT["surface"]) == b"\x90\x00"
    trace = table.obey({"do": "trace"})["trace"]
    assert [entry["application"] for entry in trace] == ["surface"]
    assert table.obey({"do": "remove"}) == {}
    assert reader.is_left()
    assert table.obey({"do": "trace"})["trace"] == trace


@pytest.mark.parametrize(
    ("kind", "atr"),
    [
        ("contact_plain", ATRS["contact_plain"]),
        ("contactless", ATRS["contactless"]),
        ("transport", TRANSPORT_CARD_ATR),
        ("OLD_RESIDENT_CARD", OLD_RESIDENT_CARD_ATR),
        ("iphone", PHONE_ATR),
        ("residence_card", RESIDENCE_CARD_ATR),
        ("integrated_residence_card", ATRS["contact"]),
        ("bank", BANK_CARD_ATR),
    ],
)
def test_kinds_of_card(table: CardTable, reader: VirtualReader, kind: str, atr: bytes) -> None:
    table.obey({"do": "insert", "person": "p02", "kind": kind})
    reader.accept()
    assert reader.ask(ATR) == atr


def test_swapping_takes_the_first_card_out(table: CardTable, reader: VirtualReader) -> None:
    table.obey({"do": "insert", "person": "p01"})
    reader.accept()
    table.obey({"do": "insert", "person": "p02"})
    assert reader.is_left()
    reader.accept()
    assert reader.ask(SELECT["surface"]) == b"\x90\x00"


def test_faults_come_with_the_card(table: CardTable, reader: VirtualReader) -> None:
    fault = {"kind": "wrong_status", "at": 1, "value": 0x6F00}
    table.obey({"do": "insert", "person": "p01", "faults": [fault]})
    reader.accept()
    assert reader.ask(SELECT["surface"]) == b"\x6f\x00"


def test_tries_are_kept_while_a_card_is_out_and_can_be_restored(
    table: CardTable, reader: VirtualReader
) -> None:
    for left in (b"\xc9", b"\xc8"):
        table.obey({"do": "insert", "person": "p01"})
        reader.accept()
        reader.ask(SELECT["surface"])
        assert reader.ask(bytes.fromhex("002000920E") + bytes(14)) == b"\x63" + left
        table.obey({"do": "remove"})
    state = table.obey({"do": "state", "person": "p01"})["state"]
    assert json.loads(state)["tries_left"]["surface/0012"] == 8
    restored = state.replace('"surface/0012": 8', '"surface/0012": 4')
    assert table.obey({"do": "restore", "person": "p01", "state": restored}) == {}
    table.obey({"do": "insert", "person": "p01"})
    reader.accept()
    reader.ask(SELECT["surface"])
    assert reader.ask(bytes.fromhex("00200092")) == b"\x63\xc4"


@pytest.mark.parametrize("kind", ["contactless", "android", "blocked_pins"])
def test_any_kind_of_card_can_be_restored(table: CardTable, kind: str) -> None:
    order = {"person": "p02", "kind": kind}
    state = table.obey({"do": "state", **order})["state"]
    changed = state.replace('"jpki/0018": 3', '"jpki/0018": 1')
    table.obey({"do": "restore", **order, "state": changed})
    assert table.obey({"do": "state", **order})["state"] == changed


@pytest.mark.parametrize(
    ("order", "error"),
    [
        ("no json", "JSONDecodeError"),
        ({"do": "dance"}, "KeyError"),
        ({}, "KeyError"),
        ([], "TypeError"),
        ({"do": "insert", "person": "p99"}, "KeyError"),
        ({"do": "insert", "person": "p01", "kind": "golden"}, "KeyError"),
        ({"do": "insert", "person": "p01", "slot": 7}, "IndexError"),
        ({"do": "insert", "person": "p01", "faults": [{"kind": "none"}]}, "ValueError"),
        ({"do": "restore", "person": "p01", "state": "{}"}, "ValueError"),
        ({"do": "trace", "slot": 3}, "KeyError"),
    ],
)
def test_orders_that_make_no_sense_are_answered(table: CardTable, order: object, error: str) -> None:
    answer, after = told(table, order, {"do": "remove"})
    assert (answer["ok"], answer["error"]) == (False, error)
    assert after == {"ok": True}


def test_a_missing_reader_is_told() -> None:
    with VirtualReader() as gone:
        address = gone.address
    (answer,) = told(CardTable([address], Pace.INSTANT), {"do": "insert", "person": "p01"})
    assert (answer["ok"], answer["error"]) == (False, "NoReader")


def test_quitting_stops_and_takes_all_cards_out(table: CardTable, reader: VirtualReader) -> None:
    answers = told(table, {"do": "insert", "person": "p01"}, {"do": "quit"}, {"do": "remove"})
    assert [answer["ok"] for answer in answers] == [True]
    reader.accept()
    assert reader.is_left()
