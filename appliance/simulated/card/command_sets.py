"""Which commands each family of chips knows, by class and instruction (card.md §2, §15; the other families: their tables)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from appliance.simulated.card import reading, secure_messaging, selecting, signing, status, unlocking
from appliance.simulated.card.chip import Chip
from appliance.simulated.card.command import Command
from appliance.simulated.card.files import ChipFamily
from appliance.simulated.card.status import Refused

Handler = Callable[[Chip, Command], bytes]
"""Carries out one command and returns the answer's data, or raises `Refused`."""

INTERINDUSTRY_CLASS: Final = 0x00
PROPRIETARY_CLASS: Final = 0x80
READER_CLASS: Final = 0xFF
"""The class that a reader answers itself (PC/SC part 3 §3.2.2)."""
_ATTRIBUTES_OF_FILE, _ATTRIBUTES_OF_APPLICATION = 0x22, 0x24
_NUMBER_OF_CARD: Final = 0x00


def _issuer_only(_chip: Chip, _command: Command) -> bytes:
    raise Refused(status.NOT_UNLOCKED)


def _manage_attributes(_chip: Chip, command: Command) -> bytes:
    # The issuer's security is asked for two kinds of file alone; other P1 are unknown (measured by a client, card.md §21 MC).
    if command.p1 not in {_ATTRIBUTES_OF_FILE, _ATTRIBUTES_OF_APPLICATION}:
        raise Refused(status.WRONG_PARAMETERS)
    raise Refused(status.NOT_UNLOCKED)


def _wrong_length(_chip: Chip, _command: Command) -> bytes:
    # Plastic cards know the instruction of the last command, and refuse it so (card.md §15).
    raise Refused(status.WRONG_LENGTH)


def _last_command(_chip: Chip, command: Command) -> bytes:
    # What an iPhone does after this is not published; it takes the command (card.md §15).
    if command.p1p2:
        raise Refused(status.WRONG_PARAMETERS)
    if command.data or command.expected is not None:
        raise Refused(status.WRONG_LENGTH)
    return b""


def _never_authenticated(_chip: Chip, _command: Command) -> bytes:
    # The number printed on a residence card is its key; nobody here knows one. Wrong numbers are not counted (`other_cards`).
    raise Refused(status.NOT_VERIFIED)


def _number_from_reader(chip: Chip, command: Command) -> bytes:
    if command.expected is None:
        raise Refused(status.WRONG_LENGTH)
    if command.p1 != _NUMBER_OF_CARD or command.p2:
        raise Refused(status.FUNCTION_NOT_SUPPORTED)
    return chip.image.data_objects[_NUMBER_OF_CARD][: command.expected]


_TOKEN: Final[Mapping[tuple[int, int], Handler]] = {
    (INTERINDUSTRY_CLASS, 0x20): unlocking.verify,
    (INTERINDUSTRY_CLASS, 0x24): unlocking.change_reference_data,
    (INTERINDUSTRY_CLASS, 0x82): signing.external_authenticate,
    (INTERINDUSTRY_CLASS, 0x84): reading.get_challenge,
    (INTERINDUSTRY_CLASS, 0x88): signing.internal_authenticate,
    (INTERINDUSTRY_CLASS, 0xA4): selecting.select,
    (INTERINDUSTRY_CLASS, 0xB0): reading.read_binary,
    (INTERINDUSTRY_CLASS, 0xB2): reading.read_record,
    (INTERINDUSTRY_CLASS, 0xCA): reading.get_data,
    (PROPRIETARY_CLASS, 0x2A): signing.compute_signature,
    (PROPRIETARY_CLASS, 0x32): unlocking.change_key,
    (PROPRIETARY_CLASS, 0x50): _issuer_only,
    (PROPRIETARY_CLASS, 0x52): _issuer_only,
    (PROPRIETARY_CLASS, 0x54): _issuer_only,
    (PROPRIETARY_CLASS, 0x8A): _manage_attributes,
    (PROPRIETARY_CLASS, 0xA2): signing.set_public_key,
    (PROPRIETARY_CLASS, 0xAE): secure_messaging.set_session_key,
}

COMMAND_SETS: Final[Mapping[ChipFamily, Mapping[tuple[int, int], Handler]]] = {
    ChipFamily.MY_NUMBER: {**_TOKEN, (PROPRIETARY_CLASS, 0xFC): _wrong_length},
    ChipFamily.ANDROID: _TOKEN,
    ChipFamily.IPHONE: {**_TOKEN, (PROPRIETARY_CLASS, 0xFC): _last_command},
    ChipFamily.RESIDENCE_CARD: {
        (INTERINDUSTRY_CLASS, 0x20): _never_authenticated,
        (INTERINDUSTRY_CLASS, 0x82): _never_authenticated,
        (INTERINDUSTRY_CLASS, 0x84): reading.get_challenge,
        (INTERINDUSTRY_CLASS, 0xA4): selecting.select,
        (INTERINDUSTRY_CLASS, 0xB0): reading.read_binary,
    },
    ChipFamily.PAYMENT: {(INTERINDUSTRY_CLASS, 0xA4): selecting.select},
    ChipFamily.FELICA: {(READER_CLASS, 0xCA): _number_from_reader},
}
"""Command handlers of each family."""
