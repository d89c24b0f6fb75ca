"""The record store: what saved means, the order of records, and the way of a row through the outbox (proof.md W2–W5)."""

from __future__ import annotations

import errno
import hashlib
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from appliance.domain.audit import RECORD_EVENT, genesis
from appliance.domain.ids import UnitId
from appliance.domain.outbox import OutboxCounts, OutboxState, Slot, Stamped
from appliance.errors import DiskFull, FactsMalformed, StoreDamaged, StoreTrouble
from appliance.ports import RecordStore
from appliance.store import audit_log
from appliance.store.audit_log import WITHHELD_EVENT
from appliance.store.chain import verify_chain
from appliance.store.database import Database
from appliance.store.records import LEAST_FREE_BYTES, SqliteRecordStore
from appliance.store.sequence_file import SequenceFile
from tests.store.conftest import START, UNIT, UnitUnderTest

RECEIPT = b"signed by the office"


def state_of(store: SqliteRecordStore, sequence: int) -> OutboxState:
    return next(store.states([sequence])).state


def test_it_is_the_record_store_of_the_ports(store: SqliteRecordStore) -> None:
    port: RecordStore = store
    assert port.counts() == OutboxCounts()


def test_a_saved_record_waits_for_the_office(unit: UnitUnderTest, store: SqliteRecordStore) -> None:
    saved = unit.save(store)
    (row,) = store.waiting(10)
    assert saved.sequence == 1
    assert (row.sequence, row.record_hash, row.receipt_number) == (1, saved.record_hash, saved.receipt_number)
    assert hashlib.sha256(row.envelope).digest() == saved.record_hash
    assert (row.state, row.attempts, row.sent_at) == (OutboxState.SAVED, 0, None)
    assert store.counts() == OutboxCounts(saved=1)


def test_records_are_numbered_without_gaps_across_openings(unit: UnitUnderTest) -> None:
    for expected in (1, 2, 3):
        with unit.open() as store:
            assert unit.save(store).sequence == expected


def test_a_record_takes_its_place_in_the_chain(unit: UnitUnderTest, store: SqliteRecordStore) -> None:
    store.audit("signed_in", "s01")
    first = unit.save(store)
    store.audit("card_read", "genuine=yes")
    unit.save(store)
    slots = unit.keys.slots
    assert [slot.sequence for slot in slots] == [1, 2]
    assert [(entry.position, entry.event) for entry in slots[0].events] == [(1, "signed_in")]
    assert [(entry.position, entry.event, entry.detail) for entry in slots[1].events] == [
        (2, RECORD_EVENT, first.record_hash.hex()),
        (3, "card_read", "genuine=yes"),
    ]
    assert slots[0].previous_link != genesis(UNIT)
    assert unit.follow_at_office(store).sequence == 2


def test_the_very_first_record_starts_from_the_units_own_link(
    unit: UnitUnderTest, store: SqliteRecordStore
) -> None:
    unit.save(store)
    assert unit.keys.slots == [Slot(UNIT, 1, genesis(UNIT), ())]


def test_a_seal_that_fails_leaves_nothing(unit: UnitUnderTest, store: SqliteRecordStore) -> None:
    def fail(_slot: Slot) -> Stamped:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.save(fail)
    assert store.counts() == OutboxCounts()
    assert verify_chain(store).length == 0
    assert unit.save(store).sequence == 1


def test_too_little_room_stops_new_records_while_sending_goes_on(unit: UnitUnderTest) -> None:
    room = [LEAST_FREE_BYTES]
    store = unit.open(free=lambda _path: room[0], least_free_bytes=LEAST_FREE_BYTES)
    unit.save(store)
    room[0] -= 1
    with pytest.raises(DiskFull) as full:
        unit.save(store)
    assert full.value.free_bytes == LEAST_FREE_BYTES - 1
    store.audit("disk_nearly_full", "")
    store.mark_sent(1, START)
    store.mark_receipted(1, RECEIPT, START)
    assert store.counts() == OutboxCounts(arrived=1)


def save_on(unit: UnitUnderTest, store: SqliteRecordStore) -> None:
    for _ in range(50):
        unit.save(store)


def limit_pages(database: Database, pages: int) -> None:
    """Let new connections of `database` grow the file to so many pages only."""
    event.listen(
        database._reader, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count={pages}").close()
    )
    database.close()


