"""A card lying in a reader: the card with its faults, its pace and the record of what passed.

Every transport drives this one class, so that faults and traces are the same in process and behind a real card service.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from appliance.simulated.card.faults import Fault, FaultKind
from appliance.simulated.card.pace import ORDINARY_READER, Link, Pace, ReaderLimits, link_of
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

    def __init__(
        self,
        card: SimulatedCard,
        pace: Pace = Pace.INSTANT,
        faults: Iterable[Fault] = (),
        limits: ReaderLimits = ORDINARY_READER,
        observe: Callable[[TraceEntry], None] | None = None,
    ) -> None:
        """Put `card` in; counts of `faults` start now. `observe` is told of every command before its answer goes out."""
        self.card = card
        self._observe = observe
        self._link: Link | None = link_of(card.atr, limits) if pace is Pace.REALISTIC else None
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
        """Every command that reached the card so far; one whose answer was lost has the status word 0."""
        with self._lock:
            return tuple(self._trace)

    def exchange(self, command: bytes) -> Outcome:
        """Give the card one command and tell what comes of it."""
        with self._lock:
            self._commands += 1
            here = [
                fault for fault in self._faults if not fault.kind.is_by_byte and fault.at == self._commands
            ]
            if any(fault.kind is FaultKind.REMOVED_AT_COMMAND for fault in here):
                return Vanished()
            outcome = self._outcome(command, here)
            answer = outcome.answer if isinstance(outcome, Answered) else b""
            self._bytes_sent += len(answer)
            entry = entry_of(command, answer, self.card.application_name, self.card.file_id)
            self._trace.append(entry)
            if self._observe:
                self._observe(entry)
            return outcome

    def _outcome(self, command: bytes, here: list[Fault]) -> Outcome:
        kinds = {fault.kind for fault in here}
        if FaultKind.SILENCE in kinds:
            return Silent()
        # A wrong status of a command means that the card did not carry it out.
        answer = b"" if FaultKind.WRONG_STATUS in kinds else self.card.process(command)
        for fault in here:
            answer = fault.bend(answer)
        return self._on_the_line(command, answer)

    def _on_the_line(self, command: bytes, answer: bytes) -> Outcome:
        for fault in sorted(self._faults, key=lambda fault: fault.at):
            if not fault.kind.is_by_byte or not 0 < fault.at - self._bytes_sent <= len(answer):
                continue
            if fault.kind is FaultKind.REMOVED_AT_BYTE:
                return Vanished()
            if fault.kind is FaultKind.SILENCE_AT_BYTE:
                return Silent()
            answer = fault.bend(answer, self._bytes_sent)
        return Answered(answer, self._link.seconds(command, len(answer)) if self._link else 0.0)
