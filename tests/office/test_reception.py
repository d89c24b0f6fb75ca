"""What the office makes of what comes: stored once, answered the same way always, gaps and forgeries in the open."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from appliance.domain.ids import UnitId
from appliance.domain.outbox import OutboxCounts, Stamped
from appliance.errors import ReceiptForged, StoreDamaged
from appliance.seal.receipt import ReasonCode, Verdict
from appliance.seal.record import parse_envelope
from mqtt.messages import PresenceState, UnitPresence, encode_presence
from mqtt.office.database import OfficeDatabase, make_office_database
from mqtt.office.ledger import Gap, Ledger, OfficeCounts
from mqtt.office.reception import Incoming, Reception, Tally
from mqtt.office.tables import EnvelopeRow, IncidentKind, PayloadRow, UnitRow, UnitStatus
from tests.office.desk import Desk, place_of
from tests.office.units import KEYS, NOON, OTHER_KEYS, OfficeClock, PretendUnit, parse_note


def test_a_record_is_opened_stored_and_receipted(desk: Desk, unit: PretendUnit) -> None:
    record = unit.seal(b"note 1")
    (receipt,) = desk.verdicts(unit, record)
    assert (receipt.verdict, receipt.reason) == (Verdict.STORED, ReasonCode.NONE)
    with desk.database.reading() as connection:
        row = connection.execute(select(col(EnvelopeRow.envelope), col(EnvelopeRow.office_at))).one()
        assert row.envelope == record.envelope
        assert row.office_at == receipt.office_at.isoformat(timespec="milliseconds")
        content = connection.execute(select(col(PayloadRow.payload), col(PayloadRow.visit))).one()
    assert content.payload == b"note 1"
    assert content.visit == parse_envelope(record.envelope).context.visit
    assert desk.tally == Tally(stored=1)


def test_events_between_records_are_followed(desk: Desk, unit: PretendUnit) -> None:
    unit.audit("sign_in")
    first = unit.seal(b"note 1")
    unit.audit("counter_warning", "left=5")
    unit.audit("sign_out")
    second = unit.seal(b"note 2")
    desk.verdicts(unit, first, second)
    assert desk.chain() == [(1, "followed"), (2, "followed")]


def test_the_same_bytes_again_get_the_same_receipt_again(desk: Desk, unit: PretendUnit) -> None:
    record = unit.seal(b"note 1")
    receipts = [*desk.send(unit, record), *desk.send(unit, record), *desk.send(unit, record, record)]
    assert len(receipts) == 4
    assert len(set(receipts)) == 1
    assert desk.tally == Tally(stored=1, repeated=3)
    with desk.books() as ledger:
        assert ledger.counts() == OfficeCounts(stored=1, refused=0, repeated=3)


def test_copies_within_one_batch_are_one_record(desk: Desk, unit: PretendUnit) -> None:
    record = unit.seal(b"note 1")
    receipts = desk.send(unit, record, record, record)
    assert len(receipts) == 3
    assert len(set(receipts)) == 1
    assert desk.chain() == [(1, "followed")]


def test_an_office_that_was_stopped_before_it_signed_signs_the_same_afterwards(
    desk: Desk, unit: PretendUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = unit.seal(b"note 1")
    with monkeypatch.context() as patched:
        noted: list[int] = []
        patched.setattr(Ledger, "note_receipt", lambda *_: noted.append(1))
        (before,) = desk.send(unit, record)
        assert noted
    (after,) = desk.send(unit, record)
    assert after == before


def test_nothing_is_signed_when_nothing_is_committed(
    desk: Desk, unit: PretendUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreDamaged("disk")

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "move_chain", fail)
        with pytest.raises(StoreDamaged):
            desk.send(unit, unit.seal(b"note 1"))
    assert desk.chain() == []
    assert desk.tally == Tally()


def test_a_missing_record_is_a_gap_until_it_comes(desk: Desk, unit: PretendUnit) -> None:
    records = [unit.seal(b"note %d" % number) for number in range(1, 7)]
    desk.verdicts(unit, records[0], records[3], records[5])
    with desk.books() as ledger:
        assert list(ledger.gaps()) == [Gap(unit.name, 2, 3), Gap(unit.name, 5, 5)]
    assert desk.chain() == [(1, "followed"), (4, "pending"), (6, "pending")]
    desk.verdicts(unit, records[2], records[1])
    assert desk.chain()[:4] == [(1, "followed"), (2, "followed"), (3, "followed"), (4, "followed")]
    with desk.books() as ledger:
        assert list(ledger.gaps()) == [Gap(unit.name, 5, 5)]
    desk.verdicts(unit, records[4])
    assert {state for _, state in desk.chain()} == {"followed"}
    assert desk.followed(unit) == 6
    assert desk.incidents() == {}


def test_gaps_are_told_unit_by_unit(desk: Desk, unit: PretendUnit) -> None:
    other = PretendUnit(UnitId("u02"))
    desk.register(other)
    for each, kept in ((unit, (2,)), (other, (1, 2, 4))):
        records = [each.seal(b"note %d" % number) for number in range(1, 5)]
        desk.verdicts(each, *(records[number - 1] for number in kept))
    with desk.books() as ledger:
        assert list(ledger.gaps()) == [Gap(UnitId("u01"), 1, 1), Gap(UnitId("u02"), 3, 3)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers())
def test_any_order_with_any_repetition_ends_in_the_same_books(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    random, unit = Random(seed), PretendUnit()
    records = [unit.seal(b"note %d" % number) for number in range(1, 9)]
    arriving = records + random.choices(records, k=8)
    random.shuffle(arriving)
    with make_office_database(tmp_path_factory.mktemp("office") / "office.sqlite3") as database:
        desk = Desk(database)
        desk.register(unit)
        receipts: dict[bytes, set[bytes]] = {}
        while arriving:
            batch = [arriving.pop() for _ in range(min(random.randint(1, 4), len(arriving)))]
            for record, receipt in zip(batch, desk.send(unit, *batch), strict=True):
                receipts.setdefault(record.record_hash, set()).add(receipt)
        assert desk.chain() == [(number, "followed") for number in range(1, 9)]
        assert desk.tally == Tally(stored=8, repeated=8)
        assert desk.incidents() == {}
    assert all(len(different) == 1 for different in receipts.values())


def test_a_sequence_with_other_bytes_is_an_alarm_and_changes_nothing(desk: Desk, unit: PretendUnit) -> None:
    clone = replace(unit)
    first, second = unit.seal(b"note 1"), clone.seal(b"note of a clone")
    desk.verdicts(unit, first)
    (answer,) = desk.verdicts(unit, second)
    assert (answer.verdict, answer.reason) == (Verdict.REFUSED, ReasonCode.REPLAY)
    assert desk.incidents() == {(IncidentKind.REPLAYED, "u01"): 1}
    with desk.database.reading() as connection:
        assert connection.execute(select(col(PayloadRow.payload))).scalars().all() == [b"note 1"]
    assert desk.verdicts(unit, first)[0].verdict is Verdict.STORED


def test_a_record_that_does_not_follow_is_refused_and_kept_for_a_person(
    desk: Desk, unit: PretendUnit
) -> None:
    desk.verdicts(unit, unit.seal(b"note 1"))
    broken = unit.stamp(b"note 2", 2, bytes(32))
    (answer,) = desk.verdicts(unit, broken)
    assert answer.reason is ReasonCode.CHAIN
    assert desk.chain() == [(1, "followed"), (2, "broken")]
    assert desk.incidents() == {(IncidentKind.CHAIN_BROKEN, "u01"): 1}
    assert desk.followed(unit) == 1
    assert desk.send(unit, broken) == desk.send(unit, broken)


def test_an_early_record_that_turns_out_not_to_follow_raises_the_alarm(desk: Desk, unit: PretendUnit) -> None:
    first = unit.seal(b"note 1")
    early = unit.stamp(b"note 2", 2, bytes(32))
    assert desk.verdicts(unit, early)[0].verdict is Verdict.STORED
    desk.verdicts(unit, first)
    assert desk.chain() == [(1, "followed"), (2, "broken")]
    assert desk.incidents() == {(IncidentKind.CHAIN_BROKEN, "u01"): 1}


def test_an_event_taken_out_is_noticed(desk: Desk, unit: PretendUnit) -> None:
    desk.verdicts(unit, unit.seal(b"note 1"))
    unit.audit("counter_warning")
    parsed = parse_envelope(unit.seal(b"note 2").envelope)
    without = unit.stamp(b"note 2", 2, parsed.context.previous_link, parsed.events[:1])
    assert desk.verdicts(unit, without)[0].reason is ReasonCode.CHAIN


@pytest.mark.parametrize(
    ("payload", "reason", "chain"),
    [(b"gibberish", ReasonCode.CONTENT, "followed"), (b"newer note", ReasonCode.VERSION, "followed")],
)
def test_poison_is_refused_kept_and_does_not_break_the_chain(
    desk: Desk, unit: PretendUnit, payload: bytes, reason: ReasonCode, chain: str
) -> None:
    poison, healthy = unit.seal(payload), unit.seal(b"note 2")
    first, second = desk.verdicts(unit, poison, healthy)
    assert (first.verdict, first.reason) == (Verdict.REFUSED, reason)
    assert second.verdict is Verdict.STORED
    assert desk.chain() == [(1, chain), (2, "followed")]
    assert desk.incidents() == {(IncidentKind.NOT_UNDERSTOOD, "u01"): 1}
    assert desk.send(unit, poison) == desk.send(unit, poison)
    with desk.books() as ledger:
        assert ledger.counts() == OfficeCounts(stored=1, refused=1, repeated=2)


def test_a_record_sealed_to_another_office_is_refused_and_does_not_break_the_chain(
    desk: Desk, unit: PretendUnit
) -> None:
    unit.keys = OTHER_KEYS
    foreign = unit.seal(b"note 1")
    unit.keys = KEYS
    answers = desk.verdicts(unit, foreign, unit.seal(b"note 2"))
    assert [answer.reason for answer in answers] == [ReasonCode.OFFICE_KEY, ReasonCode.NONE]
    assert desk.incidents() == {(IncidentKind.UNOPENED, "u01"): 1}


def test_a_seal_that_does_not_open_is_refused(desk: Desk, unit: PretendUnit) -> None:
    """A unit that signs nonsense in the place of sealed bytes."""
    parsed = parse_envelope(unit.seal(b"note 1").envelope)
    nonsense = replace(parsed, sealed=bytes(len(parsed.sealed)))
    signed = replace(nonsense, signature=unit.key.sign(nonsense.signed_bytes))
    record = Stamped(signed.envelope, hashlib.sha256(signed.envelope).digest(), "")
    (answer,) = desk.verdicts(unit, record)
    assert answer.reason is ReasonCode.SEAL


def test_what_another_key_signed_is_counted_and_not_answered(desk: Desk, unit: PretendUnit) -> None:
    impostor = PretendUnit(unit.name)
    assert desk.send(unit, impostor.seal(b"note 1")) == []
    assert desk.incidents() == {(IncidentKind.FORGED, "u01"): 1}
    assert desk.chain() == []
    assert desk.verdicts(unit, unit.seal(b"note 1"))[0].verdict is Verdict.STORED


def test_a_record_on_another_units_topic_is_a_forgery(desk: Desk, unit: PretendUnit) -> None:
    other = PretendUnit(UnitId("u02"))
    desk.register(other)
    record = unit.seal(b"note 1")
    assert desk.receive(Incoming("unit/u02/record", record.envelope)) == []
    assert desk.incidents() == {(IncidentKind.FORGED, "u02"): 1}
    desk.verdicts(unit, record)
    assert desk.receive(Incoming("unit/u02/record", record.envelope)) == []
    assert desk.incidents() == {(IncidentKind.FORGED, "u02"): 2}


def test_an_unknown_unit_is_counted_and_not_answered(desk: Desk) -> None:
    stranger = PretendUnit(UnitId("u99"))
    assert desk.send(stranger, stranger.seal(b"note 1"), stranger.seal(b"note 2")) == []
    assert desk.incidents() == {(IncidentKind.UNKNOWN_UNIT, "u99"): 2}
    assert desk.tally == Tally(unanswered=2)


def test_a_held_unit_waits_without_an_answer_and_loses_nothing(desk: Desk, unit: PretendUnit) -> None:
    record = unit.seal(b"note 1")
    with desk.books() as ledger:
        assert ledger.set_status(unit.name, UnitStatus.HELD)
    assert desk.send(unit, record) == []
    with desk.books() as ledger:
        ledger.set_status(unit.name, UnitStatus.ACTIVE)
    assert desk.verdicts(unit, record)[0].verdict is Verdict.STORED
    assert desk.incidents() == {(IncidentKind.UNIT_HELD, "u01"): 1}


def test_a_revoked_unit_is_refused_but_keeps_its_receipts(desk: Desk, unit: PretendUnit) -> None:
    before, after = unit.seal(b"note 1"), unit.seal(b"note 2")
    (receipt,) = desk.send(unit, before)
    with desk.books() as ledger:
        ledger.set_status(unit.name, UnitStatus.REVOKED)
    assert desk.verdicts(unit, after)[0].reason is ReasonCode.UNIT
    assert desk.send(unit, before) == [receipt]
    assert desk.chain() == [(1, "followed")]
    assert desk.incidents() == {(IncidentKind.UNIT_REVOKED, "u01"): 1}


@pytest.mark.parametrize(
    ("topic", "payload", "blamed"),
    [
        ("unit/u01/record", b"", "u01"),
        ("unit/u01/record", b"\x00" * 100, "u01"),
        ("unit/u01/presence", b"{}", "u01"),
        ("unit/u01/elsewhere", b"x", ""),
        ("", b"x", ""),
    ],
)
def test_what_is_not_understood_is_counted(
    desk: Desk, unit: PretendUnit, topic: str, payload: bytes, blamed: str
) -> None:
    assert desk.receive(Incoming(topic, payload)) == []
    assert desk.incidents() == {(IncidentKind.MALFORMED, blamed): 1}
    assert desk.followed(unit) == 0


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_flipped_bit_is_stored_or_answered(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    unit = PretendUnit()
    record = unit.seal(b"note 1")
    with make_office_database(tmp_path_factory.mktemp("office") / "office.sqlite3") as database:
        desk = Desk(database)
        desk.register(unit)
        bit = data.draw(st.integers(0, len(record.envelope) * 8 - 1))
        damaged = bytearray(record.envelope)
        damaged[bit // 8] ^= 1 << bit % 8
        assert desk.receive(Incoming("unit/u01/record", bytes(damaged))) == []
        assert desk.chain() == []


def test_a_batch_is_whole_though_some_of_it_is_bad(desk: Desk, unit: PretendUnit) -> None:
    topic = "unit/u01/record"
    answers = desk.receive(
        Incoming(topic, unit.seal(b"note 1").envelope),
        Incoming(topic, b"rubbish"),
        Incoming("nowhere", b""),
        Incoming(topic, unit.seal(b"poison").envelope),
        Incoming(topic, unit.seal(b"note 3").envelope),
    )
    assert len(answers) == 3
    assert desk.tally == Tally(stored=2, refused=1, unanswered=1)


def test_an_empty_batch_is_no_work(desk: Desk) -> None:
    assert desk.receive() == []


def test_a_receipt_is_for_one_record_only(desk: Desk, unit: PretendUnit) -> None:
    first, second = unit.seal(b"note 1"), unit.seal(b"note 2")
    (receipt,) = desk.send(unit, first)
    from appliance.seal.receipt import verify_receipt

    with pytest.raises(ReceiptForged):
        verify_receipt(receipt, unit.name, place_of(second), KEYS.signing.public)


def presence(session: int, state: PresenceState = PresenceState.HERE, name: str = "u01") -> bytes:
    return encode_presence(UnitPresence(UnitId(name), session, state, NOON, OutboxCounts(saved=2, arrived=5)))


def heard(database: OfficeDatabase) -> tuple[int, str, str]:
    query = select(col(UnitRow.session), col(UnitRow.presence_state), col(UnitRow.counts))
    with database.reading() as connection:
        session, state, counts = connection.execute(query).one()
    return session, state, counts


def test_the_newest_presence_is_kept(desk: Desk, unit: PretendUnit) -> None:
    topic = f"unit/{unit.name}/presence"
    desk.receive(Incoming(topic, presence(1)), Incoming(topic, presence(1, PresenceState.LOST)))
    desk.receive(Incoming(topic, presence(2)))
    counts = '{"arrived": 5, "erased": 0, "refused": 0, "saved": 2, "sent": 0}'
    assert heard(desk.database) == (2, "here", counts)


@pytest.mark.parametrize(
    ("message", "incident"),
    [
        (Incoming("unit/u01/presence", presence(4)), (IncidentKind.SESSION_WENT_BACK, "u01")),
        (Incoming("unit/u01/presence", presence(9, name="u02")), (IncidentKind.FORGED, "u01")),
        (Incoming("unit/u99/presence", presence(9, name="u99")), (IncidentKind.UNKNOWN_UNIT, "u99")),
    ],
)
def test_a_presence_that_cannot_be_is_an_incident(
    desk: Desk, unit: PretendUnit, message: Incoming, incident: tuple[IncidentKind, str]
) -> None:
    desk.receive(Incoming(f"unit/{unit.name}/presence", presence(5)), message)
    assert desk.incidents() == {incident: 1}
    assert heard(desk.database)[0] == 5


@pytest.mark.parametrize(
    "late",
    [
        Incoming("unit/u01/presence", presence(4), retained=True),
        Incoming("unit/u01/presence", presence(4, PresenceState.LOST)),
    ],
)
def test_what_comes_late_is_no_incident_and_changes_nothing(
    desk: Desk, unit: PretendUnit, late: Incoming
) -> None:
    desk.receive(Incoming(f"unit/{unit.name}/presence", presence(5)), late)
    assert desk.incidents() == {}
    assert heard(desk.database)[:2] == (5, "here")


def test_two_collectors_over_one_database_answer_alike(database: OfficeDatabase) -> None:
    desk, unit = Desk(database), PretendUnit()
    desk.register(unit)
    record = unit.seal(b"note 1")
    (first,) = desk.send(unit, record)
    with make_office_database(database.path) as same:
        second = Reception(same, KEYS, OfficeClock(), parse_note)
        answers, tally = second.receive([Incoming("unit/u01/record", record.envelope)])
    assert [answer.receipt for answer in answers] == [first]
    assert tally == Tally(repeated=1)
