"""A sealed record: what the office alone can read, signed by the unit together with its place (design D2, proof.md §3).

An envelope goes through three stages, each a type of its own, so that no step can be left out: `ParsedEnvelope` (well
formed, nothing believed), `VerifiedEnvelope` (signed by this unit), and the opened payload. The clear part holds the place
in the unit's order and the audit entries since the record before; neither is personal.

The payload is padded to whole blocks before sealing, so that its length does not tell a broker what was decided.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from appliance.domain.audit import AuditEntry
from appliance.domain.ids import receipt_number
from appliance.domain.outbox import Stamped
from appliance.errors import SealBroken
from appliance.seal.codec import Field, Fields, encode
from appliance.seal.context import FORMAT_VERSION, SealContext
from appliance.seal.keys import (
    SEAL_OVERHEAD_BYTES,
    SIGNATURE_SIZE_BYTES,
    OfficeSealingPrivateKey,
    OfficeSealingPublicKey,
    UnitKey,
    UnitPublicKey,
)

PAYLOAD_LIMIT_BYTES: Final = 65_536
"""More than four times the largest visit record."""
EVENTS_LIMIT: Final = 4_096
"""Audit entries that one envelope carries; the store withholds further ones before this number."""
ENVELOPE_LIMIT_BYTES: Final = 4_194_304
"""Room for all events at their longest and the payload; a larger envelope is refused unread."""
EVENT_LONGEST: Final = 64
"""Characters in an event's name."""
DETAIL_LONGEST: Final = 128
"""Characters in an event's detail."""

_BLOCK_BYTES: Final = 1_024
_LENGTH_BYTES: Final = 4
_PADDED_LIMIT_BYTES: Final = PAYLOAD_LIMIT_BYTES + _LENGTH_BYTES + _BLOCK_BYTES
_INSTANT_LONGEST: Final = 40
_KEY_ID_DIGITS: Final = 16
_SIGNED_AS: Final = b"mynavisit record 1\0"
"""Stands before the signed bytes, so that no record can be taken for a receipt or an order."""


def seal_record(
    payload: bytes,
    context: SealContext,
    office_public_key: OfficeSealingPublicKey,
    unit_key: UnitKey,
    *,
    events: tuple[AuditEntry, ...],
) -> Stamped:
    """Return the sealed and signed record for the place in `context`.

    `events` are the slot's: the audit entries since the record before.

    Raises:
        SealBroken: part `context` when it names another office key, `format` when payload or events are too many.
    """
    if context.office_key_id != office_public_key.key_id:
        raise SealBroken("context")
    if len(payload) > PAYLOAD_LIMIT_BYTES or len(events) > EVENTS_LIMIT:
        raise SealBroken("format")
    sealed = office_public_key.seal(_pad(payload), context.to_bytes())
    unsigned = _clear_fields(context, events, sealed, unit_key.public.key_id)
    signature = unit_key.sign(_SIGNED_AS + encode(FORMAT_VERSION, *unsigned))
    envelope = encode(FORMAT_VERSION, *unsigned, signature)
    record_hash = hashlib.sha256(envelope).digest()
    return Stamped(envelope, record_hash, receipt_number(record_hash))


@dataclass(frozen=True, slots=True)
class ParsedEnvelope:
    """A well-formed envelope; what it says is a claim until `verify`."""

    context: SealContext
    events: tuple[AuditEntry, ...]
    sealed: bytes
    unit_key_id: str
    signature: bytes

    @property
    def envelope(self) -> bytes:
        """The whole envelope; equal to what was parsed, because each envelope has one encoding."""
        return encode(FORMAT_VERSION, *self._unsigned(), self.signature)

    @property
    def record_hash(self) -> bytes:
        """SHA-256 of the whole envelope."""
        return hashlib.sha256(self.envelope).digest()

    @property
    def signed_bytes(self) -> bytes:
        """What the unit's signature covers: everything but itself."""
        return _SIGNED_AS + encode(FORMAT_VERSION, *self._unsigned())

    def verify(self, unit_public_key: UnitPublicKey) -> VerifiedEnvelope:
        """Return the envelope as one that this unit signed.

        `unit_public_key` is the one pinned for `context.unit` at its claim, never one taken from the wire.

        Raises:
            SealBroken: part `signature`.
        """
        return VerifiedEnvelope(self, unit_public_key)

    def _unsigned(self) -> tuple[Field, ...]:
        return _clear_fields(self.context, self.events, self.sealed, self.unit_key_id)


