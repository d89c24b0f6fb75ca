"""Secure messaging as the card answers it: key delivery, secured commands, and every refusal (card.md §3, §12).

Only the text application takes a session key, and only after its PIN came in clear; the unit can do neither (design D1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from appliance.simulated.card import status
from appliance.simulated.card.chip import Chip
from appliance.simulated.card.command import Command
from appliance.simulated.card.files import ApplicationName
from appliance.simulated.card.rsa import MODULUS_SIZE_BYTES
from appliance.simulated.card.secure_session import KEY_SIZE_BYTES, SecureSession
from appliance.simulated.card.status import Refused

SECURE_CLASS_BITS: Final = 0x0C
_ENCRYPTED: Final = 0x08
"""Secure messaging without authentication of the header (ISO/IEC 7816-4 §5.4.1)."""
_WITH_HEADER: Final = 0x0C
_VERIFY, _SELECT, _READ_BINARY = 0x20, 0xA4, 0xB0
_BY_DF_NAME: Final = 0x04
_CRYPTOGRAM, _EXPECTED_LENGTH = 0x86, 0x96
_PADDED: Final = b"\x01"
"""Padding indicator at the head of a cryptogram object."""
_EXTENDED_LE_MAX: Final = 0x10000
_TEXT_PIN: Final = 0x0011
_DELIVERY_HEAD: Final = bytes.fromhex("A0228020")
"""A delivered encryption key: one object with 32 bytes; forms with a checksum key are refused (card.md §12)."""
_DELIVERY_SIZE_BYTES: Final = 36

_REFUSALS: Final[Mapping[ApplicationName, int]] = {
    ApplicationName.SURFACE: status.KEY_DELIVERY_NOT_CONFIGURED,
    ApplicationName.SHARED: status.KEY_DELIVERY_NOT_CONFIGURED,
    ApplicationName.JPKI: status.NOT_UNLOCKED,
    ApplicationName.RESIDENCE: status.NOT_UNLOCKED,
}
"""What SET SESSION KEY answers in each application that has no delivery key (card.md §12)."""


def set_session_key(chip: Chip, command: Command) -> bytes:
    """Open a session under the seed that a terminal encrypted to the application's delivery key."""
    key = chip.application.delivery_key if chip.application else None
    if key is None:
        raise Refused(_REFUSALS.get(chip.application_name, status.INSTRUCTION_UNKNOWN))
    if _TEXT_PIN not in chip.unlocked:
        raise Refused(status.NOT_UNLOCKED)
    if command.p1p2:
        raise Refused(status.WRONG_PARAMETERS)
    if len(command.data) != MODULUS_SIZE_BYTES:
        raise Refused(status.WRONG_LENGTH)
    if int.from_bytes(command.data, "big") >= key.modulus:
        raise Refused(status.INTERNAL_ERROR)
    delivered = key.open_oaep(command.data)
    if (
        delivered is None
        or len(delivered) != _DELIVERY_SIZE_BYTES
        or not delivered.startswith(_DELIVERY_HEAD)
    ):
        raise Refused(status.WRONG_DATA)
    seed = delivered[len(_DELIVERY_HEAD) :]
    chip.session = SecureSession(seed[:KEY_SIZE_BYTES])
    return b""


def carry_out_secured(
    chip: Chip, command: Command, handler: Callable[[Chip, Command], bytes] | None
) -> bytes:
    """Carry out a command of a secure messaging class; `handler` does the work once it is in clear."""
    session = chip.session
    is_by_name = command.ins == _SELECT and command.p1 == _BY_DF_NAME
    if session is None:
        raise Refused(
            status.SECURE_MESSAGING_NOT_SUPPORTED if command.ins == _SELECT else status.NO_SECURE_SESSION
        )
    if command.cla & SECURE_CLASS_BITS == _WITH_HEADER:
        raise Refused(status.SECURE_OBJECT_MISSING)
    if (
        command.cla & SECURE_CLASS_BITS != _ENCRYPTED
        or command.ins not in {_VERIFY, _SELECT, _READ_BINARY}
        or is_by_name
        or handler is None
    ):
        raise Refused(status.SECURE_MESSAGING_NOT_SUPPORTED)
    session.begin_command()
    answer = handler(chip, _in_clear(chip, session, command))
    return _sealed(session, answer, command) if answer else b""


def _in_clear(chip: Chip, session: SecureSession, command: Command) -> Command:
    is_read = command.ins == _READ_BINARY
    value = _sole_object(command.data, _EXPECTED_LENGTH if is_read else _CRYPTOGRAM)
    plain: Command | None = None
    if value is not None and is_read and len(value) == 3 and value[0] == 0:
        expected = int.from_bytes(value[1:], "big") or _EXTENDED_LE_MAX
        plain = replace(command, cla=0, data=b"", expected=expected)
    elif value is not None and not is_read and value[:1] == _PADDED:
        data = session.open(value[1:])
        plain = None if data is None else replace(command, cla=0, data=data, expected=None)
    if plain is None:
        # A wrong object or a wrong counter costs the session (card.md §12).
        chip.session = None
        raise Refused(status.SECURE_OBJECT_WRONG)
    return plain


def _sealed(session: SecureSession, answer: bytes, command: Command) -> bytes:
    value = _PADDED + session.seal(answer)
    sealed = bytes((_CRYPTOGRAM,)) + _length(len(value)) + value
    if command.expected is None or command.expected < len(sealed):
        raise Refused(status.WRONG_LENGTH)
    return sealed


def _sole_object(data: bytes, tag: int) -> bytes | None:
    """Return the value of the one object that `data` is, None for anything else."""
    if len(data) < 2 or data[0] != tag:
        return None
    size_bytes = data[1] & 0x7F if data[1] & 0x80 else 0
    start = 2 + size_bytes
    size = int.from_bytes(data[2:start], "big") if size_bytes else data[1]
    return data[start:] if len(data) == start + size else None


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes((size,))
    octets = size.to_bytes(2, "big").lstrip(b"\0")
    return bytes((0x80 | len(octets),)) + octets
