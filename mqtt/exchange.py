"""The talk on one connection: waiting records out, receipts in, each verified before anything is marked (design D3).

A row moves to 送信済 when the broker confirms, and to 到着確認 only by a receipt that the office signed for exactly this record.
Receipts that do not verify change nothing; they are audited, at ever longer distances so that a flood cannot fill the chain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.domain.ids import UnitId
from appliance.domain.outbox import OutboxRow, OutboxState
from appliance.errors import FormatUnknown, ReceiptForged
from appliance.ports import Clock, RecordStore
from appliance.seal.keys import OfficeSigningPublicKey
from appliance.seal.receipt import ParsedReceipt, Verdict, parse_receipt
from mqtt.backoff import Backoff
from mqtt.drain import FIELD_RULES, DrainRules, plan
from mqtt.link import Delivered, Event, Letter, NotTaken, Taken
from mqtt.reporting import Tell
from mqtt.topics import RECEIPT, RECORD

RECEIPT_FORGED_EVENT: Final = "receipt_forged"
"""Audit event for a receipt that does not verify; its detail is the part that is wrong and the number so far."""

_LOOK_AGAIN_S: Final = 0.5
"""How often an idle line looks for records that the other process has saved."""
_NOBODY_LISTENS: Final = Backoff(first_s=1.0, longest_s=60.0)
_SETTLED: Final = frozenset({OutboxState.ARRIVED, OutboxState.ERASED})


class Line(Protocol):
    """What this talk needs of a connection."""

    def publish(self, letter: Letter) -> int:
        """Hand a message over and return its ticket."""

    def accept(self, message: Delivered) -> None:
        """Tell the broker that a message has been dealt with."""


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Whose records, kept where, and whose word counts."""

    unit: UnitId
    store: RecordStore
    office_key: OfficeSigningPublicKey
    clock: Clock
    tell: Tell
    rules: DrainRules = FIELD_RULES


@dataclass(frozen=True, slots=True)
class _Handed:
    """A row that the broker has and has not confirmed."""

    row: OutboxRow
    at_s: float


