"""The office's desk with everything around it in the test's hands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import col, select

from appliance.domain.outbox import Saved, Stamped
from appliance.seal.receipt import Receipt, verify_receipt
from appliance.seal.record import parse_envelope
from mqtt.office.database import OfficeDatabase
from mqtt.office.ledger import Ledger
from mqtt.office.reception import Answer, Incoming, Reception, Tally
from mqtt.office.tables import EnvelopeRow, IncidentKind
from tests.office.units import KEYS, NOON, OfficeClock, PretendUnit, parse_note


class Desk:
    """A reception and the books behind it."""

    def __init__(self, database: OfficeDatabase) -> None:
        self.database = database
        self.reception = Reception(database, KEYS, OfficeClock(), parse_note)
        self.tally = Tally()

    @contextmanager
    def books(self) -> Iterator[Ledger]:
        with self.database.writing() as connection:
            yield Ledger(connection)

    def register(self, unit: PretendUnit) -> None:
        with self.books() as ledger:
            ledger.register(unit.name, unit.key.public, NOON)

    def receive(self, *messages: Incoming) -> list[Answer]:
        answers, tally = self.reception.receive(messages)
        self.tally += tally
        return answers

    def send(self, unit: PretendUnit, *records: Stamped) -> list[bytes]:
        """Deliver records on the unit's topic and return what the office answers."""
        topic = f"unit/{unit.name}/record"
        answers = self.receive(*(Incoming(topic, record.envelope) for record in records))
        assert {answer.unit for answer in answers} <= {unit.name}
        return [answer.receipt for answer in answers]

    def verdicts(self, unit: PretendUnit, *records: Stamped) -> list[Receipt]:
        """Deliver records and return the office's verified word on each of them."""
        receipts = self.send(unit, *records)
        return [
            verify_receipt(receipt, unit.name, place_of(record), KEYS.signing.public)
            for receipt, record in zip(receipts, records, strict=True)
        ]

    def incidents(self) -> dict[tuple[IncidentKind, str], int]:
        with self.books() as ledger:
            return {(each.kind, each.unit): each.count for each in ledger.incidents()}

    def chain(self) -> list[tuple[int, str]]:
        with self.database.reading() as connection:
            query = select(col(EnvelopeRow.sequence), col(EnvelopeRow.chain)).order_by(
                col(EnvelopeRow.sequence)
            )
            return [(sequence, chain) for sequence, chain in connection.execute(query)]

    def followed(self, unit: PretendUnit) -> int:
        with self.books() as ledger:
            known = ledger.unit(unit.name)
            assert known is not None
            return known.place.sequence


def place_of(record: Stamped) -> Saved:
    """Return what a unit's outbox knows of a record."""
    sequence = parse_envelope(record.envelope).context.sequence
    return Saved(sequence, record.record_hash, record.receipt_number)
