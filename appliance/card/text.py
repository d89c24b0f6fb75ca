"""The text application's files within reach: the four attributes, and what proves them (card.md §6).

Chip text is for searching only; names are shown from the pictures of the card face, because fonts lack characters
(R05).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from appliance.card.attributes import Sex, digest_of, parse_date, parse_sex, parse_signature, require_offsets
from appliance.card.reach import SHA256_DIGEST_INFO, Application
from appliance.card.tlv import Buffer, Tlv, read_object
from appliance.domain.ephemeral import Ephemeral, Wiped
from appliance.errors import CardNotGenuine, CardNotUnderstood
from appliance.trust.card_key import CardKey, parse_card_key

FOUR_ATTRIBUTES: Final = "text 0002"
SIGNED_DIGESTS: Final = "text 0003"
CARD_KEY: Final = "text 0007"
_SHA256_SIZE_BYTES: Final = 32
_DIGESTS_CHECK: Final = "record_signature"
_ATTRIBUTES_CHECK: Final = "attributes_digest"
_KEY_CHECK: Final = "card_key"


@dataclass(frozen=True, slots=True)
class FourAttributes(Wiped):
    """Name, address, birth date and sex (EF 0002, 基本4情報)."""

    name: Ephemeral
    """UTF-8; family and given name parted by U+3000."""
    address: Ephemeral
    """UTF-8, without postal code."""
    birth_date: date
    sex: Sex
    digest: bytes
    """SHA-256 from DF22 to the end of DF25 as stored, to be compared with the signed one (card.md §6.3)."""

    def wipe(self) -> None:
        """Overwrite name and address; safe to call again."""
        self.name.wipe()
        self.address.wipe()

    def __repr__(self) -> str:
        return "FourAttributes(hidden)"


@dataclass(frozen=True, slots=True)
class SignedDigests:
    """What the issuer signed about the text files (EF 0003), for the length of one check.

    The digest of the My Number file is not kept: twelve digits behind a plain hash can be found by trying (design D11).
    Digest and signature over it serve the same search, so no result may hold this.
    """

    attributes_digest: bytes
    signed_digest: bytes
    """SHA-256 over both digest objects as stored, which the signature is over."""
    signature: bytes

    def __repr__(self) -> str:
        return "SignedDigests(hidden)"


@dataclass(frozen=True, slots=True)
class CertifiedCardKey:
    """The key that answers challenges in this application, signed by the issuer (EF 0007)."""

    key: CardKey
    signed_digest: bytes
    """SHA-256 over the key's object as stored."""
    signature: bytes

    def __repr__(self) -> str:
        return "CertifiedCardKey(hidden)"


@dataclass(frozen=True, slots=True)
class TextEvidence:
    """All that the issuer signed in this application, for the length of one check; None is what the chip lacks."""

    application: ClassVar = Application.TEXT_ASSIST

    attributes_digest: bytes
    """Of the attributes as they were read."""
    digests: SignedDigests | None
    certified: CertifiedCardKey | None

    def vouched_key(self, issuer_key: CardKey) -> CardKey:
        """Return the card's key after the issuer vouched for the attributes and for it.

        Raises:
            CardNotGenuine: a signature is missing or does not hold, or the attributes are not those that were signed.
        """
        if self.digests is None:
            raise CardNotGenuine(_DIGESTS_CHECK)
        signed_info = SHA256_DIGEST_INFO + self.digests.signed_digest
        issuer_key.verify_digest_info(signed_info, self.digests.signature, _DIGESTS_CHECK)
        if not hmac.compare_digest(self.digests.attributes_digest, self.attributes_digest):
            raise CardNotGenuine(_ATTRIBUTES_CHECK)
        if self.certified is None:
            raise CardNotGenuine(_KEY_CHECK)
        key_info = SHA256_DIGEST_INFO + self.certified.signed_digest
        issuer_key.verify_digest_info(key_info, self.certified.signature, _KEY_CHECK)
        return self.certified.key

    def __repr__(self) -> str:
        return "TextEvidence(hidden)"


def parse_four_attributes(content: Buffer) -> FourAttributes:
    """Return the attributes in the bytes of EF 0002.

    Raises:
        CardNotUnderstood: another layout, or text that is not UTF-8.
    """
    outermost = read_object(content, FOUR_ATTRIBUTES, filler_allowed=True).require(0xFF20)
    table, *fields = outermost.fields(*range(0xDF21, 0xDF26))
    require_offsets(table, fields)
    name, address, birth, sex = fields
    # Nothing personal is held before all of it has passed, so that a refusal leaves nothing behind.
    _require_utf8(name, address)
    birth_date, parsed_sex = parse_date(birth), parse_sex(sex)
    return FourAttributes(_hold(name), _hold(address), birth_date, parsed_sex, digest_of(*fields))


def parse_signed_digests(content: Buffer) -> SignedDigests:
    """Return what the bytes of EF 0003 prove.

    Raises:
        CardNotUnderstood: another layout.
    """
    outermost = read_object(content, SIGNED_DIGESTS, filler_allowed=True).require(0xFF30)
    number, attributes, signature = outermost.fields(0xDF31, 0xDF32, 0xDF33)
    number.require(0xDF31, _SHA256_SIZE_BYTES)
    return SignedDigests(
        attributes_digest=bytes(attributes.require(0xDF32, _SHA256_SIZE_BYTES).value),
        signed_digest=digest_of(number, attributes),
        signature=parse_signature(signature),
    )


def parse_certified_card_key(content: Buffer) -> CertifiedCardKey:
    """Return the key in the bytes of EF 0007.

    Raises:
        CardNotUnderstood: another layout.
    """
    outermost = read_object(content, CARD_KEY, filler_allowed=True).require(0xFF50)
    key, signature = outermost.fields(0xDF51, 0xDF52)
    return CertifiedCardKey(
        key=parse_card_key(key.value, key.name),
        signed_digest=digest_of(key),
        signature=parse_signature(signature),
    )


def _hold(text: Tlv) -> Ephemeral:
    return Ephemeral(bytearray(text.value))


def _require_utf8(*texts: Tlv) -> None:
    for text in texts:
        if not _is_utf8(text.value):
            # Raised out here because the decoder's own error carries the bytes.
            raise CardNotUnderstood(text.name, text.value_start)


def _is_utf8(value: memoryview) -> bool:
    try:
        str(value, "utf-8")
    except UnicodeDecodeError:
        return False
    return True
