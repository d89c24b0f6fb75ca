"""The three key pairs behind every record: the unit signs, the office opens, the office signs receipts.

Private keys have no text form here and no representation that shows them; their bytes leave only by `to_private_bytes`,
for a caller that writes them with mode 0600. A unit's key class is part of its public identity: a software key can never
pass as the hardware key that was claimed before it (proof.md §3).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum, unique
from typing import Final, Protocol, Self

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from appliance.domain.ids import OfficeKeyId, RandomBytes
from appliance.errors import SealBroken
from appliance.seal.codec import Fields, encode

SIGNATURE_SIZE_BYTES: Final = 64
"""Ed25519 (RFC 8032 §5.1.6)."""
SEAL_OVERHEAD_BYTES: Final = 1136
"""Encapsulated key (1,088 + 32) and tag (16) of the hybrid suite (mqtt.md §4)."""

_VERSION: Final = 1
_LIMIT_BYTES: Final = 4096
_ED25519_BYTES: Final = 32
_MLKEM768_SEED_BYTES: Final = 64
_MLKEM768_PUBLIC_BYTES: Final = 1184
_X25519_BYTES: Final = 32
_KEY_ID_DIGITS: Final = 16


def _suite() -> Suite:
    """Return the one suite: hybrid KEM, and an AEAD that is fast without AES instructions (design D2)."""
    return Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def _key_id(public_bytes: bytes) -> str:
    return hashlib.sha256(public_bytes).hexdigest()[:_KEY_ID_DIGITS]


def _decode(encoded: bytes, shape: str) -> Fields:
    """Return the fields of a stored key behind its version and its name, so that no key passes as another kind."""
    fields = Fields.decode(encoded, shape=shape, version=_VERSION, limit_bytes=_LIMIT_BYTES)
    if fields.text(len(shape)) != shape:
        raise SealBroken("format")
    return fields


def _take_whole(encoded: bytes, shape: str, size_bytes: int) -> bytes:
    fields = _decode(encoded, shape)
    whole = fields.octets(longest=size_bytes, shortest=size_bytes)
    fields.end()
    return whole


def _demand_size(raw: bytes, size_bytes: int) -> None:
    if len(raw) != size_bytes:
        raise SealBroken("format")


def _check(public: Ed25519PublicKey, signature: bytes, message: bytes) -> None:
    try:
        public.verify(signature, message)
    except InvalidSignature as error:
        raise SealBroken("signature") from error


@unique
class KeyClass(Enum):
    """How well a unit's private key is guarded; shown wherever the unit is shown."""

    SOFTWARE = "software"
    """A file in the unit's home: copied with the disk."""
    BOARD_BOUND = "board_bound"
    """Wrapped by a secret fused into this board."""
    TPM = "tpm"
    """Made in a TPM 2.0 and never outside it."""
    SECURE_ELEMENT = "secure_element"
    """Made in a secure element and never outside it."""


@dataclass(frozen=True, slots=True)
class UnitPublicKey:
    """A unit's identity, pinned by the office when the unit is claimed."""

    key_class: KeyClass
    raw: bytes
    """Ed25519 public key, 32 bytes."""

    def __post_init__(self) -> None:
        """Refuse bytes that are no key.

        Raises:
            SealBroken: part `format`.
        """
        _demand_size(self.raw, _ED25519_BYTES)

    @property
    def key_id(self) -> str:
        """16 hexadecimal digits over class and key: the same key in another class is another identity."""
        return _key_id(self.to_bytes())

    def verify(self, signature: bytes, message: bytes) -> None:
        """Accept a signature by this unit.

        Raises:
            SealBroken: part `signature`.
        """
        _check(Ed25519PublicKey.from_public_bytes(self.raw), signature, message)

    def to_bytes(self) -> bytes:
        """Return the stored form: not secret."""
        return encode(_VERSION, "unit_public", self.key_class.value, self.raw)

    @classmethod
    def from_bytes(cls, encoded: bytes) -> Self:
        """Read the stored form.

        Raises:
            SealBroken: part `format`.
            FormatUnknown: a newer form.
        """
        fields = _decode(encoded, "unit_public")
        key_class = _take_class(fields)
        raw = fields.octets(longest=_ED25519_BYTES)
        fields.end()
        return cls(key_class, raw)


