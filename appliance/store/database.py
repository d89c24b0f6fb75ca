"""One SQLite file that loses nothing it has confirmed (proof.md W1): opened strictly, checked, and its errors named.

Each default of SQLite that trades the last seconds for speed is set otherwise on every connection and read back; a value
that does not hold stops the work. The two processes of the unit use the file at once (design D8).
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, Self

from sqlalchemy import Connection, Engine, create_engine, event, insert, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import col

from appliance.errors import DiskFull, StoreBusy, StoreDamaged, UnitError
from appliance.store.tables import SCHEMA_VERSION, MetaRow, UnitTable

BUSY_TIMEOUT_S: Final = 5.0
"""How long one process waits for the other's transaction; each takes milliseconds."""

PRAGMAS: Final[tuple[tuple[str, str, str | int], ...]] = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("foreign_keys", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("secure_delete", "ON", 1),
    ("temp_store", "MEMORY", 2),
)
"""Name, what is set, what must be read back (proof.md W1; temp_store keeps sorted rows out of temporary files)."""

_BEGIN: Final = "unit_begin"
_SCHEMA: Final = "schema"
"""Under this name stands the hash of the table definitions."""
_FULL: Final = frozenset({sqlite3.SQLITE_FULL})
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BROKEN_DISK: Final = frozenset(
    {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
)
_CONTRADICTION: Final = frozenset({sqlite3.SQLITE_CONSTRAINT})
"""Rows that this program writes fit together unless some of those that stand there are not what it wrote."""
_PRIMARY_CODE: Final = 0xFF
"""Mask from an extended to a primary result code (sqlite.org/rescode.html §2)."""


class Database:
    """An open, checked database of a unit."""

    __slots__ = ("_reader", "_writer", "path")

    def __init__(self, path: Path, engine: Engine) -> None:
        """Use `open_database` instead; this only keeps what it checked."""
        self.path: Final = path
        self._reader = engine
        self._writer = engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection inside one consistent snapshot.

        Raises:
            StoreBusy: another process holds the file.
            StoreDamaged: the file cannot be read.
        """
        with named_errors(self.path), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Lend a connection inside one transaction that is committed and synced at the end, or leaves nothing.

        Raises:
            DiskFull: no room; nothing was written.
            StoreBusy: another process holds the file; nothing was written.
            StoreDamaged: the file cannot be written; nothing was written.
        """
        with named_errors(self.path), self._writer.begin() as connection:
            yield connection

    def fold_log(self) -> bool:
        """Bring the write-ahead log into the file and empty it, so that erased bytes are gone from both.

        Returns False while another process reads an older state; the next call does it then.
        """
        with named_errors(self.path), self._reader.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None  # noqa: S101 - a checked-out connection has its driver's one
            with closing(raw.cursor()) as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                busy, _, _ = cursor.fetchone() or (1, 0, 0)
        return not busy

    def close(self) -> None:
        """Close every connection; safe to call again."""
        self._reader.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_database(path: Path, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Database:
    """Return the database in `path`, made with mode 0600 when there is none.

    Raises:
        StoreDamaged: `pragma`, `quick_check`, `schema` or `disk` does not hold.
        StoreBusy: another process holds the file.
        DiskFull: no room to make the file.
    """
    # Errors and their tracebacks show statements, never what stands in the columns.
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"timeout": busy_timeout_s}, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    database = Database(path, engine)
    try:
        with named_errors(path):
            path.touch(mode=0o600)
        _quick_check(database)
        _agree_on_schema(database)
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def named_errors(path: Path) -> Iterator[None]:
    """Raise what SQLite and the file system say about `path` as errors of the unit."""
    try:
        yield
    except UnitError:
        raise
    except (DBAPIError, sqlite3.Error) as error:
        known = _named(error.orig if isinstance(error, DBAPIError) else error, path)
        if known is None:
            raise
        raise known from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull(free_bytes(path)) from error
        raise StoreDamaged("disk") from error


def free_bytes(path: Path) -> int:
    """Return how much room an ordinary process has on the disk of `path`."""
    return shutil.disk_usage(path.parent).free


def check_pragmas(connection: DBAPIConnection) -> None:
    """Set every pragma of `PRAGMAS` and read it back.

    Raises:
        StoreDamaged: `pragma`: a value does not hold.
    """
    with closing(connection.cursor()) as cursor:
        for name, wanted, expected in PRAGMAS:
            cursor.execute(f"PRAGMA {name}={wanted}")
            cursor.execute(f"PRAGMA {name}")
            if cursor.fetchone() != (expected,):
                raise StoreDamaged("pragma")


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN would come too late and be a deferred one; `_begin` says which is meant.
    connection.isolation_level = None
    # A damaged text is a wrong text, which the chain finds; it must not end as a fault of the driver.
    connection.text_factory = _text
    try:
        check_pragmas(connection)
    except BaseException:
        # A connection that is refused here never reaches the pool, which would have closed it.
        connection.close()
        raise


def _text(stored: bytes) -> str:
    return stored.decode(errors="replace")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))


def _named(error: BaseException | None, path: Path) -> UnitError | None:
    """Return the unit's error for SQLite's, None for a fault of this program."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & _PRIMARY_CODE
    if code in _FULL:
        return DiskFull(free_bytes(path))
    if code in _BUSY:
        return StoreBusy()
    if code in _DAMAGED:
        return StoreDamaged("quick_check")
    if code in _BROKEN_DISK:
        return StoreDamaged("disk")
    if code in _CONTRADICTION:
        return StoreDamaged("row")
    return None


def _quick_check(database: Database) -> None:
    try:
        with database.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check").all()
    except UnicodeDecodeError as error:
        # The engine quotes damaged names in its own messages.
        raise StoreDamaged("quick_check") from error
    if found != [("ok",)]:
        raise StoreDamaged("quick_check")


def _agree_on_schema(database: Database) -> None:
    """Make the tables in an empty file, or refuse tables that are not as this program made them."""
    with database.reading() as connection:
        is_new = _is_empty(connection)
    if is_new:
        with database.writing() as connection:
            # Asked again inside the transaction: the other process may just have made the tables.
            if _is_empty(connection):
                _make_tables(connection)
    with database.reading() as connection:
        _demand_own_tables(connection)


def _make_tables(connection: Connection) -> None:
    UnitTable.metadata.create_all(connection)
    connection.exec_driver_sql(f"PRAGMA user_version={SCHEMA_VERSION}")
    connection.execute(insert(MetaRow).values(name=_SCHEMA, value=_schema_hash(connection)))


def _demand_own_tables(connection: Connection) -> None:
    """Compare version and table definitions with what was noted when they were made.

    The engine reads every row by these definitions, so one letter changed in them would change what all rows say.
    """
    try:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        noted = connection.execute(select(col(MetaRow.value)).where(col(MetaRow.name) == _SCHEMA)).scalar()
    except OperationalError as error:
        # The engine's plain "error" means here that a table or a column is not there.
        if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
            raise StoreDamaged("schema") from error
        raise
    if version != SCHEMA_VERSION or noted != _schema_hash(connection):
        raise StoreDamaged("schema")


def _is_empty(connection: Connection) -> bool:
    tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar_one()
    return not tables and not connection.exec_driver_sql("PRAGMA user_version").scalar_one()


def _schema_hash(connection: Connection) -> str:
    rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid")
    return hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()


def sync_folder(folder: Path) -> None:
    """Make a new or renamed file in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
