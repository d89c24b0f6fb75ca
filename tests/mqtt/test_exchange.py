"""The talk on one connection, with a scripted line: what is sent, what is marked, what is ignored."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from appliance.domain.ids import UnitId
from appliance.domain.outbox import OutboxState, Saved
from appliance.seal.keys import OfficeSigningPrivateKey
from appliance.seal.receipt import ReasonCode, sign_receipt
from mqtt.drain import DrainRules
from mqtt.exchange import Correspondent, Exchange
from mqtt.link import Delivered, Letter, Lost, NotTaken, Taken
from tests.mqtt.memory_store import NOON, UNIT, ManualClock, MemoryStore

OFFICE = OfficeSigningPrivateKey.generate(Random(1).randbytes)
STRANGER = OfficeSigningPrivateKey.generate(Random(2).randbytes)


class ScriptedLine:
    """A connection that only remembers what was asked of it."""

    def __init__(self) -> None:
        self.published: list[Letter] = []
        self.accepted: list[int] = []

    def publish(self, letter: Letter) -> int:
        self.published.append(letter)
        return len(self.published)

    def accept(self, message: Delivered) -> None:
        self.accepted.append(message.ticket)


class Talk:
    """An exchange with everything around it in the test's hands."""

    def __init__(self, count: int, window: int = 64) -> None:
        self.clock, self.store, self.line = ManualClock(), MemoryStore(count), ScriptedLine()
        self.said: list[str] = []
        rules = DrainRules(window=window)
        who = Correspondent(UNIT, self.store, OFFICE.public, self.clock, self.said.append, rules)
        self.exchange = Exchange(who, self.line)

    def receipt(
        self,
        sequence: int,
        reason: ReasonCode = ReasonCode.NONE,
        *,
        by: OfficeSigningPrivateKey = OFFICE,
        unit: UnitId = UNIT,
        record_hash: bytes | None = None,
    ) -> bytes:
        row = self.store.rows.get(sequence)
        record_hash = record_hash or (row.record_hash if row else bytes(32))
        return sign_receipt(unit, Saved(sequence, record_hash, ""), reason, NOON, by)

    def deliver(self, *receipts: bytes, topic: str = "office/receipt/u01") -> None:
        self.exchange.take(
            [
                Delivered(topic, receipt, retained=False, ticket=500 + number, qos=1)
                for number, receipt in enumerate(receipts)
            ]
        )

    def states(self) -> list[OutboxState]:
        return [row.state for row in self.store.rows.values()]


def test_waiting_records_go_out_on_the_units_topic_in_order() -> None:
    talk = Talk(3)
    talk.exchange.send_waiting()
    assert talk.line.published == [
        Letter("unit/u01/record", talk.store.rows[number].envelope, qos=1, retained=False)
        for number in (1, 2, 3)
    ]
    assert talk.states() == [OutboxState.SAVED] * 3


def test_the_brokers_word_makes_a_record_sent_and_nothing_more() -> None:
    talk = Talk(2)
    talk.exchange.send_waiting()
    talk.exchange.take([Taken(1, somebody_listens=True)])
    assert talk.states() == [OutboxState.SENT, OutboxState.SAVED]
    assert talk.exchange.unanswered == {1, 2}


def test_a_receipt_makes_it_arrived() -> None:
    talk = Talk(2)
    talk.exchange.send_waiting()
    receipt = talk.receipt(1)
    talk.deliver(receipt)
    assert talk.states() == [OutboxState.ARRIVED, OutboxState.SAVED]
    assert talk.store.receipts == {1: receipt}
    assert talk.line.accepted == [500]
    assert talk.exchange.unanswered == {2}


def test_a_receipt_that_overtakes_the_brokers_word_stays() -> None:
    talk = Talk(1)
    talk.exchange.send_waiting()
    talk.deliver(talk.receipt(1))
    talk.exchange.take([Taken(1, somebody_listens=True)])
    assert talk.states() == [OutboxState.ARRIVED]
    assert talk.store.rows[1].attempts == 0


