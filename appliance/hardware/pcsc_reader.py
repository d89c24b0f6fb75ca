"""The card reader over PC/SC: one owner, no threads, every failure as one of our own errors.

Only pyscard's thin layer over the system library is used. Its monitor thread ends on the first error and then sees no
reader until the program starts again (examples.md §8), so presence is asked for here, by whoever waits; a card service
that restarts is met by making a new context. Time-outs of a silent card are those of the reader's driver.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from smartcard import scard

from appliance.errors import CardBusy, CardRemoved, CardSilent, CardTrouble, NoCard, NoReader, ReaderGone
from appliance.ports import CardChannel, Presence

_PNP: Final = r"\\?PnP?\Notification"
"""The pseudo-reader whose state changes when readers come and go."""
_LOOK_AGAIN_S: Final = 0.2
"""How often to look for a card service that does not run."""
_LONGEST_WAIT_S: Final = 1.0
"""How long to sleep in the card service at most before looking at the whole again."""
_SETTLE_S: Final = 1.5
"""How long a reader may take to notice that its card has left; drivers look every 0.4 s (pcsc.md)."""
_POWER_UP_RETRIES: Final = 3
_POWER_UP_PAUSE_S: Final = 0.05
"""A card that was put in a moment ago may miss its first power-up: springs bounce, drivers look late."""
_STATUS_WORD_SIZE: Final = 2

_LOST_TO: Final[Mapping[Presence, type[CardTrouble]]] = {
    Presence.EMPTY: CardRemoved,
    Presence.NO_READER: ReaderGone,
    Presence.CARD: CardSilent,
}
"""What a failed exchange means by what stands on the reader afterwards."""
_NO_CARD: Final = frozenset({scard.SCARD_E_NO_SMARTCARD, scard.SCARD_W_REMOVED_CARD})
_BUSY: Final = frozenset({scard.SCARD_E_SHARING_VIOLATION})
_MUTE: Final = frozenset(
    {
        scard.SCARD_W_UNRESPONSIVE_CARD,
        scard.SCARD_W_UNPOWERED_CARD,
        scard.SCARD_W_UNSUPPORTED_CARD,
        scard.SCARD_E_PROTO_MISMATCH,
        scard.SCARD_E_CARD_UNSUPPORTED,
    }
)
_SERVICE_GONE: Final = frozenset(
    {
        scard.SCARD_E_NO_SERVICE,
        scard.SCARD_E_SERVICE_STOPPED,
        scard.SCARD_E_INVALID_HANDLE,
        scard.SCARD_F_COMM_ERROR,
    }
)
"""Codes after which the context is worth nothing and a new one has to be made."""


class PcscReader:
    """One reader of this machine; use it from one thread at a time."""

    def __init__(
        self,
        wanted: str = "",
        sleep: Callable[[float], None] = time.sleep,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Choose the reader whose name contains `wanted`, the first one when it is empty; nothing is opened yet."""
        self._wanted = wanted
        self._sleep = sleep
        self._monotonic_s = monotonic_s
        self._context: int | None = None
        self._channel: _PcscChannel | None = None

    @property
    def name(self) -> str:
        """The reader's name as the system knows it, empty while none is attached."""
        return next((name for name in self.names() if self._wanted in name), "")

    def names(self) -> tuple[str, ...]:
        """Return the names of all attached readers, for choosing one."""
        context = self._living_context()
        if context is None:
            return ()
        code, names = scard.SCardListReaders(context, [])
        if code in _SERVICE_GONE:
            self._drop_context()
        return tuple(names) if code == scard.SCARD_S_SUCCESS else ()

    def presence(self) -> Presence:
        """Tell what stands on the reader now."""
        return _presence(self._state(self.name))

    def wait_for(self, wanted: Presence, timeout_s: float) -> Presence:
        """Return as soon as `wanted` holds, or what holds after `timeout_s`."""
        deadline_s = self._monotonic_s() + timeout_s
        while True:
            name = self.name
            state = self._state(name)
            left_s = deadline_s - self._monotonic_s()
            if _presence(state) is wanted or left_s <= 0:
                return _presence(state)
            self._await_change(name, state, min(left_s, _LONGEST_WAIT_S))

    def connect(self) -> CardChannel:
        """Power the card and hold it alone (see `ports.CardReader.connect` for what it raises)."""
        name, context = self.name, self._context
        if not name or context is None:
            raise NoReader
        code, card, protocol = _connect(context, name)
        for _ in range(_POWER_UP_RETRIES):
            if code not in _MUTE:
                break
            self._sleep(_POWER_UP_PAUSE_S)
            code, card, protocol = _connect(context, name)
        if code != scard.SCARD_S_SUCCESS:
            if code in _SERVICE_GONE:
                self._drop_context()
            raise _connect_error(code)
        self._channel = _PcscChannel(self, card, protocol)
        return self._channel

    def close(self) -> None:
        """Let the reader go: close an open channel and leave the card service."""
        if self._channel:
            self._channel.close()
        self._drop_context()

    def transmit_error(self, code: int) -> type[CardTrouble]:
        """Return what a failed transmission means, once the reader has noticed; for the channel only."""
        if code in _SERVICE_GONE:
            self._drop_context()
            return ReaderGone
        if code in {scard.SCARD_W_RESET_CARD, scard.SCARD_W_REMOVED_CARD}:
            return CardRemoved
        # The driver reports a lost card as a failed exchange until it has looked again (pcsc.md, traps).
        left = self.wait_for(Presence.EMPTY, _SETTLE_S)
        return _LOST_TO[left]

    def _living_context(self) -> int | None:
        if self._context is not None and scard.SCardIsValidContext(self._context) != scard.SCARD_S_SUCCESS:
            self._drop_context()
        if self._context is None:
            code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
            self._context = context if code == scard.SCARD_S_SUCCESS else None
        return self._context

    def _drop_context(self) -> None:
        if self._context is not None:
            scard.SCardReleaseContext(self._context)
        self._context = None

    def _state(self, name: str) -> int:
        if not name or self._context is None:
            return int(scard.SCARD_STATE_UNKNOWN)
        code, states = scard.SCardGetStatusChange(self._context, 0, [(name, scard.SCARD_STATE_UNAWARE)])
        if code in _SERVICE_GONE:
            self._drop_context()
        return int(states[0][1] if code == scard.SCARD_S_SUCCESS else scard.SCARD_STATE_UNKNOWN)

    def _await_change(self, name: str, state: int, timeout_s: float) -> None:
        if self._context is None:
            self._sleep(min(timeout_s, _LOOK_AGAIN_S))
            return
        watched = [(name, state)] if name else []
        # The high half of `state` counts card events; given back, none between two calls is missed (pcsc-lite).
        watched.append((_PNP, scard.SCARD_STATE_UNAWARE))
        code, _ = scard.SCardGetStatusChange(self._context, max(1, round(timeout_s * 1000)), watched)
        if code in _SERVICE_GONE:
            self._drop_context()
        if code not in {scard.SCARD_S_SUCCESS, scard.SCARD_E_TIMEOUT}:
            self._sleep(min(timeout_s, _LOOK_AGAIN_S))


