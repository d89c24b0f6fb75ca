"""COMPUTE DIGITAL SIGNATURE, INTERNAL AUTHENTICATE, and what a terminal without a certificate is refused.

Sources: card.md §2, §5.3 (schemes), §8.1, §11 (authenticity).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Final

from appliance.simulated.card import status
from appliance.simulated.card.chip import Chip
from appliance.simulated.card.command import Command
from appliance.simulated.card.files import ApplicationName, KeyFile, KeyUse, ReferenceFile
from appliance.simulated.card.rsa import MODULUS_SIZE_BYTES, PSS_SALT_SIZE_BYTES, SHA256_DIGEST_INFO, RsaKey
from appliance.simulated.card.status import Refused

_TERMINAL_AUTHORITY_KEY: Final = 0x0016
_TERMINAL_CERTIFICATE_P1P2: Final = frozenset({0x06C1, 0x00C1})
_DEFAULT_KEY: Final = 0x00
_HASH_SIZE: Final = 32

_Salt = Callable[[int], bytes]


def _padded(key: RsaKey, data: bytes, _salt: _Salt) -> bytes:
    return key.sign_payload(data)


def _bare_hash(key: RsaKey, data: bytes, _salt: _Salt) -> bytes:
    return key.sign_payload(hashlib.sha256(data).digest())


def _hash_given(key: RsaKey, data: bytes, _salt: _Salt) -> bytes:
    return key.sign_payload(SHA256_DIGEST_INFO + data)


def _hash_here(key: RsaKey, data: bytes, _salt: _Salt) -> bytes:
    return key.sign_sha256(data)


def _pss_hash_given(key: RsaKey, data: bytes, salt: _Salt) -> bytes:
    return key.sign_pss(data, salt(PSS_SALT_SIZE_BYTES))


def _pss_hash_here(key: RsaKey, data: bytes, salt: _Salt) -> bytes:
    return key.sign_pss(hashlib.sha256(data).digest(), salt(PSS_SALT_SIZE_BYTES))


_ANY: Final = range(1, 256)
_ONE_HASH: Final = range(_HASH_SIZE, _HASH_SIZE + 1)

SCHEMES: Final[Mapping[int, tuple[range, Callable[[RsaKey, bytes, _Salt], bytes]]]] = {
    0x00: (range(1, 246), _padded),
    0x01: (_ANY, _bare_hash),
    0x02: (_ONE_HASH, _hash_given),
    0x03: (_ANY, _hash_here),
    0x04: (_ONE_HASH, _pss_hash_given),
    0x05: (_ANY, _pss_hash_here),
}
"""Signature schemes by P1 with the input sizes they take (card.md §5.3)."""


def compute_signature(chip: Chip, command: Command) -> bytes:
    """Sign with the current key (P2 80), a named one (80|SFI) or the application's own (00)."""
    if command.p1 not in SCHEMES:
        raise Refused(status.WRONG_PARAMETERS)
    key = _signing_key(chip, command.p2)
    chip.require_access(key.opened_by)
    sizes, sign = SCHEMES[command.p1]
    if len(command.data) not in sizes:
        raise Refused(status.CONDITION_NOT_MET)
    if command.expected is None or command.expected < MODULUS_SIZE_BYTES:
        raise Refused(status.WRONG_LENGTH)
    return sign(key.key, command.data, chip.random_bytes)


def _signing_key(chip: Chip, p2: int) -> KeyFile:
    if p2 == _DEFAULT_KEY:
        if chip.application is None or chip.application.default_key is None:
            raise Refused(status.WRONG_PARAMETERS)
        file = chip.file(chip.application.default_key)
    else:
        file = chip.enter_named_file(p2)
    if not isinstance(file, KeyFile):
        raise Refused(status.WRONG_FILE_KIND)
    if file.use is not KeyUse.SIGN:
        raise Refused(status.CONDITION_NOT_MET)
    return file


def internal_authenticate(chip: Chip, command: Command) -> bytes:
    """Sign a challenge with the shared application's key; every other key refuses (card.md §8.1, §11)."""
    if command.p1:
        raise Refused(status.WRONG_PARAMETERS)
    file = chip.enter_named_file(command.p2)
    if not isinstance(file, KeyFile):
        raise Refused(status.WRONG_FILE_KIND)
    if file.use is not KeyUse.INTERNAL_AUTHENTICATE:
        raise Refused(status.CONDITION_NOT_MET)
    if len(command.data) not in _ANY or command.expected is None:
        raise Refused(status.WRONG_LENGTH)
    return file.key.sign_sha256(command.data)


def set_public_key(chip: Chip, command: Command) -> bytes:
    """Refuse a terminal certificate: no terminal is certified for a training card (card.md §2)."""
    if chip.application_name is not ApplicationName.JPKI:
        raise Refused(status.INSTRUCTION_UNKNOWN)
    if command.p1p2 not in _TERMINAL_CERTIFICATE_P1P2:
        raise Refused(status.WRONG_PARAMETERS)
    if not isinstance(chip.file(_TERMINAL_AUTHORITY_KEY), ReferenceFile):
        raise Refused(status.DATA_NOT_FOUND)
    raise Refused(status.WRONG_DATA)


def external_authenticate(_chip: Chip, _command: Command) -> bytes:
    """Refuse EXTERNAL AUTHENTICATE: the instruction exists, and no terminal is certified (card.md §2, answer assumed)."""
    raise Refused(status.CONDITION_NOT_MET)
