"""What the numbers of PC/SC mean to us: result codes as our errors, state bits as presence.

Names and values are those of the PC/SC Workgroup as pcsc-lite has them; they are the same on every card service.
"""

from __future__ import annotations

from typing import Final

from smartcard import scard

from appliance.errors import CardBusy, CardSilent, CardTrouble, NoCard, NoReader
from appliance.ports import Presence

SERVICE_GONE: Final = frozenset(
    {
        scard.SCARD_E_NO_SERVICE,
        scard.SCARD_E_SERVICE_STOPPED,
        scard.SCARD_E_INVALID_HANDLE,
        scard.SCARD_F_COMM_ERROR,
    }
)
"""Codes after which the context is worth nothing and a new one has to be made."""
CARD_CHANGED: Final = frozenset({scard.SCARD_W_RESET_CARD, scard.SCARD_W_REMOVED_CARD})
"""Codes after which the line's card has left, or is no longer the line's alone."""
MUTE: Final = frozenset(
    {
        scard.SCARD_W_UNRESPONSIVE_CARD,
        scard.SCARD_W_UNPOWERED_CARD,
        scard.SCARD_W_UNSUPPORTED_CARD,
        scard.SCARD_E_PROTO_MISMATCH,
        scard.SCARD_E_CARD_UNSUPPORTED,
    }
)
"""A card is there and did not power up."""
_NO_CARD: Final = frozenset({scard.SCARD_E_NO_SMARTCARD, scard.SCARD_W_REMOVED_CARD})
_BUSY: Final = frozenset({scard.SCARD_E_SHARING_VIOLATION})
_NO_READER_STATES: Final[int] = (
    scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_IGNORE
)


def connect_error(code: int) -> CardTrouble:
    """Return what a failed connection means."""
    if code in _NO_CARD:
        return NoCard()
    if code in _BUSY:
        return CardBusy()
    return CardSilent() if code in MUTE else NoReader()


def presence_in(state: int) -> Presence:
    """Return what stands on a reader of this state."""
    if state & _NO_READER_STATES:
        return Presence.NO_READER
    return Presence.CARD if state & scard.SCARD_STATE_PRESENT else Presence.EMPTY
