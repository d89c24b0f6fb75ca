"""A card lying in a reader: the card with its faults, its pace and the record of what passed.

Every transport drives this one class, so that faults and traces are the same in process and behind a real card service.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from appliance.simulated.card.faults import Fault, FaultKind
from appliance.simulated.card.pace import Link, Pace, link_of
from appliance.simulated.card.simulated_card import SimulatedCard
from appliance.simulated.card.trace import TraceEntry, entry_of

TRACE_LIMIT: Final = 50_000
"""Older entries are forgotten, so that a card can be served for days."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The card answered."""

    answer: bytes
    takes_s: float
    """How long the transport lets the exchange take."""


@dataclass(frozen=True, slots=True)
class Vanished:
    """The card left before its answer was complete."""


@dataclass(frozen=True, slots=True)
class Silent:
    """The card is there and says nothing."""


Outcome = Answered | Vanished | Silent


class InsertedCard:
    """One card in one reader, from putting it in to taking it out; safe to watch from another thread."""

    def __init__(self, card: SimulatedCard, pace: Pace = Pace.INSTANT, faults: Iterable[Fault] = ()) -> None:
        """Put `card` in; command and byte counts of `faults` start now."""
        self.card = card
        self._link: Link | None = link_of(card.atr) if pace is Pace.REALISTIC else None
        self._faults = tuple(faults)
        self._lock = threading.Lock()
        self._trace: deque[TraceEntry] = deque(maxlen=TRACE_LIMIT)
        self._commands = 0
        self._bytes_sent = 0

    @property
    def is_mute(self) -> bool:
        """True when the chip does not power up."""
        return any(fault.kind is FaultKind.MUTE for fault in self._faults)

    @property
    def trace(self) -> tuple[TraceEntry, ...]:
        """Everything that passed so far."""
        with self._lock:
            return tuple(self._trace)

    def exchange(self, command: bytes) -> Outcome:
        """Give the card one command and tell what comes of it."""
        with self._lock:
            self._commands += 1
            fault = self._fault_now()
            if fault and fault.kind is FaultKind.REMOVED_AT_COMMAND:
                return Vanished()
            if fault and fault.kind is FaultKind.SILENCE:
                return Silent()
            answer = self._answer(command, fault)
            if self._leaves_within(len(answer)):
                return Vanished()
            self._bytes_sent += len(answer)
            self._trace.append(entry_of(command, answer, self.card.application_name, self.card.file_id))
            return Answered(answer, self._link.seconds(command, len(answer)) if self._link else 0.0)

    def _answer(self, command: bytes, fault: Fault | None) -> bytes:
        if fault is None:
            return self.card.process(command)
        if fault.kind is FaultKind.WRONG_STATUS:
            return (fault.value & 0xFFFF).to_bytes(2, "big")
        return fault.bend(self.card.process(command))

    def _fault_now(self) -> Fault | None:
        not_by_command = {FaultKind.REMOVED_AT_BYTE, FaultKind.MUTE}
        here = (
            fault for fault in self._faults if fault.kind not in not_by_command and fault.at == self._commands
        )
        return next(here, None)

    def _leaves_within(self, size_bytes: int) -> bool:
        return any(
            fault.kind is FaultKind.REMOVED_AT_BYTE and fault.at <= self._bytes_sent + size_bytes
            for fault in self._faults
        )
