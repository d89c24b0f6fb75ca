"""Erasing: only what the office has, only after the delay, and then really (proof.md W3, V3)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta, timezone

import pytest
from sqlalchemy import update

from appliance.domain.outbox import OutboxCounts, OutboxState
from appliance.errors import StoreDamaged
from appliance.store import erasure
from appliance.store.chain import verify_chain
from appliance.store.erasure import erase_arrived
from appliance.store.records import SqliteRecordStore
from appliance.store.tables import OutboxEntry
from tests.store.conftest import START, UnitUnderTest

DAY = timedelta(days=1)


def everything_on_disk(unit: UnitUnderTest) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(unit.folder.iterdir()))


def test_arrived_records_are_erased_after_the_delay_and_not_before(
    unit: UnitUnderTest, store: SqliteRecordStore
) -> None:
    for sequence in (1, 2):
        unit.save(store)
        store.mark_receipted(sequence, b"receipt", unit.clock.now())
        unit.clock.step(hours=1)
    unit.clock.shown = START + DAY - timedelta(seconds=1)
    assert erase_arrived(store, DAY) == 0
    unit.clock.step(seconds=1)
    assert erase_arrived(store, DAY) == 1
    assert store.counts() == OutboxCounts(arrived=1, erased=1)
    assert erase_arrived(store, DAY) == 0


@pytest.mark.parametrize("state", ["saved", "sent", "refused"])
def test_without_a_receipt_of_arrival_nothing_is_ever_erased(
    unit: UnitUnderTest, store: SqliteRecordStore, state: str
) -> None:
    unit.save(store)
    if state == "sent":
        store.mark_sent(1, START)
    if state == "refused":
        store.mark_refused(1, b"refusal", START)
    unit.clock.step(days=10_000)
    assert erase_arrived(store, timedelta(0)) == 0
    assert next(store.states([1])).envelope


def test_the_database_itself_holds_no_verdict_without_a_receipt(
    unit: UnitUnderTest, store: SqliteRecordStore
) -> None:
    unit.save(store)
    for state in (OutboxState.ARRIVED, OutboxState.REFUSED, OutboxState.ERASED):
        with pytest.raises(StoreDamaged), store.database.writing() as connection:
            connection.execute(update(OutboxEntry).values(state=state.value))


def test_erased_bytes_are_in_no_file_while_count_hash_and_receipt_stay(
    unit: UnitUnderTest, store: SqliteRecordStore
) -> None:
    saved = unit.save(store)
    envelope = next(store.states([1])).envelope
    pieces = [envelope[start : start + 24] for start in range(0, len(envelope) - 24, 97)]
    assert any(piece in everything_on_disk(unit) for piece in pieces)
    store.mark_receipted(1, b"receipt", START)
    erase_arrived(store, timedelta(0))
    assert not any(piece in everything_on_disk(unit) for piece in pieces)
    row = next(store.states([1]))
    assert (row.envelope, row.record_hash, row.state) == (b"", saved.record_hash, OutboxState.ERASED)
    assert store.receipt(1) == b"receipt"
    with closing(sqlite3.connect(unit.database_file)) as raw:
        assert raw.execute("SELECT envelope_size_bytes FROM record").fetchall() == [(len(envelope),)]


def test_a_late_receipt_or_sending_does_not_bring_a_record_back(
    unit: UnitUnderTest, store: SqliteRecordStore
) -> None:
    unit.save(store)
    store.mark_receipted(1, b"receipt", START)
    erase_arrived(store, timedelta(0))
    store.mark_sent(1, START)
    store.mark_receipted(1, b"another", START)
    store.mark_refused(1, b"refusal", START)
    assert store.counts() == OutboxCounts(erased=1)
    assert store.receipt(1) == b"receipt"


def test_erasing_is_audited_with_its_count_and_the_chain_holds(
    unit: UnitUnderTest, store: SqliteRecordStore
) -> None:
    for sequence in (1, 2):
        unit.save(store)
        store.mark_receipted(sequence, b"receipt", START)
    erase_arrived(store, timedelta(0))
    assert verify_chain(store).length == 3
    unit.save(store)
    with store.database.reading() as connection:
        query = "SELECT detail FROM audit_entry WHERE event = 'records_erased'"
        assert connection.exec_driver_sql(query).all() == [("count=2",)]


def test_a_long_backlog_goes_in_batches(
    unit: UnitUnderTest, store: SqliteRecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "BATCH", 2)
    for sequence in range(1, 6):
        unit.save(store)
        store.mark_receipted(sequence, b"receipt", START)
    assert [erase_arrived(store, timedelta(0)) for _ in range(4)] == [2, 2, 1, 0]


def test_the_delay_is_counted_in_instants_whatever_zone_they_came_in(
    unit: UnitUnderTest, store: SqliteRecordStore
) -> None:
    unit.save(store)
    store.mark_receipted(1, b"receipt", START.astimezone(timezone(timedelta(hours=9))))
    unit.clock.step(hours=1)
    assert erase_arrived(store, timedelta(hours=2)) == 0
    assert erase_arrived(store, timedelta(hours=1)) == 1