class Exchange:
    """The state of the talk on one connection; nothing of it has to outlive the connection."""

    __slots__ = (
        "_failures",
        "_forged",
        "_in_hand",
        "_in_vain",
        "_is_flowing",
        "_line",
        "_look_at_s",
        "_quiet_until_s",
        "_who",
        "answered_at_s",
        "unanswered",
    )

    def __init__(self, who: Correspondent, line: Line) -> None:
        """Begin with nothing handed over."""
        self._who = who
        self._line = line
        self._in_hand: dict[int, _Handed] = {}
        """Rows by ticket that the broker has not confirmed, oldest first."""
        self.unanswered: set[int] = set()
        """Sequences handed over on this connection that wait for a receipt."""
        self.answered_at_s = who.clock.monotonic_s()
        """When a receipt last verified, or the line was last idle, by the monotonic clock."""
        self._forged: Counter[str] = Counter()
        self._in_vain = 0
        self._is_flowing = False
        """Whether the last look found something to send: then the next one comes as soon as half the window is free."""
        self._failures = 0
        self._quiet_until_s = 0.0
        self._look_at_s = 0.0

    def send_waiting(self) -> None:
        """Hand over what is due, unless it is too early to look again."""
        now_s = self._who.clock.monotonic_s()
        has_room = self._is_flowing and 2 * len(self.unanswered) <= self._who.rules.window
        if now_s < self._quiet_until_s or (now_s < self._look_at_s and not has_room):
            return
        self._look_at_s = now_s + _LOOK_AGAIN_S
        if not self.unanswered:
            self.answered_at_s = now_s
        due = self._due()
        self._is_flowing = bool(due)
        for row in due:
            ticket = self._line.publish(Letter(RECORD.of(self._who.unit), row.envelope, RECORD.qos))
            self._in_hand[ticket] = _Handed(row, now_s)
            self.unanswered.add(row.sequence)

    def broker_owes_s(self) -> float:
        """Return for how long the oldest handed record waits for the broker's word; 0 when none does."""
        oldest = next(iter(self._in_hand.values()), None)
        return 0.0 if oldest is None else self._who.clock.monotonic_s() - oldest.at_s

    def take(self, events: Sequence[Event]) -> None:
        """Act on what has happened: receipts first, so that a row that is answered at once is written once."""
        deliveries = [event for event in events if isinstance(event, Delivered)]
        receipts = [each for each in deliveries if each.topic == RECEIPT.of(self._who.unit)]
        if receipts:
            self._take_receipts([each.payload for each in receipts])
        for event in events:
            if isinstance(event, Taken):
                self._note_taken(event)
            elif isinstance(event, NotTaken):
                self._keep_quiet(event)
        for delivery in deliveries:
            self._line.accept(delivery)

    def _due(self) -> tuple[OutboxRow, ...]:
        who = self._who
        waiting = who.store.waiting(2 * who.rules.window + self._in_vain)
        in_hand = {handed.row.sequence for handed in self._in_hand.values()}
        due = plan(waiting, in_hand, who.clock.now(), who.rules)
        self._in_vain = due.in_vain
        return due.send

    def _note_taken(self, event: Taken) -> None:
        handed = self._in_hand.pop(event.ticket, None)
        if handed is None:
            return
        row = handed.row
        if not event.somebody_listens:
            self._put_back(row, "sync: the broker is there, the office does not listen; records wait")
        elif row.sequence in self.unanswered:
            self._failures = 0
            self._who.store.mark_sent(row.sequence, self._who.clock.now())

    def _keep_quiet(self, event: NotTaken) -> None:
        handed = self._in_hand.pop(event.ticket, None)
        if handed is not None:
            self._put_back(
                handed.row, f"sync: the broker refused a record (reason {event.reason_code}); records wait"
            )

    def _put_back(self, row: OutboxRow, line: str) -> None:
        """Count a row as not sent, and wait before anything else is; one line tells of a whole window."""
        self.unanswered.discard(row.sequence)
        now_s = self._who.clock.monotonic_s()
        if now_s < self._quiet_until_s:
            return
        self._failures += 1
        # The random part of a backoff is against many units at once; here one broker answers at once to each.
        self._quiet_until_s = now_s + _NOBODY_LISTENS.longest_wait_s(self._failures)
        self._who.tell(line)

    def _take_receipts(self, receipts: Sequence[bytes]) -> None:
        read = [(self._parse(receipt), receipt) for receipt in dict.fromkeys(receipts)]
        parsed = [(each, receipt) for each, receipt in read if each is not None]
        rows = {
            row.sequence: row for row in self._who.store.states([each.claimed.sequence for each, _ in parsed])
        }
        for each, receipt in parsed:
            row = rows.get(each.claimed.sequence)
            if row is None:
                self._count_forged("sequence")
            else:
                self._settle(row, each, receipt)

    def _parse(self, receipt: bytes) -> ParsedReceipt | None:
        try:
            return parse_receipt(receipt)
        except ReceiptForged as error:
            self._count_forged(error.part)
        except FormatUnknown:
            self._count_forged("version")
        return None

    def _settle(self, row: OutboxRow, parsed: ParsedReceipt, receipt: bytes) -> None:
        who = self._who
        try:
            verified = parsed.verify(who.unit, row, who.office_key)
        except ReceiptForged as error:
            self._count_forged(error.part)
            return
        self.answered_at_s = who.clock.monotonic_s()
        self.unanswered.discard(row.sequence)
        if row.state in _SETTLED:
            return
        if verified.verdict is Verdict.STORED:
            who.store.mark_receipted(row.sequence, receipt, who.clock.now())
        elif row.state is not OutboxState.REFUSED:
            who.store.mark_refused(row.sequence, receipt, who.clock.now())
            who.tell(f"sync: the office refused record {row.receipt_number} ({verified.reason.value})")

    def _count_forged(self, part: str) -> None:
        self._forged[part] += 1
        count = self._forged[part]
        if count == 10 ** (len(str(count)) - 1):
            self._who.store.audit(RECEIPT_FORGED_EVENT, f"part={part} count={count}")
            self._who.tell(f"sync: a receipt is not from the office ({part}); {count} so far, none accepted")