class UnitKey(Protocol):
    """A unit's private key, wherever it is kept; a key of one class is never replaced by another silently."""

    @property
    def public(self) -> UnitPublicKey:
        """The identity that verifies what this key signs."""

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature over `message`."""


class SoftwareUnitKey:
    """A unit key of class `software`."""

    __slots__ = ("_private",)

    def __init__(self, seed: bytes) -> None:
        """Hold the key that grows from a 32-byte seed."""
        self._private = Ed25519PrivateKey.from_private_bytes(seed)

    @classmethod
    def generate(cls, random_bytes: RandomBytes) -> Self:
        """Make a new key."""
        return cls(random_bytes(_ED25519_BYTES))

    @property
    def public(self) -> UnitPublicKey:
        """The identity that verifies what this key signs."""
        return UnitPublicKey(KeyClass.SOFTWARE, self._private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature over `message`."""
        return self._private.sign(message)

    def to_private_bytes(self) -> bytes:
        """Return the stored form: secret, for a file of mode 0600."""
        return encode(_VERSION, "unit_private", KeyClass.SOFTWARE.value, self._private.private_bytes_raw())

    @classmethod
    def from_private_bytes(cls, encoded: bytes) -> Self:
        """Read the stored form.

        Raises:
            SealBroken: part `format`, also when the stored key says that it is of another class.
            FormatUnknown: a newer form.
        """
        fields = _decode(encoded, "unit_private")
        if _take_class(fields) is not KeyClass.SOFTWARE:
            raise SealBroken("format")
        seed = fields.octets(longest=_ED25519_BYTES, shortest=_ED25519_BYTES)
        fields.end()
        return cls(seed)


def _take_class(fields: Fields) -> KeyClass:
    try:
        return KeyClass(fields.text(32))
    except ValueError as error:
        raise SealBroken("format") from error


@dataclass(frozen=True, slots=True)
class OfficeSealingPublicKey:
    """What every unit seals to."""

    raw: bytes
    """ML-KEM-768 public key (1,184 bytes) and X25519 public key (32 bytes), joined."""

    def __post_init__(self) -> None:
        """Refuse bytes that are no key, found by sealing to it once: a weak point passes every other check.

        Raises:
            SealBroken: part `format`.
        """
        _demand_size(self.raw, _MLKEM768_PUBLIC_BYTES + _X25519_BYTES)
        try:
            self.seal(b"", b"")
        except ValueError as error:
            raise SealBroken("format") from error

    @property
    def key_id(self) -> OfficeKeyId:
        """16 hexadecimal digits that name this key."""
        return OfficeKeyId(_key_id(self.raw))

    def seal(self, plain: bytes, info: bytes) -> bytes:
        """Return `plain` sealed in HPKE base mode with `info` bound in; adds `SEAL_OVERHEAD_BYTES`."""
        kem, exchange = self.raw[:_MLKEM768_PUBLIC_BYTES], self.raw[_MLKEM768_PUBLIC_BYTES:]
        public = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(kem), X25519PublicKey.from_public_bytes(exchange)
        )
        return _suite().encrypt(plain, public, info=info)

    def to_bytes(self) -> bytes:
        """Return the stored form: not secret."""
        return encode(_VERSION, "office_sealing_public", self.raw)

    @classmethod
    def from_bytes(cls, encoded: bytes) -> Self:
        """Read the stored form.

        Raises:
            SealBroken: part `format`.
            FormatUnknown: a newer form.
        """
        return cls(
            _take_whole(encoded, "office_sealing_public", _MLKEM768_PUBLIC_BYTES + _X25519_BYTES),
        )


