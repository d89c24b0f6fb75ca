"""The office's database on one machine: SQLite with the same discipline as a unit's (proof.md W1, W6).

A receipt is a promise that the record is on disk, so each commit is synced, and every pragma is read back at open.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from appliance.errors import NotProvisioned, StoreDamaged
from appliance.store.database import check_pragmas, named_errors
from mqtt.office.tables import APPLICATION_ID, SCHEMA_VERSION, OfficeTable

BUSY_TIMEOUT_S: Final = 10.0
"""Several collectors and a wall may stand in line; each transaction takes milliseconds."""

_BEGIN: Final = "office_begin"


class OfficeDatabase:
    """An open, checked database."""

    __slots__ = ("_engine", "_writer", "path")

    def __init__(self, path: Path, engine: Engine) -> None:
        """Use `open_office_database` instead; this only keeps what it checked."""
        self.path: Final = path
        self._engine = engine
        self._writer = engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection inside one consistent snapshot.

        Raises:
            StoreTrouble: the file cannot be read.
        """
        with named_errors(self.path), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Lend a connection inside one transaction that is committed and synced at the end, or leaves nothing.

        Raises:
            StoreTrouble: the file cannot be written; nothing was.
        """
        with named_errors(self.path), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection; safe to call again."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def make_office_database(path: Path) -> OfficeDatabase:
    """Return the database in `path`, made with mode 0600 and empty tables when there is none.

    Raises:
        StoreTrouble: it cannot be made, or what is there is not an office's.
    """
    with named_errors(path):
        path.touch(mode=0o600)
    return _open(path)


def open_office_database(path: Path) -> OfficeDatabase:
    """Return the database in `path`.

    Raises:
        NotProvisioned: there is none.
        StoreTrouble: it does not pass its checks.
    """
    if not path.exists():
        raise NotProvisioned(path.name)
    return _open(path)


def _open(path: Path) -> OfficeDatabase:
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT_S}, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    database = OfficeDatabase(path, engine)
    try:
        with database.reading() as connection:
            _quick_check(connection)
        with database.writing() as connection:
            _agree_on_schema(connection)
    except BaseException:
        database.close()
        raise
    return database


def _quick_check(connection: Connection) -> None:
    if connection.exec_driver_sql("PRAGMA quick_check").all() != [("ok",)]:
        raise StoreDamaged("quick_check")


def _agree_on_schema(connection: Connection) -> None:
    """Make the tables in an empty file, or refuse tables that this program does not know."""
    marks = _number(connection, "PRAGMA application_id"), _number(connection, "PRAGMA user_version")
    if marks == (APPLICATION_ID, SCHEMA_VERSION):
        return
    if any(marks) or _number(connection, "SELECT count(*) FROM sqlite_schema"):
        raise StoreDamaged("schema")
    OfficeTable.metadata.create_all(connection)
    connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version={SCHEMA_VERSION}")


def _number(connection: Connection, statement: str) -> int:
    return int(connection.exec_driver_sql(statement).scalar_one())


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN would come too late and be a deferred one; `_begin` says which is meant.
    connection.isolation_level = None
    try:
        check_pragmas(connection)
    except BaseException:
        # A connection that is refused here never reaches the pool, which would have closed it.
        connection.close()
        raise


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))