@dataclass(frozen=True, slots=True)
class VerifiedEnvelope:
    """An envelope whose signature holds; it cannot exist otherwise."""

    parsed: ParsedEnvelope
    signed_by: UnitPublicKey

    def __post_init__(self) -> None:
        """Check key id and signature.

        Raises:
            SealBroken: part `signature`.
        """
        if self.parsed.unit_key_id != self.signed_by.key_id:
            raise SealBroken("signature")
        self.signed_by.verify(self.parsed.signature, self.parsed.signed_bytes)

    @property
    def context(self) -> SealContext:
        """The record's place, now believed."""
        return self.parsed.context

    @property
    def events(self) -> tuple[AuditEntry, ...]:
        """The audit entries since the record before, now believed."""
        return self.parsed.events

    @property
    def record_hash(self) -> bytes:
        """SHA-256 of the whole envelope."""
        return self.parsed.record_hash

    def open(self, office_private_key: OfficeSealingPrivateKey) -> bytes:
        """Return the payload.

        Raises:
            SealBroken: part `context` when sealed to another key, `seal` when it does not open.
        """
        if office_private_key.key_id != self.context.office_key_id:
            raise SealBroken("context")
        return _unpad(office_private_key.open(self.parsed.sealed, self.context.to_bytes()))


def parse_envelope(envelope: bytes) -> ParsedEnvelope:
    """Return the parts of an envelope, believed by nobody yet.

    Raises:
        SealBroken: part `format` or `context`.
        FormatUnknown: an envelope of another version.
    """
    fields = Fields.decode(envelope, shape="record", version=FORMAT_VERSION, limit_bytes=ENVELOPE_LIMIT_BYTES)
    parsed = ParsedEnvelope(
        context=SealContext.take(fields),
        events=tuple(_take_event(row) for row in fields.rows(EVENTS_LIMIT)),
        sealed=fields.octets(shortest=SEAL_OVERHEAD_BYTES, longest=SEAL_OVERHEAD_BYTES + _PADDED_LIMIT_BYTES),
        unit_key_id=fields.text(_KEY_ID_DIGITS),
        signature=fields.octets(shortest=SIGNATURE_SIZE_BYTES, longest=SIGNATURE_SIZE_BYTES),
    )
    fields.end()
    return parsed


def _clear_fields(
    context: SealContext, events: tuple[AuditEntry, ...], sealed: bytes, unit_key_id: str
) -> tuple[Field, ...]:
    rows: list[Field] = [[entry.position, entry.event, entry.detail, entry.at] for entry in events]
    return *context.to_fields(), rows, sealed, unit_key_id


def _take_event(fields: Fields) -> AuditEntry:
    entry = AuditEntry(
        position=fields.number(),
        event=fields.text(EVENT_LONGEST),
        detail=fields.text(DETAIL_LONGEST),
        at=fields.text(_INSTANT_LONGEST),
    )
    fields.end()
    return entry


def _pad(payload: bytes) -> bytes:
    """Return length, payload and zeros up to a whole number of blocks."""
    framed = len(payload).to_bytes(_LENGTH_BYTES, "big") + payload
    return framed + bytes(-len(framed) % _BLOCK_BYTES)


def _unpad(padded: bytes) -> bytes:
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    payload = padded[_LENGTH_BYTES : _LENGTH_BYTES + length]
    if _pad(payload) != padded:
        raise SealBroken("seal")
    return payload
