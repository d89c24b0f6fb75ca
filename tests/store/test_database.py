"""The database file: strict on every connection, checked at opening, and with its errors named (proof.md W1, W8)."""

from __future__ import annotations

import errno
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError

from appliance.errors import DiskFull, StoreBusy, StoreDamaged
from appliance.store.database import PRAGMAS, Database, check_pragmas, named_errors, open_database
from appliance.store.tables import SCHEMA_VERSION
from tests.store.conftest import UnitUnderTest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "unit.sqlite3"


def run(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        for statement in statements:
            raw.execute(statement)


class ScriptedDriver:
    """A connection that answers every pragma as wanted, but one."""

    def __init__(self, odd_one: str, answer: object) -> None:
        self._answers: dict[str, object] = {name: expected for name, _, expected in PRAGMAS}
        self._answers[odd_one] = answer
        self._asked = ""

    def cursor(self) -> Any:  # noqa: ANN401 - stands for a driver's cursor
        return self

    def execute(self, statement: str) -> None:
        self._asked = statement.removeprefix("PRAGMA ")

    def fetchone(self) -> tuple[object]:
        return (self._answers[self._asked],)

    def close(self) -> None:
        self._asked = ""


@pytest.mark.parametrize("name", [name for name, _, _ in PRAGMAS])
@pytest.mark.parametrize("answer", ["memory", 3, None])
def test_a_pragma_that_does_not_hold_stops_the_work(name: str, answer: object) -> None:
    with pytest.raises(StoreDamaged) as damaged:
        check_pragmas(cast("DBAPIConnection", ScriptedDriver(name, answer)))
    assert damaged.value.check == "pragma"


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("secure_delete", 1),
        ("temp_store", 2),
        ("busy_timeout", 5_000),
    ],
)
def test_every_connection_holds_the_strict_values(path: Path, name: str, held: object) -> None:
    with open_database(path) as database, database.reading() as one, database.reading() as other:
        for connection in (one, other):
            assert connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() == held


def test_a_new_database_is_readable_by_its_owner_only(unit: UnitUnderTest) -> None:
    unit.save(unit.open())
    for file in unit.folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_database_is_opened_again_as_it_was_left(path: Path) -> None:
    for _ in range(2):
        with open_database(path) as database, database.reading() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            assert version == SCHEMA_VERSION


def damage(path: Path, check: str) -> None:
    with pytest.raises(StoreDamaged) as damaged:
        open_database(path)
    assert damaged.value.check == check


def test_a_newer_schema_is_refused_and_left_alone(path: Path) -> None:
    run(path, "CREATE TABLE record (later TEXT)", f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    damage(path, "schema")
    run(path, "SELECT later FROM record")


def test_a_database_of_something_else_is_refused(path: Path) -> None:
    run(path, "CREATE TABLE something (else_ TEXT)")
    damage(path, "schema")


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_bytes(b"no database" * 1_000)
    damage(path, "quick_check")
    assert path.read_bytes() == b"no database" * 1_000


def test_a_damaged_page_is_found_at_opening(path: Path) -> None:
    with open_database(path):
        pass
    whole = bytearray(path.read_bytes())
    whole[4_096:4_200] = b"\xff" * 104
    path.write_bytes(whole)
    damage(path, "quick_check")


def test_a_place_that_cannot_hold_a_file_is_a_broken_disk(tmp_path: Path) -> None:
    damage(tmp_path / "missing" / "unit.sqlite3", "disk")
    damage(tmp_path, "disk")


def test_a_transaction_is_kept_whole_or_not_at_all(path: Path) -> None:
    with open_database(path) as database:
        with pytest.raises(KeyError):
            insert_and_fail(database)
        assert count_rows(database) == 0
        with database.writing() as connection:
            connection.exec_driver_sql("INSERT INTO roster VALUES ('p1', 1, x'00')")
        assert count_rows(database) == 1


def insert_and_fail(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO roster VALUES ('p1', 1, x'00')")
        raise KeyError


def count_rows(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM roster").scalar_one())


def test_a_reader_sees_one_state_while_another_writes(path: Path) -> None:
    with open_database(path) as database, database.reading() as reader:
        assert reader.exec_driver_sql("SELECT count(*) FROM roster").scalar_one() == 0
        with database.writing() as writer:
            writer.exec_driver_sql("INSERT INTO roster VALUES ('p1', 1, x'00')")
        assert reader.exec_driver_sql("SELECT count(*) FROM roster").scalar_one() == 0
        assert count_rows(database) == 1


def test_a_database_held_by_another_process_is_busy_not_damaged(path: Path) -> None:
    with open_database(path, busy_timeout_s=0.01) as database, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy), database.writing():
            pytest.fail("two processes wrote at once")
        assert count_rows(database) == 0


def test_rows_that_contradict_each_other_are_damage(path: Path) -> None:
    with open_database(path) as database, pytest.raises(StoreDamaged) as damaged:
        insert_outbox_row(database)
    assert damaged.value.check == "row"


def insert_outbox_row(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO outbox (sequence, state, attempts) VALUES (9, 'saved', 0)")


def test_a_fault_of_this_program_keeps_its_name(path: Path) -> None:
    with open_database(path) as database, database.reading() as connection, pytest.raises(OperationalError):
        connection.exec_driver_sql("SELECT nothing FROM nowhere")


def test_a_definition_with_one_letter_changed_is_refused(path: Path) -> None:
    with open_database(path):
        pass
    path.write_bytes(path.read_bytes().replace(b"receipted_at TEXT", b"receipted_at TEXt"))
    damage(path, "schema")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_with_the_room_that_is_left(path: Path, number: int) -> None:
    with pytest.raises(DiskFull) as full, named_errors(path):
        raise OSError(number, "")
    assert full.value.free_bytes > 0


@pytest.mark.parametrize("number", [errno.EIO, errno.EROFS, errno.EACCES])
def test_a_disk_that_does_not_work_is_named(path: Path, number: int) -> None:
    with pytest.raises(StoreDamaged) as damaged, named_errors(path):
        raise OSError(number, "")
    assert damaged.value.check == "disk"


@pytest.mark.parametrize(
    ("code", "check"),
    [
        (sqlite3.SQLITE_CORRUPT, "quick_check"),
        (sqlite3.SQLITE_CORRUPT | 3 << 8, "quick_check"),
        (sqlite3.SQLITE_NOTADB, "quick_check"),
        (sqlite3.SQLITE_IOERR | 4 << 8, "disk"),
        (sqlite3.SQLITE_READONLY, "disk"),
        (sqlite3.SQLITE_CANTOPEN, "disk"),
    ],
)
def test_what_the_engine_finds_is_named(path: Path, code: int, check: str) -> None:
    error = sqlite3.OperationalError()
    error.sqlite_errorcode = code
    with pytest.raises(StoreDamaged) as damaged, named_errors(path):
        raise error
    assert damaged.value.check == check


def test_the_log_is_folded_unless_somebody_reads_an_older_state(path: Path) -> None:
    log = path.with_name("unit.sqlite3-wal")
    with open_database(path, busy_timeout_s=0.01) as database:
        with database.reading() as reader:
            reader.exec_driver_sql("SELECT count(*) FROM roster").scalar_one()
            with database.writing() as connection:
                connection.exec_driver_sql("INSERT INTO roster VALUES ('p1', 1, x'00')")
            assert not database.fold_log()
            assert log.stat().st_size > 0
        assert database.fold_log()
        assert log.stat().st_size == 0
