"""Takes a batch of messages in: judged and written in one synced commit, only then signed and answered (proof.md W6).

One commit serves a whole batch, so an office keeps up with a fleet that comes back at once. If the office is stopped between
the commit and the answer, the unit sends again and gets the same receipt, byte for byte: Ed25519 is deterministic and all
that a receipt says stands in the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from appliance.domain.ids import UnitId
from appliance.errors import FactsMalformed, FormatUnknown, SealBroken
from appliance.ports import Clock
from appliance.seal.receipt import ReasonCode, sign_receipt
from appliance.seal.record import ParsedEnvelope, parse_envelope
from mqtt.messages import PresenceState, UnitPresence, parse_presence
from mqtt.office.database import OfficeDatabase
from mqtt.office.decision import Denied, Kept, ParsePayload, Repeated, Unanswered, advance, judge
from mqtt.office.ledger import Ledger, StoredRecord
from mqtt.office.office_home import OfficeKeys
from mqtt.office.tables import ChainState, IncidentKind
from mqtt.topics import PRESENCE, RECORD


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as the broker delivered it."""

    topic: str
    payload: bytes
    retained: bool = False
    """True for a message that the broker kept from earlier."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A signed receipt on its way to a unit."""

    unit: UnitId
    receipt: bytes


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the records so far."""

    stored: int = 0
    repeated: int = 0
    refused: int = 0
    """Signed refusals, stored or not."""
    unanswered: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Return both together."""
        return Tally(
            self.stored + other.stored,
            self.repeated + other.repeated,
            self.refused + other.refused,
            self.unanswered + other.unanswered,
        )


_STORED, _REPEATED, _REFUSED, _UNANSWERED = (
    Tally(stored=1),
    Tally(repeated=1),
    Tally(refused=1),
    Tally(unanswered=1),
)


@dataclass(frozen=True, slots=True)
class _Refused:
    """A record that is refused and not stored."""

    sequence: int
    record_hash: bytes


@dataclass(frozen=True, slots=True)
class _Owed:
    """An answer that is not signed yet."""

    unit: UnitId
    record: StoredRecord | _Refused
    reason: ReasonCode
    office_at: datetime


@dataclass(frozen=True, slots=True)
class Reception:
    """The office's desk: one for each collector process."""

    database: OfficeDatabase
    keys: OfficeKeys
    clock: Clock
    parse_payload: ParsePayload

    def receive(self, batch: Sequence[Incoming]) -> tuple[list[Answer], Tally]:
        """Return the answers to a batch and what became of it.

        Raises:
            StoreTrouble: nothing of the batch is written and nothing may be answered; it has to come again.
        """
        office_at = _whole_milliseconds(self.clock.now())
        with self.database.writing() as connection:
            desk = _Desk(Ledger(connection), self.keys, self.parse_payload, office_at)
            owed = [answer for message in batch if (answer := desk.take(message)) is not None]
        answers = [(each, self._sign(each)) for each in owed]
        self._note_receipts(answers)
        return [Answer(each.unit, receipt) for each, receipt in answers], desk.tally

    def _sign(self, owed: _Owed) -> bytes:
        if isinstance(owed.record, StoredRecord) and owed.record.receipt is not None:
            return owed.record.receipt
        return sign_receipt(owed.unit, owed.record, owed.reason, owed.office_at, self.keys.signing)

    def _note_receipts(self, answers: list[tuple[_Owed, bytes]]) -> None:
        fresh = {
            owed.record.envelope_id: receipt
            for owed, receipt in answers
            if isinstance(owed.record, StoredRecord) and owed.record.receipt is None
        }
        if not fresh:
            return
        with self.database.writing() as connection:
            ledger = Ledger(connection)
            for envelope_id, receipt in fresh.items():
                ledger.note_receipt(envelope_id, receipt)


