"""READ BINARY, READ RECORD, GET DATA and GET CHALLENGE (card.md §1.3, §2, §8)."""

from __future__ import annotations

from typing import Final

from appliance.simulated.card import status
from appliance.simulated.card.chip import CURRENT_FILE, SFI_MASK, Chip
from appliance.simulated.card.command import Command
from appliance.simulated.card.files import RecordFile, TransparentFile
from appliance.simulated.card.status import Refused

_RESERVED_SFI_BITS: Final = 0x60
_THIS_RECORD: Final = 4
_ALL_RECORDS_FROM: Final = 5
_SHORT_ANSWER_MAX: Final = 0x100
_CONTACT_ATR: Final = 0x5F51


def read_binary(chip: Chip, command: Command) -> bytes:
    """Return bytes of a transparent file; less than asked for at its end."""
    if command.data or command.expected is None:
        raise Refused(status.WRONG_LENGTH)
    if command.p1 & CURRENT_FILE:
        if command.p1 & _RESERVED_SFI_BITS or not command.p1 & SFI_MASK:
            raise Refused(status.WRONG_PARAMETERS)
        file, offset = chip.enter_named_file(command.p1), command.p2
    else:
        file, offset = chip.current_file(), command.p1p2
    if not isinstance(file, TransparentFile):
        raise Refused(status.WRONG_FILE_KIND)
    chip.require_access(file.opened_by)
    if offset >= len(file.content):
        raise Refused(status.OFFSET_BEYOND_FILE)
    return file.content[offset : offset + command.expected]


def read_record(chip: Chip, command: Command) -> bytes:
    """Return one record by number."""
    identifier, manner = command.p2 >> 3, command.p2 & 0x07
    if manner == _ALL_RECORDS_FROM:
        raise Refused(status.FUNCTION_NOT_SUPPORTED)
    if manner != _THIS_RECORD:
        raise Refused(status.WRONG_PARAMETERS)
    file = chip.enter_named_file(CURRENT_FILE | identifier)
    if not isinstance(file, RecordFile):
        raise Refused(status.WRONG_FILE_KIND)
    if command.expected is None:
        raise Refused(status.WRONG_LENGTH)
    if not 1 <= command.p1 <= len(file.records):
        raise Refused(status.RECORD_NOT_FOUND)
    return file.records[command.p1 - 1][: command.expected]


def get_data(chip: Chip, command: Command) -> bytes:
    """Return a data object of the card manager; inside an application there is none but the contact ATR of some cards."""
    is_found_here = (chip.application is None) is not (
        command.p1p2 == _CONTACT_ATR and chip.habits.contact_atr_inside_applications
    )
    found = chip.image.data_objects.get(command.p1p2) if is_found_here else None
    if found is None:
        raise Refused(status.DATA_NOT_FOUND)
    if (
        command.data
        or command.expected is None
        or (len(found) > _SHORT_ANSWER_MAX and not command.is_extended)
    ):
        raise Refused(status.WRONG_LENGTH)
    return found[: command.expected]


def get_challenge(chip: Chip, command: Command) -> bytes:
    """Return random bytes, in the short form only."""
    if command.p1p2:
        raise Refused(status.WRONG_PARAMETERS)
    if command.is_extended:
        raise Refused(status.CONDITION_NOT_MET)
    if command.data or command.expected is None:
        raise Refused(status.WRONG_LENGTH)
    return chip.random_bytes(command.expected)
