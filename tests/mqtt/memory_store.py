"""A record store in memory and a clock by hand, for tests of what stands above them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from appliance.domain.ids import UnitId, receipt_number
from appliance.domain.outbox import OutboxCounts, OutboxRow, OutboxState, Saved, Slot, Stamped

UNIT = UnitId("u01")
NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

_OPEN = (OutboxState.SAVED, OutboxState.SENT)


class ManualClock:
    """Time that moves when the test says so; implements `ports.Clock`."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.passed_s)

    def monotonic_s(self) -> float:
        return 1000.0 + self.passed_s

    def pass_s(self, seconds: float) -> None:
        self.passed_s += seconds


def fresh_row(sequence: int) -> OutboxRow:
    """Return a saved row with bytes of its own."""
    envelope = b"sealed record %d" % sequence
    record_hash = hashlib.sha256(envelope).digest()
    return OutboxRow(
        sequence,
        record_hash,
        receipt_number(record_hash),
        envelope,
        OutboxState.SAVED,
        attempts=0,
        sent_at=None,
    )


class MemoryStore:
    """Rows and audit events in lists; implements `ports.RecordStore` as far as the line uses it."""

    def __init__(self, count: int = 0) -> None:
        self.rows = {sequence: fresh_row(sequence) for sequence in range(1, count + 1)}
        self.receipts: dict[int, bytes] = {}
        self.audited: list[tuple[str, str]] = []
        self.looks = 0

    def save(self, seal: Callable[[Slot], Stamped]) -> Saved:
        sequence = len(self.rows) + 1
        stamped = seal(Slot(UNIT, sequence, bytes(32), ()))
        self.rows[sequence] = OutboxRow(
            sequence,
            stamped.record_hash,
            stamped.receipt_number,
            stamped.envelope,
            OutboxState.SAVED,
            attempts=0,
            sent_at=None,
        )
        return Saved(sequence, stamped.record_hash, stamped.receipt_number)

    def audit(self, event: str, detail: str) -> None:
        self.audited.append((event, detail))

    def waiting(self, limit: int) -> Sequence[OutboxRow]:
        self.looks += 1
        return [row for _, row in sorted(self.rows.items()) if row.state in _OPEN][:limit]

    def mark_sent(self, sequence: int, sent_at: datetime) -> None:
        row = self.rows[sequence]
        if row.state in _OPEN:
            self.rows[sequence] = replace(
                row, state=OutboxState.SENT, attempts=row.attempts + 1, sent_at=sent_at
            )

    def mark_receipted(self, sequence: int, receipt: bytes, receipted_at: datetime) -> None:
        self._decide(sequence, OutboxState.ARRIVED, receipt)

    def mark_refused(self, sequence: int, receipt: bytes, receipted_at: datetime) -> None:
        self._decide(sequence, OutboxState.REFUSED, receipt)

    def counts(self) -> OutboxCounts:
        states = [row.state for row in self.rows.values()]
        return OutboxCounts(**{state.value: states.count(state) for state in OutboxState})

    def states(self, sequences: Sequence[int]) -> Iterator[OutboxRow]:
        return iter([self.rows[sequence] for sequence in sequences if sequence in self.rows])

    def state_of(self, sequence: int) -> OutboxState:
        return self.rows[sequence].state

    def close(self) -> None:
        """Nothing is open."""

    def _decide(self, sequence: int, state: OutboxState, receipt: bytes) -> None:
        self.rows[sequence] = replace(self.rows[sequence], state=state)
        self.receipts[sequence] = receipt
