"""How the parts of a roster are written before they are encrypted: a heading, and one entry for each person."""

from __future__ import annotations

from datetime import date
from typing import Final

from appliance.domain.ids import PersonId
from appliance.domain.roster import RosterEntry
from appliance.errors import SealBroken
from appliance.seal.codec import Fields, encode

ROSTER_VERSION: Final = 1
"""The newest shape of a roster part that this program writes."""

_PART_LIMIT_BYTES: Final = 4_096
_TEXT_LONGEST: Final = 256
_DATE_LONGEST: Final = 10


def encode_heading(facility: str, visit_on: date) -> bytes:
    """Return the heading's bytes."""
    return encode(ROSTER_VERSION, facility, visit_on.isoformat())


def decode_heading(part: bytes) -> tuple[str, date]:
    """Return facility and day.

    Raises:
        SealBroken: part `format`.
        FormatUnknown: a heading of another version.
    """
    fields = _fields(part)
    heading = fields.text(_TEXT_LONGEST), _date(fields.text(_DATE_LONGEST))
    fields.end()
    return heading


def encode_entry(entry: RosterEntry) -> bytes:
    """Return one person's bytes; the id is bound from outside."""
    born = entry.birth_date.isoformat() if entry.birth_date else ""
    return encode(ROSTER_VERSION, entry.name, entry.name_kana, entry.room, born)


def decode_entry(person: PersonId, part: bytes) -> RosterEntry:
    """Return one person's entry.

    Raises:
        SealBroken: part `format`.
        FormatUnknown: an entry of another version.
    """
    fields = _fields(part)
    name, name_kana, room = (fields.text(_TEXT_LONGEST) for _ in range(3))
    born = fields.text(_DATE_LONGEST)
    fields.end()
    return RosterEntry(person, name, name_kana, room, _date(born) if born else None)


def _fields(part: bytes) -> Fields:
    return Fields.decode(part, shape="roster", version=ROSTER_VERSION, limit_bytes=_PART_LIMIT_BYTES)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SealBroken("format") from error
