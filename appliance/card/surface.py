"""The surface application's files: what the front of a card shows, signed (card.md §7).

Pictures and photo are kept in buffers that can be wiped. Of the signed objects only their digests are kept, taken
while the file is still in one piece.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Final

from appliance.card.attributes import Sex, digest_of, parse_date, parse_sex, parse_signature, require_offsets
from appliance.card.reach import SHA256_DIGEST_INFO, Application
from appliance.card.tlv import Buffer, Tlv, read_object
from appliance.domain.ephemeral import Ephemeral, Wiped
from appliance.errors import CardNotUnderstood
from appliance.trust.card_key import CardKey, parse_card_key
from appliance.trust.key_id import KEY_ID_SIZE_BYTES, KeyId

CARD_FACE: Final = "surface 0002"
AGE_RECORD: Final = "surface 0001"
BASIC_INFORMATION: Final = "surface 0003"
FACE_DIGEST_INFO: Final = bytes.fromhex("3071300D060960864801650304020105000460")
"""Stands before the 96-byte digest of a card face; names SHA-256 though it holds three of them (card.md §7.1)."""

_RECORD: Final = "record_signature"
_SPECIFICATION_SIZE_BYTES: Final = 4
_VERSION_SIZE_BYTES: Final = 1
_MUNICIPALITY_CODE_SIZE: Final = 5
_LOADED_KEY_SIZE_BYTES: Final = 272


@dataclass(frozen=True, slots=True)
class UnsignedFace(Wiped):
    """What the card face says outside the issuer's signature: never proven, whatever the other checks say (F9.21)."""

    expires_on: date
    security_code_picture: Ephemeral
    """PNG, 1 bit."""

    def wipe(self) -> None:
        """Overwrite the picture; safe to call again."""
        self.security_code_picture.wipe()

    def __repr__(self) -> str:
        return "UnsignedFace(hidden)"


@dataclass(frozen=True, slots=True)
class SurfaceRecord(Wiped):
    """The card face (EF 0002); nothing in it is proven before `genuineness.verify_card` returns."""

    application: ClassVar = Application.SURFACE

    birth_date: date
    sex: Sex
    card_public_key: CardKey
    name_picture: Ephemeral
    """PNG, 1 bit."""
    address_picture: Ephemeral
    """PNG, 1 bit."""
    photo: Ephemeral
    """JPEG 2000 in a JP2 container, grey."""
    signature: bytes
    unsigned: UnsignedFace
    """Not proven even when the card is genuine."""
    signed_digest: bytes
    """The 96 bytes that the issuer signed: identity group, pictures, photo (card.md §7.1)."""

    def wipe(self) -> None:
        """Overwrite the pictures; safe to call again."""
        for part in (self.name_picture, self.address_picture, self.photo, self.unsigned):
            part.wipe()

    def vouched_key(self, issuer_key: CardKey) -> CardKey:
        """Return the card's key after the issuer's signature held.

        Raises:
            CardNotGenuine: it does not hold.
        """
        issuer_key.verify_digest_info(FACE_DIGEST_INFO + self.signed_digest, self.signature, _RECORD)
        return self.card_public_key

    def __repr__(self) -> str:
        return "SurfaceRecord(hidden)"


@dataclass(frozen=True, slots=True)
class AgeRecord:
    """The signed birth date alone (EF 0001); not proven before `genuineness.verify_card` returns."""

    application: ClassVar = Application.SURFACE

    birth_date: date
    card_public_key: CardKey
    signature: bytes
    signed_digest: bytes
    """SHA-256 over the two signed objects as stored (card.md §7.2)."""

    def vouched_key(self, issuer_key: CardKey) -> CardKey:
        """Return the card's key after the issuer's signature held.

        Raises:
            CardNotGenuine: it does not hold.
        """
        issuer_key.verify_digest_info(SHA256_DIGEST_INFO + self.signed_digest, self.signature, _RECORD)
        return self.card_public_key

    def __repr__(self) -> str:
        return "AgeRecord(hidden)"


@dataclass(frozen=True, slots=True)
class SurfaceInformation:
    """Basic information (EF 0003): how the application was made, and by which municipality."""

    specification: bytes
    authority: KeyId
    version: int
    municipality_code: str
    """Five digits, 全国地方公共団体コード without its check digit."""
    loaded_keys: bytes = field(repr=False)
    """Key identifier and 256 bytes without a known meaning."""


def parse_card_face(content: Buffer) -> SurfaceRecord:
    """Return the record in the bytes of EF 0002.

    Raises:
        CardNotUnderstood: another layout, or a field that cannot be what its tag says.
    """
    table, *fields = _outermost(content, CARD_FACE, 0xFF20).fields(0xDF21, *range(0xDF22, 0xDF2B))
    require_offsets(table, fields)
    birth, sex, key, name, address, photo, signature, expiry, security_code = fields
    return SurfaceRecord(
        birth_date=parse_date(birth),
        sex=parse_sex(sex),
        card_public_key=_parse_key(key),
        signature=parse_signature(signature),
        unsigned=UnsignedFace(parse_date(expiry), _hold(security_code)),
        name_picture=_hold(name),
        address_picture=_hold(address),
        photo=_hold(photo),
        signed_digest=digest_of(birth, sex, key) + digest_of(name, address) + digest_of(photo),
    )


def parse_age_record(content: Buffer) -> AgeRecord:
    """Return the record in the bytes of EF 0001.

    Raises:
        CardNotUnderstood: another layout.
    """
    birth, key, signature = _outermost(content, AGE_RECORD, 0xFF10).fields(0xDF11, 0xDF12, 0xDF13)
    return AgeRecord(parse_date(birth), _parse_key(key), parse_signature(signature), digest_of(birth, key))


def parse_surface_information(content: Buffer) -> SurfaceInformation:
    """Return what the bytes of EF 0003 say.

    Raises:
        CardNotUnderstood: another layout.
    """
    outermost = _outermost(content, BASIC_INFORMATION, 0xFF30)
    specification, key_id, version, municipality, loaded = outermost.fields(*range(0xDF31, 0xDF36))
    return SurfaceInformation(
        specification=bytes(specification.require(0xDF31, _SPECIFICATION_SIZE_BYTES).value),
        authority=KeyId(bytes(key_id.require(0xDF32, KEY_ID_SIZE_BYTES).value)),
        version=version.require(0xDF33, _VERSION_SIZE_BYTES).value[0],
        municipality_code=_parse_municipality(municipality),
        loaded_keys=bytes(loaded.require(0xDF35, _LOADED_KEY_SIZE_BYTES).value),
    )


def _outermost(content: Buffer, what: str, tag: int) -> Tlv:
    return read_object(content, what, filler_allowed=True).require(tag)


def _parse_key(key: Tlv) -> CardKey:
    return parse_card_key(key.value, key.name)


def _hold(picture: Tlv) -> Ephemeral:
    # The copy handed over is wiped by its new owner, so that one is left.
    return Ephemeral(bytearray(picture.value))


def _parse_municipality(code: Tlv) -> str:
    digits = bytes(code.require(code.tag, _MUNICIPALITY_CODE_SIZE).value)
    if not digits.isdigit():
        raise CardNotUnderstood(code.name, code.value_start)
    return digits.decode("ascii")
