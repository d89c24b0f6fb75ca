"""A flipped bit anywhere in the database file is detected or harmless: never is a wrong record accepted (proof.md L4)."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from appliance.domain.ids import UnitId
from appliance.errors import StoreDamaged, TrustFailure, UnitError
from appliance.seal.record import parse_envelope
from appliance.store.chain import verify_chain
from appliance.store.records import SqliteRecordStore
from tests.seal.conftest import flipped
from tests.store.conftest import PAYLOAD, START, UnitUnderTest

FLIPS = 400


@pytest.fixture
def whole(unit: UnitUnderTest) -> bytes:
    """The file of a unit with records in every state."""
    with unit.open() as store:
        for _ in range(4):
            unit.save(store)
        store.mark_sent(2, START)
        store.mark_receipted(3, b"receipt", START)
        store.mark_refused(4, b"refusal", START)
    return unit.database_file.read_bytes()


def accepted_at_office(unit: UnitUnderTest, store: SqliteRecordStore) -> list[bytes]:
    """Return the payloads that an office would take from what the store gives out."""
    payloads = []
    for row in [*store.waiting(100), *store.states(range(1, 10))]:
        try:
            envelope = parse_envelope(row.envelope).verify(unit.keys.unit.public)
            payloads.append(envelope.open(unit.keys.office))
        except TrustFailure:
            continue
    return payloads


def test_no_flipped_bit_leads_to_a_wrong_record_or_a_fault(
    unit: UnitUnderTest, whole: bytes, tmp_path: Path
) -> None:
    bits = random.Random(4).sample(range(len(whole) * 8), FLIPS)
    detected = 0
    for number, bit in enumerate(bits):
        copy = UnitUnderTest(tmp_path / str(number), unit.keys)
        copy.folder.mkdir()
        copy.database_file.write_bytes(flipped(whole, bit))
        try:
            with copy.open() as store:
                store.counts()
                assert set(accepted_at_office(unit, store)) <= {PAYLOAD}
                verify_chain(store)
        except UnitError:
            detected += 1
        shutil.rmtree(copy.folder)
    assert detected > 0


def test_a_state_that_is_no_state_is_found_at_opening(unit: UnitUnderTest, whole: bytes) -> None:
    changed = whole.replace(b"refusedrefusal", b"rebusedrefusal")
    assert changed != whole
    unit.database_file.write_bytes(changed)
    with pytest.raises(StoreDamaged):
        unit.open()


@pytest.mark.parametrize(
    "change", ["UPDATE outbox SET state = 'neither'", "UPDATE outbox SET sent_at = 'yesterday'"]
)
def test_a_row_that_changed_under_an_open_store_is_damage(unit: UnitUnderTest, change: str) -> None:
    with unit.open() as store:
        unit.save(store)
        with closing(sqlite3.connect(unit.database_file, isolation_level=None)) as raw:
            raw.execute("PRAGMA ignore_check_constraints=ON")
            raw.execute(change)
        with pytest.raises(StoreDamaged) as damaged:
            list(store.states([1]))
        assert damaged.value.check == "row"


def test_a_unit_name_that_changed_is_damage(unit: UnitUnderTest, whole: bytes) -> None:
    changed = UnitId("unit-09")
    unit.database_file.write_bytes(whole.replace(b"unitunit-01", b"unit" + changed.encode()))
    with pytest.raises(StoreDamaged) as damaged:
        unit.open()
    assert damaged.value.check == "unit"