def test_a_signed_refusal_sets_the_record_aside_and_says_so() -> None:
    talk = Talk(1)
    refusal = talk.receipt(1, ReasonCode.CONTENT)
    talk.deliver(refusal, refusal)
    assert talk.states() == [OutboxState.REFUSED]
    assert talk.said == [f"sync: the office refused record {talk.store.rows[1].receipt_number} (content)"]
    talk.deliver(refusal)
    assert len(talk.said) == 1


def test_a_refused_record_may_arrive_after_all() -> None:
    talk = Talk(1)
    talk.deliver(talk.receipt(1, ReasonCode.CONTENT))
    talk.deliver(talk.receipt(1))
    assert talk.states() == [OutboxState.ARRIVED]


def test_an_arrived_record_is_not_refused_any_more() -> None:
    talk = Talk(1)
    talk.deliver(talk.receipt(1))
    talk.deliver(talk.receipt(1, ReasonCode.CONTENT))
    assert talk.states() == [OutboxState.ARRIVED]


Forgery = Callable[[Talk], bytes]
FORGERIES: dict[str, tuple[Forgery, str]] = {
    "another key": (lambda talk: talk.receipt(1, by=STRANGER), "signature"),
    "another unit": (lambda talk: talk.receipt(1, unit=UnitId("u02")), "unit"),
    "another record": (lambda talk: talk.receipt(1, record_hash=b"x" * 32), "hash"),
    "a place that is empty": (lambda talk: talk.receipt(99), "sequence"),
    "no receipt at all": (lambda _: b"arrived!", "format"),
    "nothing": (lambda _: b"", "format"),
    "one bit": (lambda talk: talk.receipt(1)[:-1] + bytes([talk.receipt(1)[-1] ^ 1]), "signature"),
    "one byte more": (lambda talk: talk.receipt(1) + b"\0", "format"),
    "another version": (lambda talk: talk.receipt(1).replace(b"\x01", b"\x02", 1), "version"),
}


@pytest.mark.parametrize(("forgery", "part"), FORGERIES.values(), ids=FORGERIES.keys())
def test_a_receipt_that_does_not_verify_changes_nothing_and_is_audited(forgery: Forgery, part: str) -> None:
    talk = Talk(2)
    talk.exchange.send_waiting()
    talk.deliver(forgery(talk))
    assert talk.states() == [OutboxState.SAVED] * 2
    assert talk.store.audited == [("receipt_forged", f"part={part} count=1")]
    assert talk.said == [f"sync: a receipt is not from the office ({part}); 1 so far, none accepted"]
    assert talk.line.accepted == [500]


def test_a_flood_of_forgeries_is_audited_at_ever_longer_distances() -> None:
    talk = Talk(1)
    for _ in range(250):
        talk.deliver(b"forged")
    counts = [detail for _, detail in talk.store.audited]
    assert counts == [f"part=format count={count}" for count in (1, 10, 100)]


def test_a_forgery_beside_a_receipt_does_not_hide_it() -> None:
    talk = Talk(2)
    talk.deliver(b"forged", talk.receipt(2), talk.receipt(1, by=STRANGER), talk.receipt(1))
    assert talk.states() == [OutboxState.ARRIVED] * 2


def test_what_comes_on_another_topic_is_accepted_and_ignored() -> None:
    talk = Talk(1)
    talk.deliver(talk.receipt(1), topic="office/receipt/u02")
    assert talk.states() == [OutboxState.SAVED]
    assert talk.line.accepted == [500]


def test_without_a_listener_nothing_counts_as_sent_and_the_line_keeps_quiet_for_a_while() -> None:
    talk = Talk(2)
    talk.exchange.send_waiting()
    talk.exchange.take([Taken(1, somebody_listens=False), Taken(2, somebody_listens=False)])
    assert talk.states() == [OutboxState.SAVED] * 2
    assert talk.said == ["sync: the broker is there, the office does not listen; records wait"]
    talk.clock.pass_s(0.9)
    talk.exchange.send_waiting()
    assert len(talk.line.published) == 2
    talk.clock.pass_s(0.2)
    talk.exchange.send_waiting()
    assert len(talk.line.published) == 4


