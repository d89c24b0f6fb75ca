"""The office's database: strict at open, whole or nothing at commit, and never another program's."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import insert

from appliance.errors import NotProvisioned, StoreDamaged
from appliance.store.database import open_database
from mqtt.office.database import OfficeDatabase, make_office_database, open_office_database
from mqtt.office.ledger import Ledger
from mqtt.office.tables import EnvelopeRow
from tests.office.units import NOON, PretendUnit


def test_a_new_database_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "office.sqlite3"
    make_office_database(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_office_that_was_not_set_up_has_none(tmp_path: Path) -> None:
    with pytest.raises(NotProvisioned):
        open_office_database(tmp_path / "office.sqlite3")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)],
)
def test_every_connection_is_durable(database: OfficeDatabase, pragma: str, value: object) -> None:
    with database.reading() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value


def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    path, unit = tmp_path / "office.sqlite3", PretendUnit()
    with make_office_database(path) as database, database.writing() as connection:
        Ledger(connection).register(unit.name, unit.key.public, NOON)
    with open_office_database(path) as database, database.reading() as connection:
        known = Ledger(connection).unit(unit.name)
    assert known is not None
    assert known.public_key == unit.key.public


def test_a_transaction_that_fails_leaves_nothing(database: OfficeDatabase) -> None:
    unit = PretendUnit()

    def fail_half_way() -> None:
        with database.writing() as connection:
            Ledger(connection).register(unit.name, unit.key.public, NOON)
            raise StoreDamaged("disk")

    with pytest.raises(StoreDamaged):
        fail_half_way()
    with database.reading() as connection:
        assert Ledger(connection).unit(unit.name) is None


def test_a_place_and_a_hash_are_taken_once(database: OfficeDatabase) -> None:
    unit = PretendUnit()
    row = {
        "unit": unit.name, "sequence": 1, "record_hash": b"a", "envelope": b"", "office_at": "", "reason": "none",
        "chain": "followed", "copies": 1,
    }  # fmt: skip
    with database.writing() as connection:
        Ledger(connection).register(unit.name, unit.key.public, NOON)
        connection.execute(insert(EnvelopeRow).values(**row))
    for change in ({"record_hash": b"b"}, {"sequence": 2}):
        with pytest.raises(StoreDamaged), database.writing() as connection:
            connection.execute(insert(EnvelopeRow).values(**row | change))


def test_an_envelope_belongs_to_a_claimed_unit(database: OfficeDatabase) -> None:
    row = {
        "unit": "u99", "sequence": 1, "record_hash": b"a", "envelope": b"", "office_at": "", "reason": "none",
        "chain": "followed", "copies": 1,
    }  # fmt: skip
    with pytest.raises(StoreDamaged), database.writing() as connection:
        connection.execute(insert(EnvelopeRow).values(**row))


def test_a_units_database_is_not_an_offices(tmp_path: Path) -> None:
    path = tmp_path / "unit.sqlite3"
    open_database(path).close()
    with pytest.raises(StoreDamaged) as refused:
        open_office_database(path)
    assert refused.value.check == "schema"


def test_another_programs_tables_are_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "office.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
        connection.commit()
    with pytest.raises(StoreDamaged) as refused:
        open_office_database(path)
    assert refused.value.check == "schema"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "office.sqlite3"
    path.write_bytes(b"not a database at all " * 100)
    with pytest.raises(StoreDamaged):
        open_office_database(path)
    assert path.read_bytes() == b"not a database at all " * 100