@pytest.mark.parametrize("room_pages", range(8))
def test_a_disk_that_fills_at_any_write_loses_nothing_saved(unit: UnitUnderTest, room_pages: int) -> None:
    store = unit.open()
    unit.save(store)
    store.database.fold_log()
    limit_pages(store.database, unit.database_file.stat().st_size // 4_096 + room_pages)
    with pytest.raises(DiskFull):
        save_on(unit, store)
    saved = store.counts().saved
    again = unit.open()
    assert unit.reported == list(range(1, saved + 1))
    assert unit.follow_at_office(again).sequence == saved
    assert unit.save(again).sequence == saved + 1


@contextmanager
def file_size_limit(size_bytes: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size_bytes`, as a disk that stops taking writes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room_bytes", [0, 100, 5_000, 20_000])
def test_a_disk_that_stops_taking_writes_loses_nothing_saved(unit: UnitUnderTest, room_bytes: int) -> None:
    store = unit.open()
    unit.save(store)
    written = unit.database_file.with_name("unit.sqlite3-wal").stat().st_size
    with file_size_limit(written + room_bytes), pytest.raises(StoreTrouble):
        save_on(unit, store)
    saved = store.counts().saved
    assert unit.reported == list(range(1, saved + 1))
    assert unit.save(store).sequence == saved + 1
    assert unit.follow_at_office(store).sequence == saved + 1


def test_a_sequence_that_cannot_be_noted_does_not_undo_a_commit(
    unit: UnitUnderTest, store: SqliteRecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_file: SequenceFile, _sequence: int) -> None:
        raise OSError(errno.EIO, "")

    monkeypatch.setattr(SequenceFile, "raise_to", fail)
    assert unit.save(store).sequence == 1
    assert store.counts() == OutboxCounts(saved=1)


def test_a_database_put_back_from_an_older_copy_locks_writing(unit: UnitUnderTest, tmp_path: Path) -> None:
    with unit.open() as store:
        unit.save(store)
    copy = tmp_path / "copy"
    shutil.copy(unit.database_file, copy)
    with unit.open() as store:
        unit.save(store)
    shutil.copy(copy, unit.database_file)
    store = unit.open()
    for write in (lambda: unit.save(store), lambda: store.audit("signed_in", "s01")):
        with pytest.raises(StoreDamaged) as damaged:
            write()
        assert damaged.value.check == "sequence"
    assert store.counts() == OutboxCounts(saved=1)


def test_a_receipt_for_a_record_that_is_not_there_locks_writing(
    unit: UnitUnderTest, store: SqliteRecordStore
) -> None:
    unit.save(store)
    store.note_sequence(1)
    unit.save(store)
    store.note_sequence(3)
    with pytest.raises(StoreDamaged):
        unit.save(store)


def test_a_lost_sequence_file_is_written_again(unit: UnitUnderTest, store: SqliteRecordStore) -> None:
    unit.save(store)
    unit.sequence_file.unlink()
    unit.save(store)
    assert int(unit.sequence_file.read_bytes()[:20]) == 2


def test_a_database_serves_one_unit_only(unit: UnitUnderTest) -> None:
    unit.open()
    with pytest.raises(StoreDamaged) as damaged:
        unit.open(unit=UnitId("unit-02"))
    assert damaged.value.check == "unit"


@pytest.mark.parametrize(
    "event_name", ["", "Signed", "signed in", "9", "x" * 65, "名前", RECORD_EVENT, WITHHELD_EVENT]
)
def test_an_event_has_a_name_of_this_program(store: SqliteRecordStore, event_name: str) -> None:
    with pytest.raises(FactsMalformed):
        store.audit(event_name, "")
    assert verify_chain(store).length == 0


@pytest.mark.parametrize("detail", ["x" * 129, "two\nlines", "\0"])
def test_a_detail_is_short_and_printable(store: SqliteRecordStore, detail: str) -> None:
    with pytest.raises(FactsMalformed):
        store.audit("signed_in", detail)


def test_events_that_no_longer_fit_are_withheld_visibly(
    unit: UnitUnderTest, store: SqliteRecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "_PENDING_LIMIT", 3)
    for _ in range(2):
        for number in range(9):
            store.audit("noise", str(number))
        unit.save(store)
    noise = ["noise", "noise", WITHHELD_EVENT]
    assert [[entry.event for entry in slot.events] for slot in unit.keys.slots] == [
        noise,
        [RECORD_EVENT, *noise],
    ]
    assert unit.follow_at_office(store).sequence == 2


SENT, ARRIVED, REFUSED, ERASED = (
    OutboxState.SENT,
    OutboxState.ARRIVED,
    OutboxState.REFUSED,
    OutboxState.ERASED,
)


@pytest.mark.parametrize(
    ("steps", "reached"),
    [
        ("", OutboxState.SAVED),
        ("s", SENT),
        ("ss", SENT),
        ("sa", ARRIVED),
        ("a", ARRIVED),
        ("aa", ARRIVED),
        ("as", ARRIVED),
        ("ar", ARRIVED),
        ("r", REFUSED),
        ("rr", REFUSED),
        ("rs", REFUSED),
        ("ra", ARRIVED),
    ],
)
def test_a_row_moves_forward_only(
    unit: UnitUnderTest, store: SqliteRecordStore, steps: str, reached: OutboxState
) -> None:
    unit.save(store)
    for step in steps:
        {
            "s": lambda: store.mark_sent(1, START),
            "a": lambda: store.mark_receipted(1, RECEIPT, START),
            "r": lambda: store.mark_refused(1, b"refusal", START),
        }[step]()
    assert state_of(store, 1) is reached
    assert len(store.waiting(1)) == (reached in {OutboxState.SAVED, SENT})
    assert store.receipt(1) == {ARRIVED: RECEIPT, REFUSED: b"refusal"}.get(reached)


def test_each_sending_is_counted_and_dated(unit: UnitUnderTest, store: SqliteRecordStore) -> None:
    unit.save(store)
    store.mark_sent(1, START)
    store.mark_sent(1, START + timedelta(seconds=3))
    (row,) = store.waiting(1)
    assert (row.attempts, row.sent_at) == (2, START + timedelta(seconds=3))


def test_a_refusal_is_audited_once(unit: UnitUnderTest, store: SqliteRecordStore) -> None:
    unit.save(store)
    before = verify_chain(store).length
    for _ in range(2):
        store.mark_refused(1, RECEIPT, START)
    assert verify_chain(store).length == before + 1


def test_marks_on_records_that_do_not_exist_change_nothing(store: SqliteRecordStore) -> None:
    store.mark_sent(5, START)
    store.mark_receipted(5, RECEIPT, START)
    store.mark_refused(5, RECEIPT, START)
    assert store.counts() == OutboxCounts()
    assert list(store.states([5])) == []
    assert store.receipt(5) is None


def test_waiting_gives_the_oldest_first_up_to_the_limit(
    unit: UnitUnderTest, store: SqliteRecordStore
) -> None:
    for _ in range(4):
        unit.save(store)
    store.mark_receipted(2, RECEIPT, START)
    assert [row.sequence for row in store.waiting(2)] == [1, 3]
    assert [row.sequence for row in store.states([4, 2])] == [2, 4]


operations = st.lists(
    st.tuples(st.sampled_from("vsarxo"), st.integers(min_value=1, max_value=6)), min_size=1, max_size=25
)


@settings(max_examples=25)
@given(operations)
def test_whatever_happens_counts_order_and_chain_agree(steps: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        unit = UnitUnderTest(Path(folder))
        store = unit.open()
        seen: dict[int, list[OutboxState]] = {}
        saved = 0
        for step, sequence in steps:
            if step == "v":
                saved = unit.save(store).sequence
            elif step == "s":
                store.mark_sent(sequence, START)
            elif step == "a":
                store.mark_receipted(sequence, RECEIPT, START)
            elif step == "r":
                store.mark_refused(sequence, RECEIPT, START)
            elif step == "x":
                store.audit("event", str(sequence))
            else:
                store.close()
                store = unit.open()
            for row in store.states(range(1, 30)):
                seen.setdefault(row.sequence, []).append(row.state)
        counts = store.counts()
        assert list(seen) == list(range(1, saved + 1))
        assert counts.saved + counts.sent + counts.arrived + counts.refused == saved
        assert len(store.waiting(100)) == counts.saved + counts.sent
        order = [OutboxState.SAVED, SENT, REFUSED, ARRIVED]
        assert all(
            order.index(earlier) <= order.index(later)
            for states in seen.values()
            for earlier, later in pairwise(states)
        )
        assert unit.follow_at_office(store).sequence == saved
        verify_chain(store)
        store.close()