class _Desk:
    """One batch inside its transaction."""

    __slots__ = ("_keys", "_ledger", "_office_at", "_parse_payload", "tally")

    def __init__(
        self, ledger: Ledger, keys: OfficeKeys, parse_payload: ParsePayload, office_at: datetime
    ) -> None:
        self._ledger = ledger
        self._keys = keys
        self._parse_payload = parse_payload
        self._office_at = office_at
        self.tally = Tally()

    def take(self, message: Incoming) -> _Owed | None:
        """Write one message down and return the answer that it is owed."""
        if RECORD.matches(message.topic):
            return self._take_record(RECORD.unit_in(message.topic), message.payload)
        if PRESENCE.matches(message.topic):
            self._take_presence(PRESENCE.unit_in(message.topic), message)
        else:
            self._count(IncidentKind.MALFORMED, "")
        return None

    def _take_record(self, unit: UnitId, payload: bytes) -> _Owed | None:
        try:
            parsed = parse_envelope(payload)
        except (SealBroken, FormatUnknown):
            self._leave_unanswered(IncidentKind.MALFORMED, unit)
            return None
        stored = self._ledger.record(unit, parsed.context.sequence)
        judgement = judge(
            parsed,
            unit,
            self._ledger.unit(unit),
            stored.record_hash if stored else None,
            self._keys.sealing,
            self._parse_payload,
        )
        match judgement:
            case Unanswered(incident):
                self._leave_unanswered(incident, unit)
                return None
            case Repeated():
                return self._repeat(unit, stored)
            case Denied(reason, incident):
                self.tally += _REFUSED
                self._count(incident, unit)
                refused = _Refused(parsed.context.sequence, parsed.record_hash)
                return _Owed(unit, refused, reason, self._office_at)
            case Kept():
                return self._keep(parsed, judgement)

    def _leave_unanswered(self, incident: IncidentKind, unit: UnitId) -> None:
        self.tally += _UNANSWERED
        self._count(incident, unit)

    def _repeat(self, unit: UnitId, stored: StoredRecord | None) -> _Owed | None:
        if stored is None:
            return None
        self.tally += _REPEATED
        self._ledger.count_copy(stored.envelope_id)
        return _Owed(unit, stored, stored.reason, stored.office_at)

    def _keep(self, parsed: ParsedEnvelope, kept: Kept) -> _Owed:
        unit = parsed.context.unit
        self.tally += _STORED if kept.reason is ReasonCode.NONE else _REFUSED
        if kept.incident is not None:
            self._count(kept.incident, unit)
        stored = self._ledger.keep(parsed, kept, self._office_at)
        if kept.chain is ChainState.FOLLOWED:
            self._follow_early_ones(unit)
        return _Owed(unit, stored, kept.reason, self._office_at)

    def _follow_early_ones(self, unit: UnitId) -> None:
        """Follow the records that came early, now that the one before them is there."""
        known = self._ledger.unit(unit)
        while known is not None:
            sequence = known.place.sequence + 1
            envelope = self._ledger.pending_envelope(unit, sequence)
            if envelope is None:
                return
            chain, place = advance(known.place, parse_envelope(envelope).verify(known.public_key))
            self._ledger.settle_chain(unit, sequence, chain)
            if chain is not ChainState.FOLLOWED:
                self._count(IncidentKind.CHAIN_BROKEN, unit)
                return
            self._ledger.move_chain(unit, place)
            known = self._ledger.unit(unit)

    def _take_presence(self, unit: UnitId, message: Incoming) -> None:
        try:
            presence = parse_presence(message.payload)
        except (FactsMalformed, FormatUnknown):
            self._count(IncidentKind.MALFORMED, unit)
            return
        if presence.unit != unit:
            self._count(IncidentKind.FORGED, unit)
        elif self._ledger.unit(unit) is None:
            self._count(IncidentKind.UNKNOWN_UNIT, unit)
        else:
            self._note_presence(presence, message)

    def _note_presence(self, presence: UnitPresence, message: Incoming) -> None:
        is_possible = self._ledger.note_presence(presence, seen_at=self._office_at)
        # What the broker kept from earlier, and a will that another broker sent late, may be older than what is known.
        if not is_possible and presence.state is PresenceState.HERE and not message.retained:
            self._count(IncidentKind.SESSION_WENT_BACK, presence.unit)

    def _count(self, kind: IncidentKind, unit: str) -> None:
        self._ledger.count_incident(kind, unit, self._office_at)


def _whole_milliseconds(instant: datetime) -> datetime:
    """Return the instant as a receipt and the tables can hold it."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
