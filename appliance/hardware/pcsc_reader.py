"""The card reader over PC/SC: every call in one thread of its own, every failure one of our own errors.

All calls of a reader go through its loop (`reader_loop`), commands to an open card too. Handing a command over costs 25 to
40 microseconds beside the 60 to 190 that the card service itself takes; it was measured against sending in the asker's own
thread (5 microseconds), which was refused because a thread that is inside the system library cannot be freed when a driver
freezes. Waiting looks at the readers every 50 ms, 30 microseconds each time, and does not sleep inside the card service: a
sleeper there can be woken by SCardCancel alone, which is lost when it comes too early and hangs itself on a frozen service.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from functools import partial
from typing import Final

from smartcard import scard

from appliance.errors import CardRemoved, CardSilent, CardTrouble, NoReader, ReaderGone, ReaderSilent
from appliance.hardware.pcsc_codes import CARD_CHANGED, SERVICE_GONE
from appliance.hardware.pcsc_session import HeldCard, PcscLibrary, PcscSession
from appliance.hardware.reader_loop import ReaderLoop
from appliance.ports import AttachedReader, CardChannel, Presence

ANSWER_WITHIN_S: Final = 10.0
"""How long powering a card or one command may take. A piece of a file takes 0.3 s on the slowest link and a signature about a
second (`simulated.card.pace`); drivers give a silent card up after a few seconds themselves, which is a CardSilent."""
_LOOK_WITHIN_S: Final = 3.0
"""How long a look at the readers may take: the service answers from memory, no driver is asked."""
_LOOK_EVERY_S: Final = 0.05
_SETTLE_S: Final = 1.5
"""How long a reader may take to notice that its card has left; drivers look every 0.4 s (pcsc.md)."""
_STATUS_WORD_SIZE: Final = 2

_LOST_TO: Final = {
    Presence.EMPTY: CardRemoved,
    Presence.NO_READER: ReaderGone,
    Presence.CARD: CardSilent,
}
"""What a failed exchange means by what stands on the reader afterwards."""

_Failure = Callable[[], CardTrouble]
"""Makes the same error each time: one that was raised keeps the frames it passed, and with them the command's bytes."""


class PcscReader:
    """The readers of this machine that may hold the card; ask from any thread."""

    def __init__(
        self,
        wanted: str = "",
        *,
        answer_within_s: float = ANSWER_WITHIN_S,
        library: PcscLibrary = scard,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Watch the readers whose name contains `wanted`, every one when it is empty; nothing is opened yet."""
        self._wanted = wanted
        self._answer_within_s = answer_within_s
        self._loop = ReaderLoop(partial(PcscSession, library, sleep))
        self._closed = threading.Event()
        # Also ends the thread of a reader that nobody closed, and lets its card go when the program ends.
        self._end_loop = weakref.finalize(self, self._loop.close)

    @property
    def name(self) -> str:
        """The name of the reader that holds the card, or of the first one; empty while none is attached."""
        slots = self._look(self._wanted)
        holding = (slot for slot in slots if slot.presence is Presence.CARD)
        chosen = next(holding, slots[0] if slots else None)
        return chosen.name if chosen else ""

    def names(self) -> tuple[str, ...]:
        """Return the names of all attached readers, for choosing one; never raises."""
        return tuple(slot.name for slot in self.attached())

    def attached(self) -> tuple[AttachedReader, ...]:
        """Return all attached readers with what stands on them, seen in one look; never raises."""
        return self._look("")

    def presence(self) -> Presence:
        """Tell what stands on the readers now; a reader that does not answer counts as none."""
        return _presence(self._look(self._wanted))

    def wait_for(self, wanted: Presence, timeout_s: float) -> Presence:
        """Return as soon as `wanted` holds, or what holds after `timeout_s`."""
        return self._watch(self.presence, lambda seen: seen is wanted, timeout_s)

    def connect(self) -> CardChannel:
        """Power the card and hold it alone (see `ports.CardReader.connect` for what it raises)."""
        wanted = self._wanted
        outcome = self._loop.ask(lambda session: session.connect(wanted), self._answer_within_s)
        if isinstance(outcome, CardTrouble):
            raise outcome
        return _PcscChannel(self, outcome)

    def close(self) -> None:
        """Let the reader go for good: an open channel is closed and the thread ends."""
        self._closed.set()
        self._end_loop()

    def exchange(self, card: HeldCard, command: bytes) -> bytes | _Failure:
        """Pass one command of a channel to its card and return the answer, or what went wrong; for the channel only."""
        try:
            code, answer = self._loop.ask(
                lambda session: session.transmit(card, command), self._answer_within_s
            )
        except NoReader:
            return CardRemoved
        except ReaderSilent as silent:
            return partial(ReaderSilent, silent.deadline_s)
        # A driver whose card left or stays silent may also report success with too few bytes.
        if code == scard.SCARD_S_SUCCESS and len(answer) >= _STATUS_WORD_SIZE:
            return answer
        return self._meaning(code, card.reader_name)

    def release(self, card: HeldCard) -> None:
        """Power the card of a closing channel down; for the channel only."""
        self._loop.tell(lambda session: session.release(card), self._answer_within_s)

    def _meaning(self, code: int, reader_name: str) -> _Failure:
        if code in SERVICE_GONE:
            return ReaderGone
        if code in CARD_CHANGED:
            return CardRemoved

        def presence_there() -> Presence:
            return _presence(tuple(slot for slot in self._look(self._wanted) if slot.name == reader_name))

        # The driver reports a lost card as a failed exchange until it has looked again (pcsc.md, traps).
        return _LOST_TO[self._watch(presence_there, lambda seen: seen is not Presence.CARD, _SETTLE_S)]

    def _watch(
        self, look: Callable[[], Presence], is_enough: Callable[[Presence], bool], timeout_s: float
    ) -> Presence:
        deadline_s = time.monotonic() + timeout_s
        while True:
            seen = look()
            left_s = deadline_s - time.monotonic()
            if is_enough(seen) or left_s <= 0 or self._closed.wait(min(left_s, _LOOK_EVERY_S)):
                return seen

    def _look(self, wanted: str) -> tuple[AttachedReader, ...]:
        within_s = min(_LOOK_WITHIN_S, self._answer_within_s)
        try:
            return tuple(self._loop.ask(lambda session: session.slots(wanted), within_s))
        except (ReaderSilent, NoReader):
            return ()


class _PcscChannel:
    """An exclusive line to the card that was in when it was made."""

    def __init__(self, reader: PcscReader, card: HeldCard) -> None:
        self._reader = reader
        self._card = card
        self._closed = threading.Event()
        self._failure: _Failure | None = None

    def transmit(self, command: bytes) -> bytes:
        # Once something failed, the card in the reader may be another one: this line stays shut (pcsc.md, traps).
        if self._failure:
            raise self._failure()
        if self._closed.is_set():
            raise CardRemoved
        outcome = self._reader.exchange(self._card, command)
        if isinstance(outcome, bytes):
            return outcome
        # Closed from another thread while the command was on its way: the card did not fail, it was let go.
        self._failure = CardRemoved if self._closed.is_set() else outcome
        raise self._failure()

    def close(self) -> None:
        if not self._closed.is_set():
            self._closed.set()
            self._reader.release(self._card)


def _presence(slots: tuple[AttachedReader, ...]) -> Presence:
    seen = {slot.presence for slot in slots}
    return next((each for each in (Presence.CARD, Presence.EMPTY) if each in seen), Presence.NO_READER)