class _PcscChannel:
    """An exclusive connection to the card that was in when it was made."""

    def __init__(self, reader: PcscReader, card: int, protocol: int) -> None:
        self._reader = reader
        self._card: int | None = card
        # The class alone: an error that was raised keeps the frames it passed, and with them the command's bytes.
        self._failure: type[CardTrouble] | None = None
        self._protocol = scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1

    def transmit(self, command: bytes) -> bytes:
        # Once something failed, the card in the reader may be another one: this line stays shut (pcsc.md, traps).
        if self._failure:
            raise self._failure()
        if self._card is None:
            raise CardRemoved
        code, answer = scard.SCardTransmit(self._card, self._protocol, list(command))
        # A driver whose card left or stays silent may also report success with too few bytes.
        if code != scard.SCARD_S_SUCCESS or len(answer) < _STATUS_WORD_SIZE:
            self._failure = self._reader.transmit_error(code)
            raise self._failure()
        return bytes(answer)

    def close(self) -> None:
        card, self._card = self._card, None
        if card is not None:
            # Powering down forgets what was unlocked; a warm reset does not on every card (card.md §1.4).
            scard.SCardDisconnect(card, scard.SCARD_UNPOWER_CARD)


def _connect(context: int, name: str) -> tuple[int, int, int]:
    # The My Number Card speaks T=1 (card.md §1.1); foreign cards may know T=0 alone and still have to be told apart.
    t1, either = scard.SCARD_PROTOCOL_T1, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
    code, card, protocol = scard.SCardConnect(context, name, scard.SCARD_SHARE_EXCLUSIVE, t1)
    if code == scard.SCARD_E_PROTO_MISMATCH:
        code, card, protocol = scard.SCardConnect(context, name, scard.SCARD_SHARE_EXCLUSIVE, either)
    return code, card, protocol


def _connect_error(code: int) -> type[CardTrouble]:
    if code in _NO_CARD:
        return NoCard
    if code in _BUSY:
        return CardBusy
    return CardSilent if code in _MUTE else NoReader


def _presence(state: int) -> Presence:
    if state & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_IGNORE):
        return Presence.NO_READER
    return Presence.CARD if state & scard.SCARD_STATE_PRESENT else Presence.EMPTY
