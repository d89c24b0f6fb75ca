"""VERIFY and the two ways to change a secret, with their try counters (card.md §2, §3, §19)."""

from __future__ import annotations

import hmac
from typing import Final

from appliance.simulated.card import status
from appliance.simulated.card.chip import Chip
from appliance.simulated.card.command import Command
from appliance.simulated.card.files import ApplicationName, ReferenceFile
from appliance.simulated.card.status import Refused

_CHANGE_WITHOUT_OLD: Final = 0x01
_CHANGES_BY_REFERENCE_DATA: Final = frozenset({ApplicationName.JPKI, ApplicationName.TEXT})
_CHANGES_BY_KEY: Final = frozenset({ApplicationName.SHARED, ApplicationName.RESIDENCE})


def verify(chip: Chip, command: Command) -> bytes:
    """Compare a secret and count; without data only tell the tries left, also when already unlocked."""
    if command.p1:
        raise Refused(status.WRONG_PARAMETERS)
    reference = _enter_reference(chip, command.p2)
    name = chip.reference_name()
    if not command.data:
        raise Refused(status.TRIES_LEFT | chip.state.tries_left[name])
    if chip.state.tries_left[name] == 0 or reference.secret is None:
        raise Refused(status.KEY_BLOCKED)
    secret = chip.state.changed_secrets.get(name, reference.secret)
    if not hmac.compare_digest(secret, command.data):
        chip.unlocked.discard(name[1])
        chip.state.tries_left[name] -= 1
        raise Refused(status.TRIES_LEFT | chip.state.tries_left[name])
    chip.state.tries_left[name] = reference.tries
    chip.unlocked.add(name[1])
    return b""


def change_reference_data(chip: Chip, command: Command) -> bytes:
    """CHANGE REFERENCE DATA: `00 24 01 80`, in the JPKI and text applications."""
    if command.p1 != _CHANGE_WITHOUT_OLD:
        raise Refused(status.WRONG_PARAMETERS)
    return _change(chip, command, _CHANGES_BY_REFERENCE_DATA)


def change_key(chip: Chip, command: Command) -> bytes:
    """CHANGE KEY: `80 32 00 80`, in the shared and residence applications."""
    if command.p1:
        raise Refused(status.WRONG_PARAMETERS)
    return _change(chip, command, _CHANGES_BY_KEY)


def _change(chip: Chip, command: Command, where: frozenset[ApplicationName]) -> bytes:
    if chip.application_name not in where:
        raise Refused(status.INSTRUCTION_UNKNOWN)
    reference = _enter_reference(chip, command.p2)
    name = chip.reference_name()
    if not reference.new_secret_lengths:
        raise Refused(status.NOT_UNLOCKED)
    chip.require_access(frozenset({name[1]}))
    if len(command.data) not in reference.new_secret_lengths:
        raise Refused(status.WRONG_DATA)
    chip.state.changed_secrets[name] = command.data
    return b""


def _enter_reference(chip: Chip, p2: int) -> ReferenceFile:
    file = chip.enter_named_file(p2)
    if not isinstance(file, ReferenceFile):
        raise Refused(status.WRONG_FILE_KIND)
    return file
