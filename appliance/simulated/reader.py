"""A card reader in the same process, with a hand that puts cards in and pulls them out.

It keeps the contract of `ports.CardReader`, as the PC/SC reader does (`tests/contract`), without any system service.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from appliance.errors import CardBusy, CardRemoved, CardSilent, CardTrouble, NoCard, NoReader, ReaderGone
from appliance.ports import CardChannel, Presence
from appliance.simulated.card.faults import Fault
from appliance.simulated.card.inserted import Answered, InsertedCard, Vanished
from appliance.simulated.card.pace import Pace
from appliance.simulated.card.simulated_card import SimulatedCard
from appliance.simulated.card.trace import TraceEntry

READER_NAME: Final = "Simulated reader"


class SimulatedReader:
    """One reader with at most one card."""

    def __init__(
        self, pace: Pace = Pace.INSTANT, sleep: Callable[[float], None] = time.sleep, name: str = READER_NAME
    ) -> None:
        """Attach an empty reader; `sleep` is called with the time that a paced exchange takes."""
        self._pace = pace
        self._sleep = sleep
        self._name = name
        self._changed = threading.Condition()
        self._is_attached = True
        self._inserted: InsertedCard | None = None
        self._last_trace: tuple[TraceEntry, ...] = ()
        self._channel: _SimulatedChannel | None = None

    @property
    def name(self) -> str:
        """The reader's name, empty while it is unplugged."""
        return self._name if self._is_attached else ""

    @property
    def trace(self) -> tuple[TraceEntry, ...]:
        """What passed with the card that is in, or with the last one that was."""
        with self._changed:
            return self._inserted.trace if self._inserted else self._last_trace

    def insert(self, card: SimulatedCard, faults: Iterable[Fault] = ()) -> None:
        """Put a card in; one that was there is pulled out first."""
        with self._changed:
            self._take_out()
            self._inserted = InsertedCard(card, self._pace, faults)
            self._changed.notify_all()

    def remove(self) -> None:
        """Pull the card out, also in the middle of a read; does nothing when the reader is empty."""
        with self._changed:
            self._take_out()
            self._changed.notify_all()

    def unplug(self) -> None:
        """Take the reader itself away; its card is powered down and stays in."""
        with self._changed:
            self._is_attached = False
            if self._channel:
                self._channel.lose_reader()
            if self._inserted:
                self._inserted.card.power_off()
            self._changed.notify_all()

    def plug_in(self) -> None:
        """Attach the reader again."""
        with self._changed:
            self._is_attached = True
            self._changed.notify_all()

    def presence(self) -> Presence:
        """Tell what stands on the reader now."""
        with self._changed:
            return self._presence()

    def wait_for(self, wanted: Presence, timeout_s: float) -> Presence:
        """Return as soon as `wanted` holds, or what holds after `timeout_s`."""
        with self._changed:
            self._changed.wait_for(lambda: self._presence() is wanted, timeout_s)
            return self._presence()

    def connect(self) -> CardChannel:
        """Power the card and hold it alone (see `ports.CardReader.connect` for what it raises)."""
        with self._changed:
            if not self._is_attached:
                raise NoReader
            if self._inserted is None:
                raise NoCard
            if self._channel and self._channel.holds(self._inserted):
                raise CardBusy
            if self._inserted.is_mute:
                raise CardSilent
            self._inserted.card.power_on()
            self._channel = _SimulatedChannel(self, self._inserted)
            return self._channel

    def close(self) -> None:
        """Let the reader go: an open channel is closed."""
        if self._channel:
            self._channel.close()

    def exchange(self, channel: _SimulatedChannel, command: bytes) -> bytes:
        """Pass one command of a channel to its card; for the channel only."""
        with self._changed:
            # Asked and answered in one piece: no command reaches a card that another thread is letting go.
            self._require(channel)
            outcome = channel.card.exchange(command)
            if isinstance(outcome, Vanished):
                self._vanish(channel.card)
                raise CardRemoved
        if not isinstance(outcome, Answered):
            raise CardSilent
        if outcome.takes_s:
            self._sleep(outcome.takes_s)
            with self._changed:
                self._require(channel)
        return outcome.answer

    def release(self, card: InsertedCard) -> None:
        """Power the card of a closing channel down; for the channel only."""
        with self._changed:
            if self._inserted is card and self._is_attached:
                card.card.power_off()

    def _require(self, channel: _SimulatedChannel) -> None:
        if not channel.is_open:
            raise CardRemoved
        if not self._is_attached:
            raise ReaderGone
        if self._inserted is not channel.card:
            raise CardRemoved

    def _vanish(self, card: InsertedCard) -> None:
        if self._inserted is card:
            self._take_out()
            self._changed.notify_all()

    def _take_out(self) -> None:
        if self._inserted:
            self._last_trace = self._inserted.trace
            self._inserted.card.power_off()
        self._inserted = None

    def _presence(self) -> Presence:
        if not self._is_attached:
            return Presence.NO_READER
        return Presence.EMPTY if self._inserted is None else Presence.CARD


class _SimulatedChannel:
    """An exclusive line to the card that was in when it was opened."""

    def __init__(self, reader: SimulatedReader, card: InsertedCard) -> None:
        self._reader = reader
        self.card = card
        self.is_open = True
        self._failure: type[CardTrouble] | None = None

    def holds(self, card: InsertedCard) -> bool:
        """Tell whether this channel is still open on `card`."""
        return self.is_open and self._failure is not ReaderGone and self.card is card

    def lose_reader(self) -> None:
        """Note that the reader went away: plugging it in again does not bring this line back."""
        self._failure = ReaderGone

    def transmit(self, command: bytes) -> bytes:
        if self._failure:
            raise self._failure()
        try:
            return self._reader.exchange(self, command)
        except CardTrouble as failure:
            self._failure = type(failure)
            raise

    def close(self) -> None:
        if self.is_open:
            self.is_open = False
            self._reader.release(self.card)
