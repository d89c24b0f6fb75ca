"""Identifiers, each of its own type so that no two can be mixed up.

A person is known by a random local id only (domain.md R12): no card number, certificate number or My Number is ever an
identifier here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NewType

from appliance.errors import FactsMalformed

UnitId = NewType("UnitId", str)
"""A unit, as in topics and certificates: lower-case letters, digits and hyphens."""
PersonId = NewType("PersonId", str)
"""A person on the roster: random, local, meaningless outside the office."""
StaffId = NewType("StaffId", str)
"""A member of the outreach staff."""
VisitId = NewType("VisitId", str)
"""One person's turn on one day."""
OfficeKeyId = NewType("OfficeKeyId", str)
"""The office's sealing key: the first 16 hexadecimal digits of the SHA-256 of its public bytes."""

RandomBytes = Callable[[int], bytes]
"""A source of random bytes: `secrets.token_bytes` in service, a seeded one in tests."""

_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RECEIPT_NUMBER_DIGITS: Final = 8


def parse_unit_id(text: str) -> UnitId:
    """Return `text` as a unit id fit for a topic level and a certificate's common name.

    Raises:
        FactsMalformed: other characters than lower-case letters, digits and inner hyphens, or over 32 of them.
    """
    if not _NAME.fullmatch(text):
        raise FactsMalformed("unit")
    return UnitId(text)


def new_visit_id(random_bytes: RandomBytes) -> VisitId:
    """Return a fresh visit id of 128 random bits."""
    return VisitId(random_bytes(16).hex())


def receipt_number(record_hash: bytes) -> str:
    """Return the number on the person's slip: 40 bits of the record's hash, in two groups of four.

    The alphabet is Crockford's base 32 (no I, L, O or U), so that it survives being read over a telephone.
    """
    value = int.from_bytes(record_hash[:5], "big")
    digits = [_CROCKFORD[(value >> shift) & 31] for shift in range(5 * (_RECEIPT_NUMBER_DIGITS - 1), -1, -5)]
    return f"{''.join(digits[:4])}-{''.join(digits[4:])}"
