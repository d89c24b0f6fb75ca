"""An office and a broker beside one unit, each a process of its own, started and ended with the kit."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from appliance.domain.ids import PersonId, StaffId, UnitId
from appliance.domain.japan import date_in_japan
from appliance.domain.roster import RosterEntry, StaffName
from appliance.errors import NotProvisioned
from appliance.hardware.clock import SystemClock
from appliance.seal.keys import SoftwareUnitKey
from appliance.simulated.people import training_people
from appliance.store.database import open_database
from appliance.store.keyfile import read_unit_key, write_unit_key
from appliance.store.roster_key import RosterKey
from appliance.store.staff import SqliteStaffRegister
from appliance.unit_home import UnitHome
from mqtt.broker.process import MosquittoProcess
from mqtt.office.office_home import OfficeHome
from mqtt.office.setup import claim_unit, init_office

TRAINING_UNIT: Final = UnitId("training-01")
TRAINING_STAFF: Final = StaffName(StaffId("kensyu"), "研修　担当者")
TRAINING_PASSPHRASE: Final = "kensyu"  # noqa: S105 - shown on the training screen; it opens invented people only
TRAINING_FACILITY: Final = "特別養護老人ホーム　あさひ苑（架空）"

_HOST: Final = "127.0.0.1"
_END_TIMEOUT_S: Final = 10.0


def set_up(home: Path) -> tuple[OfficeHome, UnitHome]:
    """Make, or bring up to date, an office and its one claimed unit with the invented people on its roster."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    office, unit = OfficeHome(home / "office"), UnitHome(home / "unit")
    init_office(office, [_HOST], port=_free_port())
    unit.path.mkdir(mode=0o700, exist_ok=True)
    claim_unit(office, TRAINING_UNIT, _unit_key(unit).public).install(unit)
    _fill_roster(unit, SystemClock().now())
    return office, unit


@contextmanager
def broker_running(office: OfficeHome) -> Iterator[MosquittoProcess]:
    """Lend the office's broker while it runs.

    Raises:
        TrainingPartMissing: mosquitto is not installed.
        BrokerUnreachable: it does not start.
    """
    with MosquittoProcess.start(office.broker_configuration_file, office.broker_address()) as broker:
        yield broker


@contextmanager
def command_running(home: Path, *words: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `mynavisit WORDS...` on the kit's home in a process of its own; what it says goes to `log`."""
    program = Path(sys.executable).with_name("mynavisit")
    environment = {**os.environ, "MYNAVISIT_HOME": str(home)}
    with log.open("ab") as said:
        process = subprocess.Popen(
            [program, *words], env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _unit_key(unit: UnitHome) -> SoftwareUnitKey:
    try:
        return read_unit_key(unit.unit_key_file)
    except NotProvisioned:
        key = SoftwareUnitKey.generate(secrets.token_bytes)
        write_unit_key(unit.unit_key_file, key)
        return key


def _fill_roster(unit: UnitHome, now: datetime) -> None:
    entries = [
        RosterEntry(
            PersonId(person.id), person.name_on_face, person.name_kana, person.room, person.birth_date
        )
        for person in training_people()
    ]
    key = RosterKey.generate(secrets.token_bytes)
    with open_database(unit.database_file) as database:
        register = SqliteStaffRegister(database, TRAINING_UNIT, SystemClock(), secrets.token_bytes)
        register.enrol_staff(TRAINING_STAFF, TRAINING_PASSPHRASE, key)
        register.replace_roster(TRAINING_FACILITY, date_in_japan(now), entries, key)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])
