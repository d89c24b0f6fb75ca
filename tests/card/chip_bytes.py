"""Bytes as an invented chip holds them, written from card.md §6 and §7; encodes only.

Shares no line with the product's parsers, nor with the simulated card.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from appliance.trust.issuer_keys import IssuerKeys, parse_issuer_keys
from tests.trust.authority import (
    card_key_bytes,
    cv_certificate,
    issuer_toml,
    sign_digest_info,
    sign_message,
)

FACE_DIGEST_INFO = bytes.fromhex("30 71 30 0D 06 09 60 86 48 01 65 03 04 02 01 05 00 04 60")
NUMBER_FILE = bytes.fromhex("FF100C") + b"000000000001" + bytes.fromhex("FFFF")
"""Stands for the My Number file; its check digit is wrong on purpose (card.md §9.3)."""
TEXT_AUTHORITY_ID = b"9000033\x08\x05001\x00\x00\x00\xa8"
PNG = bytes.fromhex("89504E470D0A1A0A")
JP2 = bytes.fromhex("0000000C6A502020")


def tlv(tag: int, value: bytes, form: int = 0) -> bytes:
    """Return one object; `form` forces 0x81 or 0x82 lengths, also where a shorter one would do."""
    tag_bytes = tag.to_bytes((tag.bit_length() + 7) // 8, "big")
    if form == 0x81:
        return tag_bytes + bytes((0x81, len(value))) + value
    if form == 0x82 or len(value) >= 0x80:
        return tag_bytes + b"\x82" + len(value).to_bytes(2, "big") + value
    return tag_bytes + bytes((len(value),)) + value


def indexed(outer: int, table: int, fields: Sequence[bytes], form: int = 0) -> bytes:
    """Return a record whose first object lists where its other objects begin."""
    table_size = 3 + 2 * len(fields)
    content_size = table_size + sum(map(len, fields))
    at = (5 if form == 0x82 or content_size >= 0x80 else 3) + table_size
    offsets = []
    for each in fields:
        offsets.append(at.to_bytes(2, "big"))
        at += len(each)
    return tlv(outer, tlv(table, b"".join(offsets)) + b"".join(fields), form)


@dataclass
class Face:
    """What an invented card face says; every field may be replaced by something false."""

    birth_date: bytes = b"19850401"
    sex: bytes = b"2"
    key: bytes = field(default_factory=lambda: card_key_bytes("card"))
    name: bytes = PNG + b"name" * 40
    address: bytes = PNG + b"address" * 60
    photo: bytes = JP2 + b"photo" * 300
    expires_on: bytes = b"20330401"
    security_code: bytes = PNG + b"code" * 10
    signer: str = "municipality"

    def identity(self) -> list[bytes]:
        return [tlv(0xDF22, self.birth_date), tlv(0xDF23, self.sex), tlv(0xDF24, self.key)]

    def pictures(self) -> list[bytes]:
        return [tlv(0xDF25, self.name), tlv(0xDF26, self.address)]

    def digest(self) -> bytes:
        groups = (self.identity(), self.pictures(), [tlv(0xDF27, self.photo)])
        return b"".join(hashlib.sha256(b"".join(group)).digest() for group in groups)

    def fields(self) -> list[bytes]:
        signature = sign_digest_info(self.signer, FACE_DIGEST_INFO + self.digest())
        return [
            *self.identity(),
            *self.pictures(),
            tlv(0xDF27, self.photo),
            tlv(0xDF28, signature),
            tlv(0xDF29, self.expires_on),
            tlv(0xDF2A, self.security_code),
        ]

    def encode(self) -> bytes:
        return indexed(0xFF20, 0xDF21, self.fields())


def age_record(birth_date: bytes = b"19850401", signer: str = "municipality", key: str = "card") -> bytes:
    signed = tlv(0xDF11, birth_date) + tlv(0xDF12, card_key_bytes(key))
    return tlv(0xFF10, signed + tlv(0xDF13, sign_message(signer, signed)))


def four_attributes(
    name: bytes = "番号　花子".encode(),
    address: bytes = "東京都千代田区霞が関２－１－２".encode(),
    birth_date: bytes = b"19850401",
    sex: bytes = b"2",
) -> bytes:
    fields = [tlv(0xDF22, name), tlv(0xDF23, address), tlv(0xDF24, birth_date), tlv(0xDF25, sex)]
    return indexed(0xFF20, 0xDF21, fields)


def signed_digests(number_file: bytes, attributes_file: bytes, signer: str = "municipality") -> bytes:
    attributes_start = int.from_bytes(attributes_file[6:8], "big")
    digests = tlv(0xDF31, hashlib.sha256(number_file).digest())
    digests += tlv(0xDF32, hashlib.sha256(attributes_file[attributes_start:]).digest())
    return tlv(0xFF30, digests + tlv(0xDF33, sign_message(signer, digests)))


def certified_card_key(key: str = "card", signer: str = "municipality") -> bytes:
    signed = tlv(0xDF51, card_key_bytes(key))
    return tlv(0xFF50, signed + tlv(0xDF52, sign_message(signer, signed)))


def card_certificate() -> bytes:
    return cv_certificate()


def text_certificate(authority: str = "text authority") -> bytes:
    return cv_certificate(authority, authority_id=TEXT_AUTHORITY_ID)


def issuers_of_both() -> IssuerKeys:
    """Return the authorities of surface and text application."""
    text = issuer_toml("text authority", key_id=f'"{TEXT_AUTHORITY_ID.hex()}"')
    return IssuerKeys.for_training(parse_issuer_keys(issuer_toml() + text))
