"""An office, its broker and its units on free ports, for tests that need the real thing."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Self

from appliance.domain.ids import UnitId, VisitId
from appliance.domain.outbox import OutboxState, Saved, Slot, Stamped
from appliance.errors import FactsMalformed
from appliance.hardware.clock import SystemClock
from appliance.seal.context import SealContext
from appliance.seal.keys import SoftwareUnitKey
from appliance.seal.record import seal_record
from appliance.store.database import open_database
from appliance.store.records import SqliteRecordStore
from appliance.unit_home import BrokerAddress, UnitHome
from mqtt.broker.process import MosquittoProcess
from mqtt.link import Caller
from mqtt.office.office_home import OfficeHome
from mqtt.office.setup import UnitKit, claim_unit, init_office

HOST = "127.0.0.1"
DEADLINE_S = 40.0
"""Far more than anything here takes; a condition that does not come by then fails its test."""
ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def await_that(condition: Callable[[], bool], what: str) -> None:
    """Look again and again until `condition` holds."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline_s, f"waited in vain: {what}"
        time.sleep(0.02)


@dataclass
class World:
    """One office with its broker; `folder` is the test's own."""

    folder: Path
    port: int = field(default_factory=free_port)
    random: Random = field(default_factory=lambda: Random(7))

    @property
    def office(self) -> OfficeHome:
        return OfficeHome(self.folder / "office")

    @property
    def address(self) -> BrokerAddress:
        return BrokerAddress(HOST, self.port)

    def set_up(self, collectors: int = 1) -> None:
        init_office(self.office, [HOST, "localhost"], port=self.port, collectors=collectors)

    @contextmanager
    def broker(self) -> Iterator[MosquittoProcess]:
        with MosquittoProcess.start(self.office.broker_configuration_file, self.address) as broker:
            yield broker

    def claim(self, name: str) -> Unit:
        key = SoftwareUnitKey.generate(self.random.randbytes)
        home = UnitHome(self.folder / name)
        kit = claim_unit(self.office, UnitId(name), key.public)
        kit.install(home)
        return Unit(home, key, kit, self.random)

    def processes(self) -> Processes:
        return Processes(self.folder)


@dataclass
class Unit:
    """One claimed unit with its own database."""

    home: UnitHome
    key: SoftwareUnitKey
    kit: UnitKit
    random: Random

    @property
    def name(self) -> UnitId:
        return self.kit.claim.unit

    @property
    def caller(self) -> Caller:
        home = self.home
        return Caller(self.name, home.authority_file, home.client_certificate_file, home.client_key_file)

    @contextmanager
    def store(self) -> Iterator[SqliteRecordStore]:
        with (
            open_database(self.home.database_file) as database,
            SqliteRecordStore(
                database, self.name, SystemClock(), sequence_file=self.home.sequence_file, least_free_bytes=0
            ) as store,
        ):
            yield store

    def save(self, *payloads: bytes) -> list[Saved]:
        with self.store() as store:
            return [store.save(partial(self.seal, payload)) for payload in payloads]

    def seal(self, payload: bytes, slot: Slot) -> Stamped:
        claim = self.kit.claim
        visit = VisitId(self.random.randbytes(16).hex())
        context = SealContext.of(slot, visit, claim.sealing_key.key_id)
        return seal_record(payload, context, claim.sealing_key, self.key, events=slot.events)

    def states(self) -> dict[int, OutboxState]:
        with self.store() as store:
            return {row.sequence: row.state for row in store.states(range(1, 10_000))}

    def counts(self) -> dict[str, int]:
        with self.store() as store:
            counts = store.counts()
        return {name: getattr(counts, name) for name in counts.__slots__ if getattr(counts, name)}


class Processes:
    """Office and unit in processes of their own; what they say is kept for the test to read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []

    def start_collector(
        self, office: OfficeHome, name: str = "collector", number: int = 1, group: str = ""
    ) -> subprocess.Popen[bytes]:
        return self.start(
            name,
            "import sys; from pathlib import Path; from mqtt.office.collector import collect;"
            "from mqtt.office.office_home import OfficeHome; from mqtt.stopping import stop_on_signals;"
            "from tests.wire.world import parse_note\n"
            "with stop_on_signals() as stop:\n"
            "    collect(OfficeHome(Path(sys.argv[1])), stop=stop, parse_payload=parse_note,"
            f" number={number}, group={group!r})",
            office.path,
        )

    def start_sync(self, unit: Unit, name: str = "sync") -> subprocess.Popen[bytes]:
        return self.start(
            name,
            "import sys; from pathlib import Path; from mqtt.sync import run_sync;"
            "from appliance.unit_home import UnitHome\n"
            "run_sync(UnitHome(Path(sys.argv[1])))",
            unit.home.path,
        )

    def start(self, name: str, program: str, argument: Path) -> subprocess.Popen[bytes]:
        with self.log(name).open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, "-B", "-c", program, str(argument)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        self.running.append(process)
        return process

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def said(self, name: str) -> str:
        log = self.log(name)
        return log.read_text("utf-8") if log.exists() else ""

    def await_said(self, name: str, text: str) -> None:
        await_that(lambda: re.search(text, self.said(name)) is not None, f"{name} says {text!r}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def note(number: int) -> bytes:
    """Return a payload that `parse_note` understands."""
    return b"note %d" % number


def parse_note(payload: bytes) -> str:
    """Read the payloads of these tests, and nothing else."""
    if not payload.startswith(b"note "):
        raise FactsMalformed("note")
    return payload.decode()


def peak_memory_bytes(pid: int) -> int:
    """Return the most memory that a process has had resident so far."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024
