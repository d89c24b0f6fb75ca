"""Checking the chain: any row changed, removed, added or moved is found, and the first bad link is named (proof.md T5)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from appliance.domain.audit import AuditEntry, genesis, link
from appliance.errors import ChainBroken
from appliance.store.chain import ChainReport, verify_chain
from appliance.store.erasure import erase_arrived
from appliance.store.records import SqliteRecordStore
from tests.store.conftest import START, UNIT, UnitUnderTest


@pytest.fixture
def filled(unit: UnitUnderTest, store: SqliteRecordStore) -> SqliteRecordStore:
    """A chain of six: signed_in, record 1, card_read, record 2, record 3, signed_out."""
    store.audit("signed_in", "s01")
    unit.save(store)
    store.audit("card_read", "genuine=yes")
    unit.save(store)
    unit.save(store)
    store.audit("signed_out", "s01")
    return store


def test_an_empty_chain_ends_where_the_unit_begins(store: SqliteRecordStore) -> None:
    assert verify_chain(store) == ChainReport(0, genesis(UNIT))


def test_a_whole_chain_tells_its_length_and_head(filled: SqliteRecordStore) -> None:
    report = verify_chain(filled)
    with filled.database.reading() as connection:
        newest = connection.exec_driver_sql("SELECT link FROM audit_entry WHERE position = 6").scalar_one()
    assert report == ChainReport(6, newest)


def test_the_chain_holds_after_erasing(filled: SqliteRecordStore) -> None:
    filled.mark_receipted(2, b"receipt", START)
    erase_arrived(filled, timedelta(0))
    assert verify_chain(filled).length == 7


SWAP_EVENTS = (
    "UPDATE audit_entry SET position = 9 WHERE position = 1;"
    "UPDATE audit_entry SET position = 1 WHERE position = 3;"
    "UPDATE audit_entry SET position = 3 WHERE position = 9"
)
TAMPERING = {
    "an event renamed": ("UPDATE audit_entry SET event = 'signed_off' WHERE position = 1", 1),
    "a detail changed": ("UPDATE audit_entry SET detail = 'genuine=no' WHERE position = 3", 3),
    "an instant changed": ("UPDATE audit_entry SET at = '2020-01-01' WHERE position = 3", 3),
    "a link changed": ("UPDATE audit_entry SET link = zeroblob(32) WHERE position = 6", 6),
    "an event removed": ("DELETE FROM audit_entry WHERE position = 3", 3),
    "the first event removed": ("DELETE FROM audit_entry WHERE position = 1", 1),
    "an event moved": ("UPDATE audit_entry SET position = 9 WHERE position = 3", 3),
    "two events swapped": (SWAP_EVENTS, 1),
    "an event added": (
        "INSERT INTO audit_entry VALUES (7, 'signed_in', 's02', '2026', zeroblob(32))",
        7,
    ),
    "sealed bytes changed": ("UPDATE record SET envelope = zeroblob(99) WHERE sequence = 2", 4),
    "a record's hash changed": ("UPDATE record SET record_hash = zeroblob(32) WHERE sequence = 2", 4),
    "a record removed": ("DELETE FROM record WHERE sequence = 2", 4),
    "the last record removed": ("DELETE FROM record WHERE sequence = 3", 5),
    "a record added": ("INSERT INTO record VALUES (4, zeroblob(32), '', NULL, 0, 6)", 7),
    "a record renumbered": ("UPDATE record SET sequence = 9 WHERE sequence = 3", 5),
    "a record moved in the chain": ("UPDATE record SET audit_position = 6 WHERE sequence = 2", 4),
    "two envelopes swapped": (
        "UPDATE record SET envelope = (SELECT envelope FROM record WHERE sequence = 3) WHERE sequence = 2",
        4,
    ),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_the_first_bad_link_is_named(unit: UnitUnderTest, filled: SqliteRecordStore, name: str) -> None:
    script, position = TAMPERING[name]
    with closing(sqlite3.connect(unit.database_file, isolation_level=None)) as raw:
        raw.executescript(script)
    with pytest.raises(ChainBroken) as broken:
        verify_chain(filled)
    assert broken.value.position == position


def test_an_event_slipped_in_with_a_right_looking_link_breaks_what_follows(
    unit: UnitUnderTest, filled: SqliteRecordStore
) -> None:
    with closing(sqlite3.connect(unit.database_file, isolation_level=None)) as raw:
        (before,) = raw.execute("SELECT link FROM audit_entry WHERE position = 2").fetchone()
        forged = AuditEntry(3, "card_read", "genuine=no", "2026-11-23T01:00:00.000+00:00")
        raw.execute(
            "UPDATE audit_entry SET detail = ?, at = ?, link = ? WHERE position = 3",
            (forged.detail, forged.at, link(before, forged)),
        )
    with pytest.raises(ChainBroken) as broken:
        verify_chain(filled)
    assert broken.value.position == 4
