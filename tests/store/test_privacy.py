"""Nothing on the unit's disk shows who was visited (design D2, proof.md V1, V6)."""

from __future__ import annotations

import traceback
from datetime import date

import pytest

from appliance.domain.ids import PersonId, StaffId
from appliance.domain.outbox import Slot, Stamped
from appliance.domain.roster import RosterEntry, StaffName
from appliance.errors import StoreDamaged
from appliance.store.records import SqliteRecordStore
from appliance.store.roster_key import PassphraseCost, RosterKey
from appliance.store.staff import SqliteStaffRegister
from tests.seal.conftest import seeded
from tests.store.conftest import PAYLOAD, UnitUnderTest

MARKERS = ["山田", "花子", "ヤマダ", "1938-04-05", "さくら苑", "302号室", "あいことば"]


def on_disk(unit: UnitUnderTest) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in unit.folder.iterdir()}


def found(unit: UnitUnderTest) -> set[tuple[str, str]]:
    spellings = [(marker, encoding) for marker in MARKERS for encoding in ("utf-8", "utf-16-le", "shift_jis")]
    return {
        (name, marker)
        for name, content in on_disk(unit).items()
        for marker, encoding in spellings
        if marker.encode(encoding) in content
    }


def test_no_personal_byte_is_in_any_file_after_saving_and_signing_in(
    unit: UnitUnderTest, store: SqliteRecordStore
) -> None:
    register = SqliteStaffRegister(store.database, store.unit, unit.clock, seeded(5), PassphraseCost(1, 1, 8))
    key = RosterKey.generate(seeded(6))
    entry = RosterEntry(PersonId("p1"), "山田 花子", "ヤマダ ハナコ", "302号室", date(1938, 4, 5))
    register.enrol_staff(StaffName(StaffId("s01"), "職員"), "あいことば", key)
    register.replace_roster("さくら苑", date(2026, 11, 23), [entry], key)
    assert register.sign_in(StaffId("s01"), "あいことば").entries == (entry,)
    for _ in range(5):
        unit.save(store)
    names = set(on_disk(unit))
    assert {"unit.sqlite3", "unit.sqlite3-wal", "sequence"} <= names
    assert found(unit) == set()
    store.close()
    assert found(unit) == set()


def test_the_search_would_find_a_marker(unit: UnitUnderTest, store: SqliteRecordStore) -> None:
    with store.database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO meta VALUES ('marker', '山田')")
    assert found(unit) == {("unit.sqlite3-wal", "山田")}


def test_the_unit_finds_no_payload_in_what_it_stored(unit: UnitUnderTest, store: SqliteRecordStore) -> None:
    unit.save(store)
    whole = b"".join(on_disk(unit).values())
    assert not any(PAYLOAD[start : start + 8] in whole for start in range(len(PAYLOAD) - 7))


def test_an_error_of_the_database_shows_no_column(unit: UnitUnderTest, store: SqliteRecordStore) -> None:
    unit.save(store)
    row = next(store.states([1]))

    def same_again(_slot: Slot) -> Stamped:
        return Stamped("山田 花子".encode(), row.record_hash, "山田 花子")

    with pytest.raises(StoreDamaged) as refused:
        store.save(same_again)
    told = "".join(traceback.format_exception(refused.value))
    assert not any(marker in told or repr(marker.encode())[2:-1] in told for marker in MARKERS)
