"""SELECT: applications by DF name, files by identifier (card.md §2, §18.1)."""

from __future__ import annotations

from typing import Final

from appliance.simulated.card import status
from appliance.simulated.card.chip import Chip
from appliance.simulated.card.command import Command
from appliance.simulated.card.files import AIDS, Application, ApplicationName, ChipFamily
from appliance.simulated.card.status import Refused

_BY_DF_NAME: Final = 0x04
_EF_UNDER_DF: Final = 0x02
_MASTER_FILE: Final = 0x00
_FIRST_WITH_FCI, _NEXT_WITH_FCI, _FIRST, _NEXT = 0x00, 0x02, 0x0C, 0x0E
_WITHOUT_FCI: Final = frozenset({_FIRST, _NEXT})
_FILE_ID_SIZE: Final = 2
_MASTER_FILE_ID: Final = b"\x3f\x00"
_NAME, _PROPRIETARY, _TEMPLATE = 0x84, 0xA5, 0x6F
"""Objects of file control information (ISO/IEC 7816-4 §5.3.3)."""


def select(chip: Chip, command: Command) -> bytes:
    """Carry out SELECT; a failed one changes nothing."""
    if command.p1 == _BY_DF_NAME:
        return _select_application(chip, command)
    if command.p1 == _EF_UNDER_DF:
        return _select_file(chip, command)
    if command.p1 == _MASTER_FILE:
        return _select_master_file(chip, command)
    raise Refused(status.WRONG_PARAMETERS)


def _select_application(chip: Chip, command: Command) -> bytes:
    if command.p2 not in {_FIRST_WITH_FCI, _NEXT_WITH_FCI, _FIRST, _NEXT}:
        raise Refused(status.WRONG_PARAMETERS)
    wanted = command.data
    matches = [
        application for application in _selectable(chip) if wanted and _aid(application).startswith(wanted)
    ]
    if command.p2 in {_NEXT_WITH_FCI, _NEXT} and chip.application in matches:
        matches = matches[matches.index(chip.application) + 1 :]
    if not matches:
        raise Refused(status.FILE_NOT_FOUND)
    chip.enter(matches[0])
    if command.p2 in _WITHOUT_FCI:
        return b""
    return _file_control_information(matches[0])[: command.expected]


def _selectable(chip: Chip) -> tuple[Application | None, ...]:
    here = {None, chip.application_name, chip.application.inside if chip.application else None}
    applications = tuple(known for known in chip.image.applications if known.inside in here)
    return (*applications, None) if chip.image.has_card_manager else applications


def _aid(application: Application | None) -> bytes:
    return application.aid if application else AIDS[ApplicationName.CARD_MANAGER]


def _file_control_information(application: Application | None) -> bytes:
    # What a My Number Card puts here is not documented (card.md §2): the DF name alone.
    content = _object(_NAME, _aid(application))
    if application and application.control_information:
        content += _object(_PROPRIETARY, application.control_information)
    return _object(_TEMPLATE, content)


def _object(tag: int, value: bytes) -> bytes:
    return bytes((tag, len(value))) + value


def _select_file(chip: Chip, command: Command) -> bytes:
    if command.p2 not in {_FIRST_WITH_FCI, _FIRST}:
        raise Refused(status.WRONG_PARAMETERS)
    if len(command.data) != _FILE_ID_SIZE:
        raise Refused(status.WRONG_LENGTH)
    identifier = int.from_bytes(command.data, "big")
    chip.file(identifier)
    chip.file_id = identifier
    return b""


def _select_master_file(chip: Chip, command: Command) -> bytes:
    if chip.image.family is ChipFamily.RESIDENCE_CARD and command.data in {b"", _MASTER_FILE_ID}:
        chip.enter(None)
        return b""
    # A My Number Card has no 3F00; the form without a name answers inside an application and does nothing (card.md §2).
    if command.data:
        raise Refused(status.FILE_NOT_FOUND)
    if chip.application is None:
        raise Refused(status.WRONG_PARAMETERS)
    return b""
