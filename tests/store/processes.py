"""What the unit's processes do in tests: each function runs in a process of its own."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from tests.store.conftest import START, UnitUnderTest


def save_until_killed(folder: Path, reports: Connection) -> None:
    """Save record after record and report each one only when it is saved."""
    unit = UnitUnderTest(folder)
    store = unit.open()
    reports.send("open")
    while True:
        saved = unit.save(store)
        reports.send((saved.sequence, saved.record_hash))
        store.audit("event", "between records")


def save_some(folder: Path, reports: Connection, count: int) -> None:
    """Open the database, be it new, and save `count` records: the part of the field process."""
    unit = UnitUnderTest(folder)
    with unit.open() as store:
        reports.send([unit.save(store).sequence for _ in range(count)])


def drain(folder: Path, reports: Connection, count: int) -> None:
    """Open the database, be it new, and receipt `count` records as they come: the part of the sync process."""
    unit = UnitUnderTest(folder)
    receipted = 0
    with unit.open() as store:
        while receipted < count:
            for row in store.waiting(5):
                store.mark_sent(row.sequence, START)
                store.mark_receipted(row.sequence, b"receipt", START)
                receipted += 1
        store.audit("drained", f"count={receipted}")
    reports.send(receipted)
