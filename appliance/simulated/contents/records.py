"""The TLV records of the chip as their issuer writes them: encoding only (card.md §6, §7, §8, §11).

Written apart from `appliance.card.tlv`, which reads them: two programs from one description.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from appliance.simulated.card.rsa import EXPONENT, RsaKey

FILLER: Final = b"\xff"
FACE_DIGEST_INFO: Final = bytes.fromhex("3071300D060960864801650304020105000460")
"""Header of the 96-byte digest that signs a card face (card.md §7.1)."""
_SHORT_LENGTH_MAX: Final = 0x7F


def tlv(tag: int, value: bytes, *, long_form: bool = False) -> bytes:
    """Return one object with a two-byte or longer tag; lengths over 127 (or `long_form`) take three bytes."""
    tag_bytes = tag.to_bytes(2 if tag > 0xFF else 1, "big")
    if len(value) > _SHORT_LENGTH_MAX or long_form:
        return tag_bytes + b"\x82" + len(value).to_bytes(2, "big") + value
    return tag_bytes + bytes((len(value),)) + value


def public_key(key: RsaKey) -> bytes:
    """Return the 265-byte public key value: exponent and modulus (card.md §7.1)."""
    return tlv(0x90, EXPONENT.to_bytes(3, "big")) + tlv(0x91, key.modulus.to_bytes(256, "big"))


def key_id(number: str, group: str, suffix: int) -> bytes:
    """Return a 16-byte key identifier: seven digits, a constant, three digits, a four-byte number (card.md §11)."""
    return number.encode() + b"\x08\x05" + group.encode() + suffix.to_bytes(4, "big")


def card_certificate(authority: RsaKey, authority_id: bytes, subject: RsaKey, subject_id: bytes) -> bytes:
    """Return the 568-byte card-verifiable certificate of `subject` (card.md §11)."""
    body = authority_id + subject_id + public_key(subject)
    return tlv(0x7F21, tlv(0x5F4E, body) + tlv(0x5F37, authority.sign_sha256(body)))


def with_offsets(tag: int, index_tag: int, fields: Sequence[bytes], *, long_form: bool = False) -> bytes:
    """Return a record whose first object lists where each of `fields` starts in the file."""
    index_size = 2 * len(fields)
    index_head = len(tlv(index_tag, bytes(index_size), long_form=long_form)) - index_size
    content_size = index_head + index_size + sum(map(len, fields))
    is_long = long_form or content_size > _SHORT_LENGTH_MAX
    offsets, position = b"", (5 if is_long else 3) + index_head + index_size
    for each in fields:
        offsets += position.to_bytes(2, "big")
        position += len(each)
    index = tlv(index_tag, offsets, long_form=long_form)
    return tlv(tag, index + b"".join(fields), long_form=long_form)


def four_attributes(
    name: str, address: str, birth_date: str, sex_code: str, *, long_form: bool = False
) -> tuple[bytes, ...]:
    """Return the objects DF22 to DF25 of the text record (card.md §6.2)."""
    values = (name, address, birth_date, sex_code)
    return tuple(
        tlv(0xDF22 + place, value.encode(), long_form=long_form) for place, value in enumerate(values)
    )


def text_signatures(number_file: bytes, attributes: Sequence[bytes], issuer: RsaKey) -> bytes:
    """Return the record of digests and signature over the text records (card.md §6.3)."""
    digests = tlv(0xDF31, hashlib.sha256(number_file).digest())
    digests += tlv(0xDF32, hashlib.sha256(b"".join(attributes)).digest())
    return tlv(0xFF30, digests + tlv(0xDF33, issuer.sign_sha256(digests)))


def age_record(birth_date: str, card_key: RsaKey, issuer: RsaKey, *, long_form: bool = False) -> bytes:
    """Return the 547-byte age record (card.md §7.2)."""
    signed = tlv(0xDF11, birth_date.encode(), long_form=long_form) + tlv(0xDF12, public_key(card_key))
    return tlv(0xFF10, signed + tlv(0xDF13, issuer.sign_sha256(signed)))


def number_picture_record(picture: bytes, card_key: RsaKey, issuer: RsaKey) -> bytes:
    """Return the record with the drawn number (card.md §7.3)."""
    signed = tlv(0xDF41, picture) + tlv(0xDF42, public_key(card_key))
    return tlv(0xFF40, signed + tlv(0xDF43, issuer.sign_sha256(signed)))


def card_face(
    identity: tuple[bytes, bytes, bytes],
    pictures: tuple[bytes, bytes],
    photo: bytes,
    issuer: RsaKey,
    unsigned: tuple[bytes, bytes],
    *,
    long_form: bool = False,
) -> bytes:
    """Return the card face record from its objects (card.md §7.1).

    `identity` holds DF22 to DF24, `pictures` DF25 and DF26, `photo` DF27; `unsigned` holds DF29 and DF2A, which the
    signature does not cover.
    """
    groups = (b"".join(identity), b"".join(pictures), photo)
    digest = b"".join(hashlib.sha256(group).digest() for group in groups)
    signature = tlv(0xDF28, issuer.sign_payload(FACE_DIGEST_INFO + digest))
    fields = (*identity, *pictures, photo, signature, *unsigned)
    return with_offsets(0xFF20, 0xDF21, fields, long_form=long_form)


def surface_basics(key_reference: bytes, opaque_key: bytes, municipality: str, version: int = 0) -> bytes:
    """Return the surface application's basic information; `opaque_key` names the key of its last object (card.md §7.4)."""
    return tlv(
        0xFF30,
        tlv(0xDF31, bytes.fromhex("06030E01"))
        + tlv(0xDF32, key_reference)
        + tlv(0xDF33, bytes((version,)))
        + tlv(0xDF34, municipality.encode())
        + tlv(0xDF35, opaque_key + FILLER * 256),
    )


def text_basics(key_reference: bytes) -> bytes:
    """Return the text application's basic information with its non-minimal lengths (card.md §6.4)."""
    content = tlv(0xDF41, bytes.fromhex("01030E01")) + tlv(0xDF42, key_reference)
    content += tlv(0xDF43, bytes(32) + FILLER * 96, long_form=True)
    return tlv(0xFF40, content, long_form=True).ljust(256, FILLER)


def certified_public_key(key: RsaKey, issuer: RsaKey) -> bytes:
    """Return the text application's key record with its issuer's signature (card.md §6.5)."""
    signed = tlv(0xDF51, public_key(key))
    return tlv(0xFF50, signed + tlv(0xDF52, issuer.sign_sha256(signed)))


def token_information(label: str) -> bytes:
    """Return the 160-byte token information of the JPKI application (card.md §5.2)."""
    texts = ((label, 32), ("JPKI-SIM", 32), ("TRAINING", 16), ("0000000000000000", 16))
    head = b"".join(text.encode().ljust(size) for text, size in texts)
    numbers = (0x0000040D, 1, 0, 1, 0, 16, 6, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
    return head + b"".join(number.to_bytes(4, "big") for number in numbers) + b"03" + b"01" + b"9" * 16
