"""A context of the card service with the cards that are powered through it, for the one thread that owns it.

Only pyscard's thin layer over the system library is used. Its monitor thread ends on the first error and then sees no
reader until the program starts again (examples.md §8). Here a card service that restarts is met by making a new context;
nothing here raises: what went wrong is returned, because an error that was raised keeps the frames it passed, and with
them the bytes of a command.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from smartcard import scard

from appliance.errors import CardTrouble, NoCard, NoReader, SeveralCards
from appliance.hardware.pcsc_codes import MUTE, SERVICE_GONE, connect_error, presence_in
from appliance.ports import AttachedReader, Presence

_POWER_UP_RETRIES: Final = 3
_POWER_UP_PAUSE_S: Final = 0.05
"""A card that was put in a moment ago may miss its first power-up: springs bounce, drivers look late."""
_LOOKS: Final = 2
"""A service that restarted or a reader that left since the last look spoils one look, not the next."""


class PcscLibrary(Protocol):
    """The calls of the system library that are used, as pyscard's thin layer gives them."""

    def SCardEstablishContext(self, scope: int) -> tuple[int, int]:  # noqa: N802 (the system library's name)
        """Open a line to the card service; return the result code and the context."""

    def SCardReleaseContext(self, context: int) -> int:  # noqa: N802
        """Close it, with every card that is held through it."""

    def SCardListReaders(self, context: int, groups: list[str]) -> tuple[int, list[str]]:  # noqa: N802
        """Return the names of the readers."""

    def SCardGetStatusChange(  # noqa: N802
        self, context: int, timeout_ms: int, states: list[tuple[str, int]]
    ) -> tuple[int, list[tuple[str, int, list[int]]]]:
        """Return name, state and answer to reset for each reader."""

    def SCardConnect(  # noqa: N802
        self, context: int, name: str, share: int, protocols: int
    ) -> tuple[int, int, int]:
        """Power a card; return the result code, its handle and its protocol."""

    def SCardTransmit(self, card: int, header: int, command: list[int]) -> tuple[int, list[int]]:  # noqa: N802
        """Send a command and return the answer's bytes."""

    def SCardDisconnect(self, card: int, disposition: int) -> int:  # noqa: N802
        """Let a card go."""


@dataclass(slots=True, eq=False)
class HeldCard:
    """A card that this session powered and holds alone."""

    reader_name: str
    handle: int
    header: int
    """Which protocol the card speaks, in the form that a transmission asks for."""
    is_lost: bool = False
    """True once it was let go or the card service went away: a handle's number may come again for another card."""


class PcscSession:
    """A line to the card service that is made anew when it breaks; use it from one thread."""

    def __init__(self, library: PcscLibrary = scard, sleep: Callable[[float], None] = time.sleep) -> None:
        """Prepare; nothing is opened yet."""
        self._library = library
        self._sleep = sleep
        self._context: int | None = None
        self._cards: set[HeldCard] = set()

    def slots(self, wanted: str) -> Sequence[AttachedReader]:
        """Return the readers whose name contains `wanted` and what stands on them; none while no service runs.

        A dual reader shows two or three, one for each of its slots.
        """
        for _ in range(_LOOKS):
            seen = self._look(wanted)
            if seen is not None:
                return seen
        return ()

    def connect(self, wanted: str) -> HeldCard | CardTrouble:
        """Power the one card on the readers that `slots` names; return it, or why that cannot be."""
        slots = [slot for slot in self.slots(wanted) if slot.presence is not Presence.NO_READER]
        holding = [slot for slot in slots if slot.presence is Presence.CARD]
        if not holding:
            return NoCard() if slots else NoReader()
        if len(holding) > 1:
            return SeveralCards(len(holding))
        return self._power_up(holding[0].name)

    def transmit(self, card: HeldCard, command: bytes) -> tuple[int, bytes]:
        """Send one command; return the result code and the answer."""
        if card.is_lost:
            return scard.SCARD_E_SERVICE_STOPPED, b""
        code, answer = self._library.SCardTransmit(card.handle, card.header, list(command))
        if code in SERVICE_GONE:
            self._leave()
        return code, bytes(answer)

    def release(self, card: HeldCard) -> None:
        """Let a card go, without power; does nothing when it was lost."""
        if card.is_lost:
            return
        self._cards.discard(card)
        card.is_lost = True
        # Powering down forgets what was unlocked; a warm reset does not on every card (card.md §1.4).
        self._library.SCardDisconnect(card.handle, scard.SCARD_UNPOWER_CARD)

    def close(self) -> None:
        """Let every card go and leave the card service."""
        for card in tuple(self._cards):
            self.release(card)
        self._leave()

    def _look(self, wanted: str) -> Sequence[AttachedReader] | None:
        context = self._living_context()
        if context is None:
            return ()
        code, names = self._library.SCardListReaders(context, [])
        if code == scard.SCARD_S_SUCCESS:
            asked = [(name, scard.SCARD_STATE_UNAWARE) for name in names if wanted in name]
            if not asked:
                return ()
            code, states = self._library.SCardGetStatusChange(context, 0, asked)
            if code == scard.SCARD_S_SUCCESS:
                return [AttachedReader(name, presence_in(state)) for name, state, _ in states]
        if code in SERVICE_GONE:
            self._leave()
        return () if code == scard.SCARD_E_NO_READERS_AVAILABLE else None

    def _power_up(self, name: str) -> HeldCard | CardTrouble:
        code, handle, protocol = self._connect(name)
        for _ in range(_POWER_UP_RETRIES):
            if code not in MUTE:
                break
            self._sleep(_POWER_UP_PAUSE_S)
            code, handle, protocol = self._connect(name)
        if code != scard.SCARD_S_SUCCESS:
            if code in SERVICE_GONE:
                self._leave()
            return connect_error(code)
        is_t0 = protocol == scard.SCARD_PROTOCOL_T0
        card = HeldCard(name, handle, scard.SCARD_PCI_T0 if is_t0 else scard.SCARD_PCI_T1)
        self._cards.add(card)
        return card

    def _connect(self, name: str) -> tuple[int, int, int]:
        context = self._living_context()
        if context is None:
            return scard.SCARD_E_NO_SERVICE, 0, 0
        # The My Number Card speaks T=1 on contacts and through what readers present for Type B (card.md §1.1); foreign
        # cards may know T=0 alone and still have to be told apart.
        t1, either = scard.SCARD_PROTOCOL_T1, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        code, handle, protocol = self._library.SCardConnect(context, name, scard.SCARD_SHARE_EXCLUSIVE, t1)
        if code == scard.SCARD_E_PROTO_MISMATCH:
            return self._library.SCardConnect(context, name, scard.SCARD_SHARE_EXCLUSIVE, either)
        return code, handle, protocol

    def _living_context(self) -> int | None:
        if self._context is None:
            code, context = self._library.SCardEstablishContext(scard.SCARD_SCOPE_USER)
            self._context = context if code == scard.SCARD_S_SUCCESS else None
        return self._context

    def _leave(self) -> None:
        for card in self._cards:
            card.is_lost = True
        self._cards.clear()
        if self._context is not None:
            self._library.SCardReleaseContext(self._context)
        self._context = None
