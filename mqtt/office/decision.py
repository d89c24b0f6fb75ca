"""What the office makes of one envelope: a pure decision, from first suspicion to opened content (proof.md W4, W6).

The order is: well formed, from a unit that the office knows, seen before, signed by that unit, accepted unit, next in the
chain, opens, understood. What cannot be laid to a unit's key gets no answer, because an answer would let anybody take a
record out of a unit's queue; what the unit did sign is answered, so that no poison record blocks its queue (hazard H24).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from appliance.domain.ids import UnitId
from appliance.errors import ChainBroken, FormatUnknown, SealBroken, UnitError
from appliance.seal.keys import OfficeSealingPrivateKey, UnitPublicKey
from appliance.seal.receipt import ReasonCode
from appliance.seal.record import ParsedEnvelope, VerifiedEnvelope
from appliance.seal.succession import ChainPlace, follow_record
from mqtt.office.tables import ChainState, IncidentKind, UnitStatus

ParsePayload = Callable[[bytes], object]
"""Reads an opened payload; raises a UnitError when it is not understood."""


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """What the office knows of a unit before the envelope."""

    public_key: UnitPublicKey
    status: UnitStatus
    place: ChainPlace


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Counted, and no word sent."""

    incident: IncidentKind


@dataclass(frozen=True, slots=True)
class Repeated:
    """The very same bytes came before: the same receipt goes out again."""


@dataclass(frozen=True, slots=True)
class Denied:
    """Answered with a signed refusal; nothing stored changes."""

    reason: ReasonCode
    incident: IncidentKind


@dataclass(frozen=True, slots=True)
class Kept:
    """Stored, and answered with a receipt or, when `reason` is not NONE, a signed refusal."""

    reason: ReasonCode
    incident: IncidentKind | None
    chain: ChainState
    place: ChainPlace
    """Where the unit's chain stands afterwards."""
    payload: bytes | None
    """The opened content; None when it does not open."""


Judgement = Unanswered | Repeated | Denied | Kept

_OF_STATUS: Final[Mapping[UnitStatus, Unanswered | Denied]] = {
    UnitStatus.HELD: Unanswered(IncidentKind.UNIT_HELD),
    UnitStatus.REVOKED: Denied(ReasonCode.UNIT, IncidentKind.UNIT_REVOKED),
}


def judge(
    parsed: ParsedEnvelope,
    came_from: UnitId,
    known: KnownUnit | None,
    stored_hash: bytes | None,
    sealing_key: OfficeSealingPrivateKey,
    parse_payload: ParsePayload,
) -> Judgement:
    """Return what to do with an envelope.

    `came_from` is the unit that the broker authenticated, `stored_hash` the hash of what is stored at the envelope's place.
    """
    if known is None:
        return Unanswered(IncidentKind.UNKNOWN_UNIT)
    if parsed.context.unit != came_from:
        return Unanswered(IncidentKind.FORGED)
    if stored_hash is not None and stored_hash == parsed.record_hash:
        return Repeated()
    try:
        verified = parsed.verify(known.public_key)
    except SealBroken:
        return Unanswered(IncidentKind.FORGED)
    if stored_hash is not None or parsed.context.sequence <= known.place.sequence:
        return Denied(ReasonCode.REPLAY, IncidentKind.REPLAYED)
    if known.status is not UnitStatus.ACTIVE:
        return _OF_STATUS[known.status]
    return _keep(verified, known.place, sealing_key, parse_payload)


def advance(place: ChainPlace, envelope: VerifiedEnvelope) -> tuple[ChainState, ChainPlace]:
    """Return how an envelope stands in its chain, and where the chain stands afterwards."""
    if envelope.context.sequence > place.sequence + 1:
        return ChainState.PENDING, place
    try:
        return ChainState.FOLLOWED, follow_record(place, envelope)
    except ChainBroken:
        return ChainState.BROKEN, place


def _keep(
    verified: VerifiedEnvelope,
    place: ChainPlace,
    sealing_key: OfficeSealingPrivateKey,
    parse_payload: ParsePayload,
) -> Kept:
    chain, after = advance(place, verified)
    payload, reason, incident = _open(verified, sealing_key, parse_payload)
    if chain is ChainState.BROKEN:
        reason, incident = ReasonCode.CHAIN, IncidentKind.CHAIN_BROKEN
    return Kept(reason, incident, chain, after, payload)


def _open(
    verified: VerifiedEnvelope, sealing_key: OfficeSealingPrivateKey, parse_payload: ParsePayload
) -> tuple[bytes | None, ReasonCode, IncidentKind | None]:
    try:
        payload = verified.open(sealing_key)
    except SealBroken as error:
        reason = ReasonCode.OFFICE_KEY if error.part == "context" else ReasonCode.SEAL
        return None, reason, IncidentKind.UNOPENED
    try:
        parse_payload(payload)
    except FormatUnknown:
        return payload, ReasonCode.VERSION, IncidentKind.NOT_UNDERSTOOD
    except UnitError:
        return payload, ReasonCode.CONTENT, IncidentKind.NOT_UNDERSTOOD
    return payload, ReasonCode.NONE, None
