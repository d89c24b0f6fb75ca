"""One secure messaging session of the text application: key, counter and the cryptograms under them (card.md §12).

AES-128 in CBC mode without any check of integrity. Each command has a number from 1; the number, encrypted, is the
initialisation vector of the command and of its answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC

KEY_SIZE_BYTES: Final = 16
_BLOCK_SIZE_BYTES: Final = 16
_PADDING_START: Final = b"\x80"


@dataclass(slots=True)
class SecureSession:
    """A session key that a terminal delivered, and how many commands came under it."""

    key: bytes = field(repr=False)
    commands: int = 0

    def begin_command(self) -> None:
        """Count one secure command; commands outside the session are not counted."""
        self.commands += 1

    def open(self, cryptogram: bytes) -> bytes | None:
        """Return what the cryptogram of the current command holds; None when it is none (a wrong counter shows here)."""
        if not cryptogram or len(cryptogram) % _BLOCK_SIZE_BYTES:
            return None
        padded = _applied(self._cipher().decryptor(), cryptogram).rstrip(b"\0")
        return padded[:-1] if padded.endswith(_PADDING_START) else None

    def seal(self, plain: bytes) -> bytes:
        """Return the cryptogram of an answer to the current command; padding is always added (ISO/IEC 7816-4 §10.2.3.1)."""
        padded = plain + _PADDING_START
        padded += bytes(-len(padded) % _BLOCK_SIZE_BYTES)
        return _applied(self._cipher().encryptor(), padded)

    def _cipher(self) -> Cipher[CBC]:
        number = self.commands.to_bytes(_BLOCK_SIZE_BYTES, "big")
        first = Cipher(AES128(self.key), CBC(bytes(_BLOCK_SIZE_BYTES))).encryptor()
        return Cipher(AES128(self.key), CBC(_applied(first, number)))


def _applied(context: CipherContext, data: bytes) -> bytes:
    return context.update(data) + context.finalize()