class OfficeSealingPrivateKey:
    """What opens the records of all units; it lives at the office only."""

    __slots__ = ("_exchange", "_kem", "public")

    def __init__(self, seed: bytes) -> None:
        """Hold the pair that grows from 96 bytes: 64 for ML-KEM-768, 32 for X25519."""
        self._kem = MLKEM768PrivateKey.from_seed_bytes(seed[:_MLKEM768_SEED_BYTES])
        self._exchange = X25519PrivateKey.from_private_bytes(seed[_MLKEM768_SEED_BYTES:])
        self.public: Final = OfficeSealingPublicKey(
            self._kem.public_key().public_bytes_raw() + self._exchange.public_key().public_bytes_raw()
        )

    @classmethod
    def generate(cls, random_bytes: RandomBytes) -> Self:
        """Make a new pair."""
        return cls(random_bytes(_MLKEM768_SEED_BYTES + _X25519_BYTES))

    @property
    def key_id(self) -> OfficeKeyId:
        """16 hexadecimal digits that name this key."""
        return self.public.key_id

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Return what was sealed to this key with the same `info`.

        Raises:
            SealBroken: part `seal`.
        """
        try:
            return _suite().decrypt(sealed, MLKEM768X25519PrivateKey(self._kem, self._exchange), info=info)
        except InvalidTag as error:
            raise SealBroken("seal") from error

    def to_private_bytes(self) -> bytes:
        """Return the stored form: secret, for a file of mode 0600."""
        seed = self._kem.private_bytes_raw() + self._exchange.private_bytes_raw()
        return encode(_VERSION, "office_sealing_private", seed)

    @classmethod
    def from_private_bytes(cls, encoded: bytes) -> Self:
        """Read the stored form.

        Raises:
            SealBroken: part `format`.
            FormatUnknown: a newer form.
        """
        return cls(_take_whole(encoded, "office_sealing_private", _MLKEM768_SEED_BYTES + _X25519_BYTES))


@dataclass(frozen=True, slots=True)
class OfficeSigningPublicKey:
    """What every unit checks receipts with."""

    raw: bytes
    """Ed25519 public key, 32 bytes."""

    def __post_init__(self) -> None:
        """Refuse bytes that are no key.

        Raises:
            SealBroken: part `format`.
        """
        _demand_size(self.raw, _ED25519_BYTES)

    @property
    def key_id(self) -> OfficeKeyId:
        """16 hexadecimal digits that name this key."""
        return OfficeKeyId(_key_id(self.raw))

    def verify(self, signature: bytes, message: bytes) -> None:
        """Accept a signature by the office.

        Raises:
            SealBroken: part `signature`.
        """
        _check(Ed25519PublicKey.from_public_bytes(self.raw), signature, message)

    def to_bytes(self) -> bytes:
        """Return the stored form: not secret."""
        return encode(_VERSION, "office_signing_public", self.raw)

    @classmethod
    def from_bytes(cls, encoded: bytes) -> Self:
        """Read the stored form.

        Raises:
            SealBroken: part `format`.
            FormatUnknown: a newer form.
        """
        return cls(_take_whole(encoded, "office_signing_public", _ED25519_BYTES))


class OfficeSigningPrivateKey:
    """What makes a receipt the office's word."""

    __slots__ = ("_private",)

    def __init__(self, seed: bytes) -> None:
        """Hold the key that grows from a 32-byte seed."""
        self._private = Ed25519PrivateKey.from_private_bytes(seed)

    @classmethod
    def generate(cls, random_bytes: RandomBytes) -> Self:
        """Make a new key."""
        return cls(random_bytes(_ED25519_BYTES))

    @property
    def public(self) -> OfficeSigningPublicKey:
        """What units check receipts with."""
        return OfficeSigningPublicKey(self._private.public_key().public_bytes_raw())

    @property
    def key_id(self) -> OfficeKeyId:
        """16 hexadecimal digits that name this key."""
        return self.public.key_id

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature over `message`."""
        return self._private.sign(message)

    def to_private_bytes(self) -> bytes:
        """Return the stored form: secret, for a file of mode 0600."""
        return encode(_VERSION, "office_signing_private", self._private.private_bytes_raw())

    @classmethod
    def from_private_bytes(cls, encoded: bytes) -> Self:
        """Read the stored form.

        Raises:
            SealBroken: part `format`.
            FormatUnknown: a newer form.
        """
        return cls(_take_whole(encoded, "office_signing_private", _ED25519_BYTES))
