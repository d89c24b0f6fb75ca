"""What the office writes down and looks up: units, envelopes, payloads, receipts and incidents, inside one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, func, insert, select, update
from sqlmodel import col

from appliance.domain.ids import UnitId
from appliance.seal.keys import UnitPublicKey
from appliance.seal.receipt import ReasonCode
from appliance.seal.record import ParsedEnvelope
from appliance.seal.succession import ChainPlace
from mqtt.messages import UnitPresence
from mqtt.office.decision import Kept, KnownUnit
from mqtt.office.tables import (
    ChainState,
    EnvelopeRow,
    IncidentKind,
    IncidentRow,
    PayloadRow,
    UnitRow,
    UnitStatus,
)


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """The office's word on a record that it has; enough to make the receipt, byte for byte, at any time."""

    envelope_id: int
    sequence: int
    record_hash: bytes
    reason: ReasonCode
    office_at: datetime
    receipt: bytes | None
    """The receipt as it went out; None when the office was stopped before it signed."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Records of a unit that have not come while later ones have."""

    unit: UnitId
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Incident:
    """How often something happened with one unit."""

    kind: IncidentKind
    unit: str
    count: int


@dataclass(frozen=True, slots=True)
class OfficeCounts:
    """How many records stand where."""

    stored: int
    refused: int
    repeated: int
    """Further copies of records that were there."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The office's books, open on one connection."""

    connection: Connection

    def register(self, unit: UnitId, public_key: UnitPublicKey, claimed_at: datetime) -> None:
        """Write down a newly claimed unit."""
        row = {
            "unit": unit,
            "public_key": public_key.to_bytes(),
            "status": UnitStatus.ACTIVE.value,
            "claimed_at": instant_text(claimed_at),
        }
        self.connection.execute(insert(UnitRow).values(**row, **_place_columns(ChainPlace.start(unit))))

    def unit(self, unit: UnitId) -> KnownUnit | None:
        """Return what is known of a unit."""
        query = select(
            col(UnitRow.public_key),
            col(UnitRow.status),
            col(UnitRow.sequence),
            col(UnitRow.record_hash),
            col(UnitRow.chain_head),
            col(UnitRow.next_position),
        ).where(col(UnitRow.unit) == unit)
        row = self.connection.execute(query).one_or_none()
        if row is None:
            return None
        place = ChainPlace(row.sequence, row.record_hash, row.chain_head, row.next_position)
        return KnownUnit(UnitPublicKey.from_bytes(row.public_key), UnitStatus(row.status), place)

    def set_status(self, unit: UnitId, status: UnitStatus) -> bool:
        """Change whether a unit's records are taken; tell whether there is such a unit."""
        change = update(UnitRow).where(col(UnitRow.unit) == unit).values(status=status.value)
        return self.connection.execute(change).rowcount == 1

    def record(self, unit: UnitId, sequence: int) -> StoredRecord | None:
        """Return what is stored at a place."""
        query = select(
            col(EnvelopeRow.id),
            col(EnvelopeRow.record_hash),
            col(EnvelopeRow.reason),
            col(EnvelopeRow.office_at),
            col(EnvelopeRow.receipt),
        ).where(col(EnvelopeRow.unit) == unit, col(EnvelopeRow.sequence) == sequence)
        row = self.connection.execute(query).one_or_none()
        if row is None or row.id is None:
            return None
        office_at = datetime.fromisoformat(row.office_at)
        return StoredRecord(row.id, sequence, row.record_hash, ReasonCode(row.reason), office_at, row.receipt)

    def keep(self, parsed: ParsedEnvelope, kept: Kept, office_at: datetime) -> StoredRecord:
        """Write a judged envelope, its content and the new end of its unit's chain."""
        context = parsed.context
        envelope_id = self.connection.execute(
            insert(EnvelopeRow)
            .values(
                unit=context.unit,
                sequence=context.sequence,
                record_hash=parsed.record_hash,
                envelope=parsed.envelope,
                office_at=instant_text(office_at),
                reason=kept.reason.value,
                chain=kept.chain.value,
                copies=1,
            )
            .returning(col(EnvelopeRow.id))
        ).scalar_one()
        assert envelope_id is not None  # noqa: S101 - the database gave it
        if kept.payload is not None:
            content = {"envelope_id": envelope_id, "visit": context.visit, "payload": kept.payload}
            self.connection.execute(insert(PayloadRow).values(**content))
        if kept.chain is ChainState.FOLLOWED:
            self.move_chain(context.unit, kept.place)
        return StoredRecord(
            envelope_id, context.sequence, parsed.record_hash, kept.reason, office_at, receipt=None
        )

    def move_chain(self, unit: UnitId, place: ChainPlace) -> None:
        """Write where a unit's chain stands now."""
        self.connection.execute(
            update(UnitRow).where(col(UnitRow.unit) == unit).values(**_place_columns(place))
        )

    def pending_envelope(self, unit: UnitId, sequence: int) -> bytes | None:
        """Return the envelope at a place if it came early and waits to be followed."""
        query = select(col(EnvelopeRow.envelope)).where(
            col(EnvelopeRow.unit) == unit,
            col(EnvelopeRow.sequence) == sequence,
            col(EnvelopeRow.chain) == ChainState.PENDING.value,
        )
        return self.connection.execute(query).scalar_one_or_none()

    def settle_chain(self, unit: UnitId, sequence: int, chain: ChainState) -> None:
        """Write how a record that came early stands after all."""
        place = (col(EnvelopeRow.unit) == unit, col(EnvelopeRow.sequence) == sequence)
        self.connection.execute(update(EnvelopeRow).where(*place).values(chain=chain.value))

    def count_copy(self, envelope_id: int) -> None:
        """Count that the same bytes came again."""
        change = update(EnvelopeRow).where(col(EnvelopeRow.id) == envelope_id)
        self.connection.execute(change.values(copies=col(EnvelopeRow.copies) + 1))

    def note_receipt(self, envelope_id: int, receipt: bytes) -> None:
        """Keep a signed receipt, so that the same bytes can go out again."""
        change = update(EnvelopeRow).where(col(EnvelopeRow.id) == envelope_id)
        self.connection.execute(change.values(receipt=receipt))

    def count_incident(self, kind: IncidentKind, unit: str, at: datetime) -> None:
        """Count that something happened with a unit; empty `unit` when none was named."""
        place = (col(IncidentRow.kind) == kind.value, col(IncidentRow.unit) == unit)
        change = update(IncidentRow).where(*place)
        when = instant_text(at)
        if not self.connection.execute(
            change.values(count=col(IncidentRow.count) + 1, last_at=when)
        ).rowcount:
            first = {"kind": kind.value, "unit": unit, "count": 1, "first_at": when, "last_at": when}
            self.connection.execute(insert(IncidentRow).values(**first))

    def note_presence(self, presence: UnitPresence, *, seen_at: datetime) -> bool:
        """Write what a unit says of itself; tell whether its session number can be right (hazard H6)."""
        query = select(col(UnitRow.session)).where(col(UnitRow.unit) == presence.unit)
        session = self.connection.execute(query).scalar_one_or_none()
        if session is None or presence.session < session:
            return False
        self.connection.execute(
            update(UnitRow)
            .where(col(UnitRow.unit) == presence.unit)
            .values(
                session=presence.session,
                presence_state=presence.state.value,
                presence_at=instant_text(presence.at),
                seen_at=instant_text(seen_at),
                counts=json.dumps(asdict(presence.counts), sort_keys=True),
            )
        )
        return True

    def gaps(self) -> Iterator[Gap]:
        """Return the records that are missing between those that came, unit by unit."""
        query: Select[str, int, int] = (
            select(col(EnvelopeRow.unit), col(EnvelopeRow.sequence), col(UnitRow.sequence))
            .join(UnitRow, col(UnitRow.unit) == col(EnvelopeRow.unit))
            .where(col(EnvelopeRow.sequence) > col(UnitRow.sequence))
            .order_by(col(EnvelopeRow.unit), col(EnvelopeRow.sequence))
        )
        unit, expected = "", 1
        for of_unit, sequence, followed in self.connection.execute(query):
            if of_unit != unit:
                unit, expected = of_unit, followed + 1
            if sequence > expected:
                yield Gap(UnitId(unit), expected, sequence - 1)
            expected = sequence + 1

    def incidents(self) -> list[Incident]:
        """Return all that a person has to know about, most frequent first."""
        columns = (col(IncidentRow.kind), col(IncidentRow.unit), col(IncidentRow.count))
        query = select(*columns).order_by(col(IncidentRow.count).desc(), col(IncidentRow.kind))
        return [
            Incident(IncidentKind(kind), unit, count) for kind, unit, count in self.connection.execute(query)
        ]

    def counts(self) -> OfficeCounts:
        """Count records by the office's word on them."""
        further = func.sum(col(EnvelopeRow.copies) - 1)
        query: Select[str, int, int] = select(col(EnvelopeRow.reason), func.count(), further)
        rows = self.connection.execute(query.group_by(col(EnvelopeRow.reason))).all()
        stored = sum(count for reason, count, _ in rows if reason == ReasonCode.NONE.value)
        return OfficeCounts(
            stored=stored,
            refused=sum(count for _, count, _ in rows) - stored,
            repeated=sum(copies for _, _, copies in rows),
        )


def instant_text(instant: datetime) -> str:
    """Return an instant as the tables hold it."""
    return instant.isoformat(timespec="milliseconds")


def _place_columns(place: ChainPlace) -> dict[str, int | bytes]:
    return {
        "sequence": place.sequence,
        "record_hash": place.record_hash,
        "chain_head": place.head,
        "next_position": place.next_position,
    }
