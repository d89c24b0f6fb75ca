"""SELECT, and what its many answers say: the application is there, it is not, or the chip cannot tell.

Chips of other makers answer a name they do not know in many ways, so every error means "not here". A warning or a
promise of data means that something is here, in a state that no card of this family is known in.
"""

from __future__ import annotations

from typing import Final

from appliance.card.apdu import CommandApdu
from appliance.card.channel import Channel
from appliance.card.status import StatusWord
from appliance.card.transmission import transmit_once
from appliance.errors import CardNotUnderstood, CardRefused, ForeignCard

_NAME: Final = "SELECT"
_IS_HERE_BUT: Final = frozenset({0x61, 0x62, 0x63})
"""First bytes of "more data" and of warnings (ISO/IEC 7816-4:2020, table 6)."""


def is_there(channel: Channel, select: CommandApdu) -> bool:
    """Select an application and tell whether the chip has it.

    Raises:
        CardRefused: an internal error twice, or a warning.
        CardNotUnderstood: data came that was not asked for.
        CardTrouble: the line to the card broke.
    """
    response = transmit_once(channel, select)
    if response.status_word == StatusWord.INTERNAL_ERROR:
        # Some chips answer the first command after power-up so, whatever it was (card.md §1.4).
        response = transmit_once(channel, select)
    if response.data:
        raise CardNotUnderstood(_NAME)
    if response.status_word == StatusWord.INTERNAL_ERROR or response.status_word >> 8 in _IS_HERE_BUT:
        raise CardRefused(_NAME, response.status_word)
    return response.status_word == StatusWord.OK


def require_application(channel: Channel, select: CommandApdu) -> None:
    """Select an application that a reading cannot do without.

    Raises:
        ForeignCard: the chip has no such application.
        CardRefused, CardNotUnderstood, CardTrouble: as `is_there`.
    """
    if not is_there(channel, select):
        raise ForeignCard
