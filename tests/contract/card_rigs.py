"""Two benches for one contract: a reader in process, and PC/SC with a card service and a card process of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from appliance.hardware.pcsc_reader import PcscReader
from appliance.ports import CardReader, Presence
from appliance.simulated.card.faults import Fault
from appliance.simulated.card.simulated_card import SimulatedCard
from appliance.simulated.card.trace import TraceEntry
from appliance.simulated.card_host import CardHost
from appliance.simulated.pcsc_stack import PcscStack
from appliance.simulated.people import training_person
from appliance.simulated.personalisation import ATRS, Personaliser
from appliance.simulated.reader import SimulatedReader

PATIENCE_S = 5.0
"""Far longer than any card or service needs; reached only when something is broken."""


class CardRig(Protocol):
    """A reader, and the hand that moves cards and the reader itself."""

    reader: CardReader

    def insert(self, person: str, faults: Iterable[Fault] = (), kind: str = "contact") -> None: ...

    def remove(self) -> None: ...

    def take_reader_away(self) -> None: ...

    def bring_reader_back(self) -> None: ...

    def trace(self) -> tuple[TraceEntry, ...]: ...

    def second_reader(self) -> CardReader: ...

    def close(self) -> None: ...


class InProcessRig:
    """The simulated reader."""

    def __init__(self, personaliser: Personaliser) -> None:
        self.bench = SimulatedReader()
        self.reader: CardReader = self.bench
        self._personaliser = personaliser
        self._cards: dict[tuple[str, str], SimulatedCard] = {}

    def insert(self, person: str, faults: Iterable[Fault] = (), kind: str = "contact") -> None:
        if (person, kind) not in self._cards:
            self._cards[person, kind] = self._personaliser.card(training_person(person), atr=ATRS[kind])
        self.bench.insert(self._cards[person, kind], faults)

    def remove(self) -> None:
        self.bench.remove()

    def take_reader_away(self) -> None:
        self.bench.unplug()

    def bring_reader_back(self) -> None:
        self.bench.plug_in()

    def trace(self) -> tuple[TraceEntry, ...]:
        return self.bench.trace

    def second_reader(self) -> CardReader:
        return self.bench

    def close(self) -> None:
        self.bench.close()


class PcscRig:
    """pcscd with virtual readers, and a card process."""

    def __init__(self, stack: PcscStack) -> None:
        self._stack = stack
        self._host = CardHost(stack.addresses)
        self._others: list[PcscReader] = []
        self.reader: CardReader = PcscReader("00 00")
        assert self.reader.wait_for(Presence.EMPTY, PATIENCE_S) is Presence.EMPTY

    def insert(self, person: str, faults: Iterable[Fault] = (), kind: str = "contact") -> None:
        self._host.insert(person, faults=faults, kind=kind)
        assert self.reader.wait_for(Presence.CARD, PATIENCE_S) is Presence.CARD

    def remove(self) -> None:
        self._host.remove()
        assert self.reader.wait_for(Presence.EMPTY, PATIENCE_S) is Presence.EMPTY

    def insert_beside(self, person: str) -> None:
        """Put a card into the second slot, as in the other half of a dual reader."""
        beside = self.reader_of("00 01")
        self._host.insert(person, slot=1)
        assert beside.wait_for(Presence.CARD, PATIENCE_S) is Presence.CARD

    def remove_beside(self) -> None:
        self._host.remove(slot=1)
        assert self.reader_of("00 01").wait_for(Presence.EMPTY, PATIENCE_S) is Presence.EMPTY

    def trace_beside(self) -> tuple[TraceEntry, ...]:
        return self._host.trace(slot=1)

    def reader_of(self, wanted: str) -> PcscReader:
        """Return one more reader object: for every slot, or for those whose name contains `wanted`."""
        self._others.append(PcscReader(wanted))
        return self._others[-1]

    def take_reader_away(self) -> None:
        self._stack.halt()

    def bring_reader_back(self) -> None:
        self._stack.resume()

    def trace(self) -> tuple[TraceEntry, ...]:
        return self._host.trace()

    def second_reader(self) -> CardReader:
        return self.reader_of("00 00")

    def close(self) -> None:
        self.reader.close()
        for other in self._others:
            other.close()
        self._host.close()
