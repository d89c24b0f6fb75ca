"""A process of its own that owns simulated cards and their slots in the virtual reader (pcsc.md, "Layering").

Cards must not live in the process of their client: at its exit the client would wait for a card that is already gone.
The process obeys one JSON object a line on its standard input and answers each with one on its standard output; it ends
with its parent, because then its input ends.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from appliance.errors import UnitError
from appliance.simulated.card.faults import Fault
from appliance.simulated.card.inserted import InsertedCard
from appliance.simulated.card.pace import ORDINARY_READER, BitRate, Pace, ReaderLimits
from appliance.simulated.card.simulated_card import SimulatedCard
from appliance.simulated.handed_over import CardOrder
from appliance.simulated.personalisation import Personaliser
from appliance.simulated.vpcd import VpcdSlot


@dataclass(slots=True)
class _Lying:
    """A card in a slot with the thread that answers for it."""

    card: InsertedCard
    slot: VpcdSlot
    thread: threading.Thread


class CardTable:
    """The cards of this process: those that people own, and which of them lies in which slot."""

    def __init__(
        self, addresses: list[tuple[str, int]], pace: Pace, limits: ReaderLimits = ORDINARY_READER
    ) -> None:
        """Make no card yet; each is made when it is first put in and keeps its try counters from then on."""
        self._addresses = addresses
        self._pace = pace
        self._limits = limits
        self._personaliser = Personaliser()
        self._cards: dict[CardOrder, SimulatedCard] = {}
        self._lying: dict[int, _Lying] = {}

    def obey(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out one order and return what there is to tell.

        Raises:
            UnitError: the virtual reader is not there.
            KeyError, ValueError, TypeError, IndexError: the order is malformed.
        """
        orders: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "insert": self._insert,
            "remove": self._remove,
            "trace": self._trace,
            "state": self._state,
            "restore": self._restore,
        }
        return orders[order["do"]](order)

    def clear(self) -> None:
        """Take all cards out."""
        for slot in tuple(self._lying):
            self._take_out(slot)

    def _insert(self, order: Mapping[str, Any]) -> dict[str, Any]:
        number = int(order.get("slot", 0))
        address = self._addresses[number]
        faults = [Fault.from_dict(plain) for plain in order.get("faults", ())]
        card = self._card(order)
        self._take_out(number)
        inserted = InsertedCard(card, self._pace, faults, self._limits)
        slot = VpcdSlot(address)
        slot.connect()
        thread = threading.Thread(target=slot.run, args=(inserted,), daemon=True)
        self._lying[number] = _Lying(inserted, slot, thread)
        thread.start()
        return {"atr": card.atr.hex()}

    def _remove(self, order: Mapping[str, Any]) -> dict[str, Any]:
        self._take_out(int(order.get("slot", 0)))
        return {}

    def _trace(self, order: Mapping[str, Any]) -> dict[str, Any]:
        lying = self._lying[int(order.get("slot", 0))]
        return {"trace": [entry.to_dict() for entry in lying.card.trace]}

    def _state(self, order: Mapping[str, Any]) -> dict[str, Any]:
        return {"state": self._card(order).state.to_json()}

    def _restore(self, order: Mapping[str, Any]) -> dict[str, Any]:
        asked = _asked(order)
        self._cards[asked] = asked.card(self._personaliser, state_json=order["state"])
        return {}

    def _card(self, order: Mapping[str, Any]) -> SimulatedCard:
        asked = _asked(order)
        if asked not in self._cards:
            self._cards[asked] = asked.card(self._personaliser)
        return self._cards[asked]

    def _take_out(self, number: int) -> None:
        lying = self._lying.get(number)
        if lying:
            lying.slot.remove()
            lying.thread.join()


def _asked(order: Mapping[str, Any]) -> CardOrder:
    return CardOrder.parse(str(order.get("person", "")), str(order.get("kind", "contact")))


def answer_orders(table: CardTable, orders: TextIO, answers: TextIO) -> None:
    """Obey one JSON order a line until `orders` ends or one says `quit`."""
    for line in orders:
        try:
            order = json.loads(line)
            if order["do"] == "quit":
                break
            answer = {"ok": True, **table.obey(order)}
        except (UnitError, KeyError, ValueError, TypeError, IndexError) as refused:
            answer = {"ok": False, "error": type(refused).__name__, "detail": str(refused)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    table.clear()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def _main() -> None:
    parser = argparse.ArgumentParser(description="own simulated cards behind a virtual reader")
    parser.add_argument("--vpcd", type=_address, action="append", required=True, metavar="HOST:PORT")
    parser.add_argument("--pace", type=Pace, default=Pace.INSTANT)
    parser.add_argument("--bit-rate", type=int, default=ORDINARY_READER.bit_rate.value)
    options = parser.parse_args()
    limits = ReaderLimits(bit_rate=BitRate(options.bit_rate))
    answer_orders(CardTable(options.vpcd, options.pace, limits), sys.stdin, sys.stdout)


if __name__ == "__main__":
    _main()
