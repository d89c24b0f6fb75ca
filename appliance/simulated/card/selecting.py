"""SELECT: applications by DF name, files by identifier (card.md §2, §18.1)."""

from __future__ import annotations

from typing import Final

from appliance.simulated.card import status
from appliance.simulated.card.chip import Chip
from appliance.simulated.card.command import Command
from appliance.simulated.card.files import AIDS, Application, ApplicationName
from appliance.simulated.card.status import Refused

_BY_DF_NAME: Final = 0x04
_EF_UNDER_DF: Final = 0x02
_MASTER_FILE: Final = 0x00
_FIRST_WITH_FCI, _NEXT_WITH_FCI, _FIRST, _NEXT = 0x00, 0x02, 0x0C, 0x0E
_FILE_ID_SIZE: Final = 2


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
    if command.p2 in {_FIRST, _NEXT}:
        return b""
    return _file_control_information(_aid(matches[0]))


def _selectable(chip: Chip) -> tuple[Application | None, ...]:
    return (*chip.image.applications, None)


def _aid(application: Application | None) -> bytes:
    return application.aid if application else AIDS[ApplicationName.CARD_MANAGER]


def _file_control_information(aid: bytes) -> bytes:
    # What the real card puts here is not documented (card.md §2): the DF name alone, ISO/IEC 7816-4 §5.3.3.
    name = bytes((0x84, len(aid))) + aid
    return bytes((0x6F, len(name))) + name


def _select_file(chip: Chip, command: Command) -> bytes:
    if len(command.data) != _FILE_ID_SIZE:
        raise Refused(status.WRONG_LENGTH)
    identifier = int.from_bytes(command.data, "big")
    chip.file(identifier)
    chip.file_id = identifier
    return b""


def _select_master_file(chip: Chip, command: Command) -> bytes:
    # By identifier 3F00 there is no master file; without one it answers only inside an application (card.md §2).
    if command.data:
        raise Refused(status.FILE_NOT_FOUND)
    if chip.application is None:
        raise Refused(status.WRONG_PARAMETERS)
    return b""
