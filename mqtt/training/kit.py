"""The training kit put together: desk, broker, office, line to the office, and the unit that stands between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.assembly import training_unit, try_out_unit
from appliance.service.unit import Unit
from appliance.settings import Settings
from appliance.unit_home import UnitHome
from mqtt.reporting import Tell
from mqtt.training.desk import TrainingDesk, training_desk
from mqtt.training.office_beside import broker_running, command_running, set_up


@dataclass(frozen=True, slots=True)
class TrainingKit:
    """A running kit."""

    unit: Unit
    unit_home: UnitHome
    desk: TrainingDesk | None
    """None when an attached reader is tried out instead."""


@contextmanager
def training_kit(home: Path, tell: Tell) -> Iterator[TrainingKit]:
    """Lend a kit with simulated devices in `home`; everything it started is ended with it.

    Raises:
        TrainingPartMissing: a program that the kit cannot do without is not installed.
        BrokerUnreachable: the broker does not start.
    """
    with ExitStack() as parts:
        unit_home = parts.enter_context(_office_beside(home))
        desk = parts.enter_context(training_desk(tell))
        unit = parts.enter_context(closing(training_unit(unit_home, desk.reader, desk.view, desk.room.panel)))
        yield TrainingKit(unit, unit_home, desk)


@contextmanager
def try_out_kit(home: Path, settings: Settings) -> Iterator[TrainingKit]:
    """Lend a kit around the attached reader and camera in `home`.

    Raises:
        TrainingPartMissing: mosquitto is not installed.
        BrokerUnreachable: the broker does not start.
    """
    with _office_beside(home) as unit_home, closing(try_out_unit(unit_home, settings)) as unit:
        yield TrainingKit(unit, unit_home, None)


@contextmanager
def _office_beside(home: Path) -> Iterator[UnitHome]:
    office, unit_home = set_up(home)
    with (
        broker_running(office),
        command_running(home, "office", "collect", log=home / "office.log"),
        command_running(home, "sync", log=home / "sync.log"),
    ):
        yield unit_home
