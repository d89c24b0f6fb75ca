"""Values that surface and text application write alike: dates, sex, offset tables, signatures."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from enum import Enum, unique
from typing import Final

from appliance.card.tlv import Tlv, numbers
from appliance.errors import CardNotUnderstood
from appliance.trust.card_key import MODULUS_SIZE_BYTES

_DATE_SIZE_BYTES: Final = 8
_OFFSET_SIZE_BYTES: Final = 2


@unique
class Sex(Enum):
    """Sex as recorded (JIS X 0303, ISO/IEC 5218)."""

    UNKNOWN = "0"
    MALE = "1"
    FEMALE = "2"
    NOT_APPLICABLE = "9"


_SEXES: Final = {ord(sex.value): sex for sex in Sex}


def parse_date(field: Tlv) -> date:
    """Return the Gregorian date of eight ASCII digits YYYYMMDD.

    Raises:
        CardNotUnderstood: no such date.
    """
    digits = field.value
    if len(digits) != _DATE_SIZE_BYTES or not all(0x30 <= each <= 0x39 for each in digits):
        raise CardNotUnderstood(field.name, field.value_start)
    day = _day(*(_number(digits[start:end]) for start, end in ((0, 4), (4, 6), (6, 8))))
    if day is None:
        raise CardNotUnderstood(field.name, field.value_start)
    return day


def parse_sex(field: Tlv) -> Sex:
    """Return the sex of one ASCII digit.

    Raises:
        CardNotUnderstood: another digit.
    """
    sex = _SEXES.get(field.value[0]) if len(field.value) == 1 else None
    if sex is None:
        raise CardNotUnderstood(field.name, field.value_start)
    return sex


def parse_signature(field: Tlv) -> bytes:
    """Return an RSA-2048 signature.

    Raises:
        CardNotUnderstood: another size.
    """
    return bytes(field.require(field.tag, MODULUS_SIZE_BYTES).value)


def digest_of(*objects: Tlv) -> bytes:
    """Return SHA-256 over objects as stored, with their tags and lengths."""
    digest = hashlib.sha256()
    for each in objects:
        digest.update(each.encoded)
    return digest.digest()


def require_offsets(table: Tlv, fields: Sequence[Tlv]) -> None:
    """Check that an offset table points to each field, counted from the file's start (card.md §6.2, §7.1).

    Raises:
        CardNotUnderstood: it points elsewhere.
    """
    table.require(table.tag, _OFFSET_SIZE_BYTES * len(fields))
    if list(numbers(table.value)) != [field.start for field in fields]:
        raise CardNotUnderstood(table.name, table.value_start)


def _day(year: int, month: int, day: int) -> date | None:
    """Return the date, or None; raising inside the handler would carry an error text with the digits along."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _number(digits: memoryview) -> int:
    value = 0
    for each in digits:
        value = value * 10 + each - 0x30
    return value
