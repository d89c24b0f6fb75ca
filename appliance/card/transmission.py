"""Sending one command and getting its whole answer, with the two continuations that clients must be ready for.

No source saw this card use 61xx or 6Cxx in these flows (card.md §1.3); readers and other generations do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from appliance.card import reach
from appliance.card.apdu import CommandApdu, ResponseApdu, parse_response
from appliance.card.channel import Channel
from appliance.card.status import StatusWord, exact_length, more_data_bytes
from appliance.errors import CardNotUnderstood, CardRefused

CONTINUATIONS_MAX: Final = 16
"""No single answer here is longer than 256 bytes; a chip that says "more" for ever is stopped."""
_READ_BINARY: Final = 0xB0
_SUCCESS: Final = frozenset({StatusWord.OK, StatusWord.END_OF_FILE})


def transmit_once(channel: Channel, command: CommandApdu) -> ResponseApdu:
    """Send exactly one APDU and return its answer as it is; for VERIFY, which is never repeated.

    Raises:
        CardTrouble: the line to the card broke.
    """
    return parse_response(channel.transmit(command.encode()))


def transmit(channel: Channel, command: CommandApdu) -> ResponseApdu:
    """Send a command, follow 6Cxx once when reading and 61xx to the end, and return the whole answer.

    A signature has one length: a chip that asks for another is not followed.

    Raises:
        CardNotUnderstood: the chip keeps announcing more data, or gives more than was asked.
        CardTrouble: the line to the card broke.
    """
    response = transmit_once(channel, command)
    length = exact_length(response.status_word)
    if length is not None and command.ins == _READ_BINARY and length <= (command.le or 0):
        response = transmit_once(channel, replace(command, le=length))
    if more_data_bytes(response.status_word) is None:
        return _within(response, command)
    data, status_word = bytearray(response.data), response.status_word
    for _ in range(CONTINUATIONS_MAX):
        waiting = more_data_bytes(status_word)
        if waiting is None:
            return _within(ResponseApdu(bytes(data), status_word), command)
        response = transmit_once(channel, reach.get_response(waiting))
        data += response.data
        status_word = response.status_word
    raise CardNotUnderstood("GET RESPONSE", len(data))


def require_success(response: ResponseApdu, command_name: str) -> bytes:
    """Return the data of a successful answer; a warning at the end of a file counts as success.

    Raises:
        CardRefused: another status word.
    """
    if response.status_word not in _SUCCESS:
        raise CardRefused(command_name, response.status_word)
    return response.data


def _within(response: ResponseApdu, command: CommandApdu) -> ResponseApdu:
    if len(response.data) > (command.le or 0):
        raise CardNotUnderstood("response APDU", command.le or 0)
    return response
