"""The key of the day's roster, and the passphrases that open it (design D2).

The key is random; each member of staff has a copy of it, encrypted under what Argon2id makes of their passphrase. Losing the
unit gives away neither the roster nor a passphrase.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from appliance.domain.ids import RandomBytes
from appliance.errors import SealBroken, StoreDamaged

SALT_SIZE_BYTES: Final = 16

_KEY_SIZE_BYTES: Final = 32
_NONCE_SIZE_BYTES: Final = 12
_MOST_ITERATIONS: Final = 16
_MOST_LANES: Final = 16
_MOST_MEMORY_KIB: Final = 524_288
"""Half of the memory of the smallest Pi 4."""


@dataclass(frozen=True, slots=True)
class PassphraseCost:
    """How dear one guess is; stored beside each member of staff, so that it can rise later."""

    iterations: int
    lanes: int
    memory_kib: int

    def __post_init__(self) -> None:
        """Refuse a cost that Argon2id does not know (RFC 9106 §3.1) or that no unit can pay.

        Raises:
            StoreDamaged: `row`, since a cost comes from this program or from a row.
        """
        is_payable = (
            1 <= self.iterations <= _MOST_ITERATIONS
            and 1 <= self.lanes <= _MOST_LANES
            and 8 * self.lanes <= self.memory_kib <= _MOST_MEMORY_KIB
        )
        if not is_payable:
            raise StoreDamaged("row")


FIELD_COST: Final = PassphraseCost(iterations=3, lanes=4, memory_kib=65_536)
"""RFC 9106 §4, second recommended choice: 64 MiB fit a Pi 4 beside everything else."""


class RosterKey:
    """What encrypts the roster; it never shows itself."""

    __slots__ = ("_aead", "_raw")

    def __init__(self, raw: bytes) -> None:
        """Hold 32 secret bytes."""
        self._raw = raw
        self._aead = ChaCha20Poly1305(raw)

    @classmethod
    def generate(cls, random_bytes: RandomBytes) -> Self:
        """Make a new key."""
        return cls(random_bytes(_KEY_SIZE_BYTES))

    def encrypt(self, plain: bytes, bound_to: bytes, random_bytes: RandomBytes) -> bytes:
        """Return nonce and encrypted bytes that open only together with `bound_to`."""
        nonce = random_bytes(_NONCE_SIZE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, bound_to)

    def decrypt(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Return what was encrypted with this key and `bound_to`.

        Raises:
            SealBroken: part `seal`.
        """
        try:
            return self._aead.decrypt(sealed[:_NONCE_SIZE_BYTES], sealed[_NONCE_SIZE_BYTES:], bound_to)
        except (InvalidTag, ValueError) as error:
            raise SealBroken("seal") from error

    def wrap(self, wrapping: RosterKey, bound_to: bytes, random_bytes: RandomBytes) -> bytes:
        """Return this key, encrypted under `wrapping`."""
        return wrapping.encrypt(self._raw, bound_to, random_bytes)

    def unwrap(self, wrapped: bytes, bound_to: bytes) -> RosterKey:
        """Return the key that was wrapped under this one.

        Raises:
            SealBroken: part `seal`: another passphrase, another person, another unit, or damage.
        """
        return RosterKey(self.decrypt(wrapped, bound_to))


def key_from_passphrase(passphrase: str, salt: bytes, cost: PassphraseCost) -> RosterKey:
    """Return the key that a passphrase makes; costs what `cost` says in time and memory.

    Full-width and half-width spellings are one passphrase, because an input method may type either.

    Raises:
        StoreDamaged: `row`: the salt has not the size that this program gives it.
    """
    if len(salt) != SALT_SIZE_BYTES:
        raise StoreDamaged("row")
    spelling = unicodedata.normalize("NFKC", passphrase).encode()
    derivation = Argon2id(
        salt=salt,
        length=_KEY_SIZE_BYTES,
        iterations=cost.iterations,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    )
    return RosterKey(derivation.derive(spelling))
