"""RSA public keys as chips and certificates hold them, and the two signature schemes (card.md §5.3, §7.1).

Padding is the library's to judge, which wants all of it; what it opens is compared whole with the only right digest.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from appliance.errors import CardNotGenuine, CardNotUnderstood

MODULUS_SIZE_BYTES: Final = 256
"""RSA-2048 throughout this card generation (card.md §11, §13.1)."""
EXPONENT: Final = 65537
CARD_KEY_SIZE_BYTES: Final = 265
"""Size of the two objects 90 (exponent) and 91 (modulus) (card.md §7.1)."""
_HEADER: Final = bytes.fromhex("9003010001") + bytes.fromhex("91820100")


@dataclass(frozen=True, slots=True)
class CardKey:
    """An RSA-2048 public key with exponent 65537; a value that exists has a sound modulus."""

    modulus: int

    def __post_init__(self) -> None:
        """Check size and oddness.

        Raises:
            CardNotUnderstood: not a modulus of 2,048 bits.
        """
        if self.modulus.bit_length() != 8 * MODULUS_SIZE_BYTES or self.modulus % 2 == 0:
            raise CardNotUnderstood("modulus")

    def __repr__(self) -> str:
        """Show no key: a card's key is a lasting identifier of a person (F9.23)."""
        return "CardKey(2048 bits)"

    def verify_message(self, message: bytes, signature: bytes, check: str) -> None:
        """Verify an RSASSA-PKCS1-v1_5 signature with SHA-256 (RFC 8017 §8.2.2).

        Raises:
            CardNotGenuine: the signature does not hold; `check` names what it was about.
        """
        key = rsa.RSAPublicNumbers(EXPONENT, self.modulus).public_key()
        try:
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise CardNotGenuine(check) from None

    def verify_digest_info(self, digest_info: bytes, signature: bytes, check: str) -> None:
        """Verify a PKCS#1 v1.5 signature over a ready DigestInfo of any length, as card faces have (card.md §7.1).

        Raises:
            CardNotGenuine: the signature does not hold; `check` names what it was about.
        """
        key = rsa.RSAPublicNumbers(EXPONENT, self.modulus).public_key()
        try:
            signed = key.recover_data_from_signature(signature, padding.PKCS1v15(), None)
        except InvalidSignature:
            raise CardNotGenuine(check) from None
        if not hmac.compare_digest(signed, digest_info):
            raise CardNotGenuine(check)


def parse_card_key(encoded: bytes | memoryview, what: str) -> CardKey:
    """Return the key in the 265 bytes of objects 90 and 91; `what` names the object that holds them.

    Raises:
        CardNotUnderstood: another layout, exponent or key size.
    """
    content = bytes(encoded)
    if len(content) != CARD_KEY_SIZE_BYTES or not content.startswith(_HEADER):
        raise CardNotUnderstood(what)
    modulus = int.from_bytes(content[len(_HEADER) :], "big")
    if modulus.bit_length() != 8 * MODULUS_SIZE_BYTES or modulus % 2 == 0:
        raise CardNotUnderstood(what, len(_HEADER))
    return CardKey(modulus)
