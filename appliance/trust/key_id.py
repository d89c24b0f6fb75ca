"""Identifiers of issuer keys: sixteen bytes in a certificate, `5000023/001` on paper (card.md §11)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from appliance.errors import CardNotUnderstood

KEY_ID_SIZE_BYTES: Final = 16
_PRINTED: Final = re.compile(r"(\d{7})/(\d{3})", re.ASCII)
_STORED: Final = re.compile(rb"(\d{7})\x08\x05(\d{3})\x00\x00\x00.", re.DOTALL)
_ROOT_ENDING: Final = bytes.fromhex("000000A8")
"""Last four bytes in the identifiers of the root keys (card.md §11)."""


@dataclass(frozen=True, slots=True)
class KeyId:
    """The identifier of a key, exactly as stored."""

    stored: bytes

    def __post_init__(self) -> None:
        """Check the size.

        Raises:
            CardNotUnderstood: not sixteen bytes.
        """
        if len(self.stored) != KEY_ID_SIZE_BYTES:
            raise CardNotUnderstood("key_id")

    @property
    def printed(self) -> str:
        """Number and group such as `5000023/001`; hexadecimal when the bytes have another shape."""
        parts = _STORED.fullmatch(self.stored)
        if parts is None:
            return self.stored.hex().upper()
        return f"{parts[1].decode('ascii')}/{parts[2].decode('ascii')}"

    def __str__(self) -> str:
        return self.printed

    def __repr__(self) -> str:
        return f"KeyId({self.printed})"


def parse_key_id(text: str) -> KeyId:
    """Return the key id written as `5000023/001` (a root key's) or as 32 hexadecimal digits.

    Raises:
        CardNotUnderstood: neither of the two.
    """
    printed = _PRINTED.fullmatch(text)
    if printed is not None:
        return KeyId(printed[1].encode() + b"\x08\x05" + printed[2].encode() + _ROOT_ENDING)
    if not re.fullmatch(r"[0-9A-Fa-f]{32}", text):
        raise CardNotUnderstood("key_id")
    return KeyId(bytes.fromhex(text))
