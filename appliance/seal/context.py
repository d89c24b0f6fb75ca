"""Where a sealed record belongs: bound into the seal and under the unit's signature (design D2).

A record taken out of its place (another unit, another position, another visit, another office) neither opens nor
verifies, because the place is part of both calculations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from appliance.domain.audit import LINK_SIZE_BYTES
from appliance.domain.ids import OfficeKeyId, UnitId, VisitId, parse_unit_id
from appliance.domain.outbox import Slot
from appliance.errors import FactsMalformed, SealBroken
from appliance.seal.codec import LARGEST_NUMBER, Field, Fields, encode

FORMAT_VERSION: Final = 1
"""The newest shape of a sealed record that this program writes."""

_HEXADECIMAL: Final = re.compile(r"[0-9a-f]*")
_VISIT_ID_DIGITS: Final = 32
_KEY_ID_DIGITS: Final = 16
_UNIT_ID_LONGEST: Final = 32


@dataclass(frozen=True, slots=True)
class SealContext:
    """The place of one record: nothing here is personal, all of it travels in clear."""

    format_version: int
    unit: UnitId
    sequence: int
    """1 for the unit's first record."""
    previous_link: bytes
    """Head of the unit's audit chain just before this record: 32 bytes."""
    visit: VisitId
    office_key_id: OfficeKeyId
    """Whose key opens the seal."""

    def __post_init__(self) -> None:
        """Refuse a context that could not be read back.

        Raises:
            SealBroken: part `context`.
        """
        right = (
            self.format_version == FORMAT_VERSION,
            1 <= self.sequence <= LARGEST_NUMBER,
            len(self.previous_link) == LINK_SIZE_BYTES,
            is_hexadecimal(self.visit, _VISIT_ID_DIGITS),
            is_hexadecimal(self.office_key_id, _KEY_ID_DIGITS),
        )
        if not all(right):
            raise SealBroken("context")

    @classmethod
    def of(cls, slot: Slot, visit: VisitId, office_key_id: OfficeKeyId) -> Self:
        """Return the context of the record that takes `slot`."""
        return cls(FORMAT_VERSION, slot.unit, slot.sequence, slot.previous_link, visit, office_key_id)

    def to_fields(self) -> tuple[Field, ...]:
        """Return what stands behind the version, in the order of the format."""
        return self.unit, self.sequence, self.previous_link, self.visit, self.office_key_id

    def to_bytes(self) -> bytes:
        """Return the canonical bytes for the seal's `info` parameter (RFC 9180 §5.1)."""
        return encode(self.format_version, *self.to_fields())

    @classmethod
    def take(cls, fields: Fields) -> Self:
        """Take a context of `FORMAT_VERSION` from the fields of an envelope.

        Raises:
            SealBroken: part `format` or `context`.
        """
        return cls(
            FORMAT_VERSION,
            take_unit(fields),
            fields.number(),
            fields.octets(longest=LINK_SIZE_BYTES),
            VisitId(fields.text(_VISIT_ID_DIGITS)),
            OfficeKeyId(fields.text(_KEY_ID_DIGITS)),
        )


def take_unit(fields: Fields) -> UnitId:
    """Take a well-formed unit id.

    Raises:
        SealBroken: part `format`.
    """
    try:
        return parse_unit_id(fields.text(_UNIT_ID_LONGEST))
    except FactsMalformed as error:
        raise SealBroken("format") from error


def is_hexadecimal(text: str, digits: int) -> bool:
    """Tell whether `text` is exactly so many lower-case hexadecimal digits."""
    return len(text) == digits and _HEXADECIMAL.fullmatch(text) is not None
