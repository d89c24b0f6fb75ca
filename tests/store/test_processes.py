"""Two processes on one file, and processes that die at any moment (design D8, proof.md L1, H1)."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

from appliance.domain.outbox import OutboxCounts
from appliance.store.chain import verify_chain
from tests.store import processes
from tests.store.conftest import UnitUnderTest

ANSWER_TIMEOUT_S = 60.0
KILLS = 30


@pytest.fixture(scope="module")
def server() -> ForkServerContext:
    """Children start from a process that has everything imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.processes"])
    return context


@contextmanager
def running(
    server: ForkServerContext, work: Callable[..., None], *arguments: object
) -> Iterator[tuple[ForkServerProcess, Connection]]:
    """Run `work(folder, reports, ...)` in a process and lend it with the end where its reports come out."""
    reports, sending = server.Pipe(duplex=False)
    folder, *more = arguments
    process = server.Process(target=work, args=(folder, sending, *more), daemon=True)
    process.start()
    sending.close()
    try:
        yield process, reports
    finally:
        process.kill()
        process.join()
        process.close()
        reports.close()


def answer(reports: Connection) -> Any:  # noqa: ANN401 - whatever the process reports
    assert reports.poll(ANSWER_TIMEOUT_S)
    return reports.recv()


def reports_until_end(reports: Connection) -> Iterator[tuple[int, bytes]]:
    while True:
        try:
            yield reports.recv()
        except EOFError:
            return


def test_two_processes_open_a_new_database_and_share_it(server: ForkServerContext, tmp_path: Path) -> None:
    with (
        running(server, processes.drain, tmp_path, 60) as (_, drained),
        running(server, processes.save_some, tmp_path, 30) as (_, one),
        running(server, processes.save_some, tmp_path, 30) as (_, other),
    ):
        sequences = [*answer(one), *answer(other)]
        assert answer(drained) == 60
    assert sorted(sequences) == list(range(1, 61))
    with UnitUnderTest(tmp_path).open() as store:
        assert store.counts() == OutboxCounts(arrived=60)
        assert UnitUnderTest(tmp_path).follow_at_office(store).sequence == 60
        assert verify_chain(store).length == 61


def test_a_process_killed_while_saving_has_lost_nothing_it_reported(
    server: ForkServerContext, tmp_path: Path
) -> None:
    moments = random.Random(20261123)
    reported: dict[int, bytes] = {}
    for _ in range(KILLS):
        with running(server, processes.save_until_killed, tmp_path) as (process, reports):
            assert answer(reports) == "open"
            # Some reports are awaited, then a little work is done: the kill falls anywhere in a save.
            for _ in range(moments.randrange(4)):
                sequence, record_hash = answer(reports)
                reported[sequence] = record_hash
            sum(range(moments.randrange(30_000)))
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            reported |= dict(reports_until_end(reports))
        with UnitUnderTest(tmp_path).open() as store:
            rows = {row.sequence: row.record_hash for row in store.states(range(1, 100_000))}
            assert reported.items() <= rows.items()
            assert list(rows) == list(range(1, len(rows) + 1))
            assert UnitUnderTest(tmp_path).follow_at_office(store).sequence == len(rows)
            verify_chain(store)
    assert len(reported) >= KILLS