def test_the_quiet_grows_while_nobody_listens_and_shrinks_when_somebody_does() -> None:
    talk = Talk(1)
    waits: list[float] = []
    for ticket in range(1, 10):
        before_s = talk.clock.passed_s
        while len(talk.line.published) < ticket:
            talk.clock.pass_s(0.25)
            talk.exchange.send_waiting()
        waits.append(talk.clock.passed_s - before_s)
        talk.exchange.take([Taken(ticket, somebody_listens=False)])
    assert waits[1:] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


def test_a_record_that_the_broker_refuses_waits_and_is_told() -> None:
    talk = Talk(1)
    talk.exchange.send_waiting()
    talk.exchange.take([NotTaken(1, 0x87)])
    assert talk.states() == [OutboxState.SAVED]
    assert talk.said == ["sync: the broker refused a record (reason 135); records wait"]


def test_words_about_messages_that_are_no_records_are_ignored() -> None:
    talk = Talk(1)
    talk.exchange.take([Taken(77, somebody_listens=False), NotTaken(78, 0x87), Lost(0)])
    assert talk.said == []
    assert talk.states() == [OutboxState.SAVED]


def test_an_idle_line_looks_for_new_records_now_and_then() -> None:
    talk = Talk(0)
    for _ in range(10):
        talk.exchange.send_waiting()
        talk.clock.pass_s(0.1)
    assert talk.store.looks == 2


def test_a_flowing_line_looks_again_as_soon_as_half_the_window_is_free() -> None:
    talk = Talk(20, window=8)
    talk.exchange.send_waiting()
    assert len(talk.line.published) == 8
    talk.exchange.take([Taken(ticket, somebody_listens=True) for ticket in range(1, 9)])
    talk.deliver(*(talk.receipt(number) for number in (1, 2, 3)))
    talk.exchange.send_waiting()
    assert len(talk.line.published) == 8
    talk.deliver(talk.receipt(4))
    talk.exchange.send_waiting()
    assert len(talk.line.published) == 12


def test_a_whole_backlog_flows_without_time_passing() -> None:
    talk = Talk(500)
    while talk.store.counts().arrived < 500:
        published = len(talk.line.published)
        talk.exchange.send_waiting()
        assert len(talk.line.published) > published
        fresh = range(published + 1, len(talk.line.published) + 1)
        talk.exchange.take([Taken(ticket, somebody_listens=True) for ticket in fresh])
        talk.deliver(*(talk.receipt(number) for number in fresh))
    assert len(talk.line.published) == 500


def test_without_a_receipt_a_record_goes_out_again_after_three_seconds() -> None:
    talk = Talk(1)
    talk.exchange.send_waiting()
    talk.exchange.take([Taken(1, somebody_listens=True)])
    talk.clock.pass_s(2.9)
    talk.exchange.send_waiting()
    assert len(talk.line.published) == 1
    talk.clock.pass_s(0.6)
    talk.exchange.send_waiting()
    assert len(talk.line.published) == 2


def test_how_long_the_broker_has_kept_a_record_without_a_word_is_known() -> None:
    talk = Talk(2)
    assert talk.exchange.broker_owes_s() == 0
    talk.exchange.send_waiting()
    talk.clock.pass_s(7)
    assert talk.exchange.broker_owes_s() == 7
    talk.exchange.take([Taken(1, somebody_listens=True), Taken(2, somebody_listens=True)])
    assert talk.exchange.broker_owes_s() == 0


def test_the_time_of_the_last_receipt_is_known() -> None:
    talk = Talk(2)
    talk.exchange.send_waiting()
    opened_s = talk.exchange.answered_at_s
    talk.clock.pass_s(5)
    talk.deliver(b"forged")
    assert talk.exchange.answered_at_s == opened_s
    talk.deliver(talk.receipt(1))
    assert talk.exchange.answered_at_s == opened_s + 5
