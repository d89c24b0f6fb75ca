"""How one record of a unit follows the one before: number, audit chain and the hash of the last record (proof.md W6).

The unit's audit chain runs through its envelopes. Record n carries every entry since record n-1, and the first of them is
the entry that stands for record n-1 and holds its hash. So nobody between unit and office, and nobody on the unit without
its key, can take a record or an event out, put one in, or change their order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from appliance.domain.audit import RECORD_EVENT, follow, genesis
from appliance.domain.ids import UnitId
from appliance.errors import ChainBroken
from appliance.seal.record import VerifiedEnvelope


@dataclass(frozen=True, slots=True)
class ChainPlace:
    """How far the office has followed one unit: all four values are kept with the unit's newest record."""

    sequence: int
    """Of the newest record; 0 before the first."""
    record_hash: bytes
    """Of the newest record; empty before the first."""
    head: bytes
    """Link of the chain just before the newest record: its `previous_link`."""
    next_position: int
    """Position that the next audit entry must have."""

    @classmethod
    def start(cls, unit: UnitId) -> Self:
        """Return the place before a unit's first record."""
        return cls(0, b"", genesis(unit), 1)


def follow_record(place: ChainPlace, envelope: VerifiedEnvelope) -> ChainPlace:
    """Return the place after `envelope`, which must be the very next record.

    The caller holds back records that came early (`context.sequence` above `place.sequence + 1`): they are a gap, not a break.

    Raises:
        ChainBroken: the position of the first audit entry that does not follow.
    """
    context, events = envelope.context, envelope.events
    if context.sequence != place.sequence + 1:
        raise ChainBroken(place.next_position)
    if place.sequence:
        first = (events[0].event, events[0].detail) if events else None
        if first != (RECORD_EVENT, place.record_hash.hex()):
            raise ChainBroken(place.next_position)
    if follow(place.head, events, place.next_position) != context.previous_link:
        raise ChainBroken(place.next_position)
    return ChainPlace(
        context.sequence, envelope.record_hash, context.previous_link, place.next_position + len(events)
    )
