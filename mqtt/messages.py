"""What travels in clear: presence, small and versioned, with counts and instants but nothing personal (V4).

A message has exactly one spelling: canonical JSON of a bounded size. Reading demands that spelling, so repeated or unknown
keys, other number forms and trailing bytes are all refused. Sealed records and receipts bring their own codec
(`appliance.seal`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import Enum, unique
from typing import Any, Final

from appliance.domain.ids import UnitId, parse_unit_id
from appliance.domain.outbox import OutboxCounts
from appliance.errors import FactsMalformed, FormatUnknown

PRESENCE_VERSION: Final = 1
PRESENCE_LIMIT_BYTES: Final = 512
LARGEST_COUNT: Final = 2**31 - 1

_KEYS: Final = frozenset({"version", "unit", "session", "state", "at", "counts"})
_COUNTS: Final = frozenset(field.name for field in fields(OutboxCounts))


@unique
class PresenceState(Enum):
    """Whether the unit's line stands."""

    HERE = "here"
    """Connected; said at birth and again and again."""
    LEFT = "left"
    """Ended on purpose."""
    LOST = "lost"
    """Not ended by the unit: the broker says so in its place (the will)."""


@dataclass(frozen=True, slots=True)
class UnitPresence:
    """One unit's word about its line."""

    unit: UnitId
    session: int
    """Counts the unit's connections; one that comes twice means two units with one key (hazard H6)."""
    state: PresenceState
    at: datetime
    """By the unit's clock, UTC, whole milliseconds; for LOST the instant of connecting."""
    counts: OutboxCounts


def encode_presence(presence: UnitPresence) -> bytes:
    """Return the one spelling of a presence message."""
    shape = {
        "version": PRESENCE_VERSION,
        "unit": presence.unit,
        "session": presence.session,
        "state": presence.state.value,
        "at": presence.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "counts": asdict(presence.counts),
    }
    return json.dumps(shape, sort_keys=True, separators=(",", ":")).encode()


def parse_presence(payload: bytes) -> UnitPresence:
    """Return the presence in `payload`.

    Raises:
        FactsMalformed: not exactly what `encode_presence` writes.
        FormatUnknown: a version that this program does not know.
    """
    shape = _decode_object(payload)
    version = _number(shape, "version", least=1)
    if version != PRESENCE_VERSION:
        raise FormatUnknown("presence", version)
    presence = _take_presence(shape)
    if encode_presence(presence) != payload:
        raise FactsMalformed("canonical")
    return presence


def _decode_object(payload: bytes) -> dict[str, Any]:
    if len(payload) > PRESENCE_LIMIT_BYTES:
        raise FactsMalformed("size")
    try:
        shape = json.loads(payload)
    except (ValueError, RecursionError):
        raise FactsMalformed("json") from None
    if not isinstance(shape, dict):
        raise FactsMalformed("json")
    return shape


def _take_presence(shape: dict[str, Any]) -> UnitPresence:
    if shape.keys() != _KEYS:
        raise FactsMalformed("keys")
    counts = shape["counts"]
    if not isinstance(counts, dict) or counts.keys() != _COUNTS:
        raise FactsMalformed("counts")
    return UnitPresence(
        unit=parse_unit_id(_text(shape, "unit")),
        session=_number(shape, "session", least=1),
        state=_state(_text(shape, "state")),
        at=_instant(_text(shape, "at")),
        counts=OutboxCounts(**{name: _number(counts, name, least=0) for name in counts}),
    )


def _text(shape: dict[str, Any], key: str) -> str:
    value = shape[key]
    if not isinstance(value, str):
        raise FactsMalformed(key)
    return value


def _number(shape: dict[str, Any], key: str, *, least: int) -> int:
    value = shape.get(key)
    # `type`, because True and False are whole numbers to Python and not to JSON.
    if type(value) is not int or not least <= value <= LARGEST_COUNT:
        raise FactsMalformed(key)
    return value


def _state(word: str) -> PresenceState:
    try:
        return PresenceState(word)
    except ValueError:
        raise FactsMalformed("state") from None


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise FactsMalformed("at") from None
    if instant.tzinfo is None:
        raise FactsMalformed("at")
    # The encoding brings any instant to UTC; one that stands outside the calendar there has no encoding.
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise FactsMalformed("at") from None
