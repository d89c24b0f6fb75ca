"""RSA with a private key, as the chip computes it: plain numbers, no hidden randomness (RFC 8017).

Written out here instead of taken from a library because the card pads what it is given without looking at it
(card.md §5.3, scheme 00), which libraries refuse, and because a simulated card must give the same bytes each time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

MODULUS_SIZE_BYTES: Final = 256
EXPONENT: Final = 65537
SHA256_DIGEST_INFO: Final = bytes.fromhex("3031300D060960864801650304020105000420")
"""DER header of a SHA-256 DigestInfo (RFC 8017 §9.2, note 1)."""
PSS_SALT_SIZE_BYTES: Final = 32
_HASH_SIZE_BYTES: Final = 32
_EMPTY_LABEL: Final = hashlib.sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class RsaKey:
    """A 2048-bit key pair from its two primes."""

    p: int = field(repr=False)
    q: int = field(repr=False)

    @property
    def modulus(self) -> int:
        """The public modulus."""
        return self.p * self.q

    @property
    def private_exponent(self) -> int:
        """The private exponent d."""
        return pow(EXPONENT, -1, (self.p - 1) * (self.q - 1))

    def apply(self, encoded: bytes) -> bytes:
        """Return the RSA private operation on 256 encoded bytes, by the Chinese remainder theorem (RFC 8017 §5.2.1)."""
        message = int.from_bytes(encoded, "big")
        d = self.private_exponent
        at_p, at_q = pow(message, d % (self.p - 1), self.p), pow(message, d % (self.q - 1), self.q)
        h = (at_p - at_q) * pow(self.q, -1, self.p) % self.p
        return (at_q + h * self.q).to_bytes(MODULUS_SIZE_BYTES, "big")

    def sign_payload(self, payload: bytes) -> bytes:
        """Sign `payload` (at most 245 bytes) under type-1 padding, whatever it is (RFC 8017 §9.2, step 5)."""
        filler = b"\xff" * (MODULUS_SIZE_BYTES - 3 - len(payload))
        return self.apply(b"\x00\x01" + filler + b"\x00" + payload)

    def sign_sha256(self, message: bytes) -> bytes:
        """Sign `message` with RSASSA-PKCS1-v1_5 and SHA-256."""
        return self.sign_payload(SHA256_DIGEST_INFO + hashlib.sha256(message).digest())

    def sign_pss(self, digest: bytes, salt: bytes) -> bytes:
        """Sign a SHA-256 `digest` with RSASSA-PSS (RFC 8017 §9.1.1)."""
        h = hashlib.sha256(bytes(8) + digest + salt).digest()
        block = bytes(MODULUS_SIZE_BYTES - len(salt) - len(h) - 2) + b"\x01" + salt
        masked = bytearray(_xor(block, _mgf1(h, len(block))))
        masked[0] &= 0x7F
        return self.apply(bytes(masked) + h + b"\xbc")

    def open_oaep(self, cryptogram: bytes) -> bytes | None:
        """Return what 256 bytes encrypt under RSAES-OAEP with SHA-256, None when they do not (RFC 8017 §7.1.2)."""
        encoded = self.apply(cryptogram)
        masked_seed, masked_block = encoded[1 : 1 + _HASH_SIZE_BYTES], encoded[1 + _HASH_SIZE_BYTES :]
        seed = _xor(masked_seed, _mgf1(masked_block, _HASH_SIZE_BYTES))
        block = _xor(masked_block, _mgf1(seed, len(masked_block)))
        filler, mark, message = block[_HASH_SIZE_BYTES:].partition(b"\x01")
        is_whole = encoded[0] == 0 and block.startswith(_EMPTY_LABEL) and not filler.strip(b"\0")
        return message if is_whole and mark else None


def _xor(first: bytes, second: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(first, second, strict=True))


def _mgf1(seed: bytes, size: int) -> bytes:
    blocks = (hashlib.sha256(seed + counter.to_bytes(4, "big")).digest() for counter in range(-(-size // 32)))
    return b"".join(blocks)[:size]
