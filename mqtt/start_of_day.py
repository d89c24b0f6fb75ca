"""The start-of-day check of a whole unit: its own parts, and the line to its office (design §4, `selftest`)."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

from appliance.assembly import service_unit
from appliance.errors import UnitError
from appliance.service.outcomes import advise
from appliance.service.selftest import Check, CheckResult, run, unit_checks
from appliance.service.unit import Unit
from appliance.settings import Settings
from appliance.simulated.people import training_people
from appliance.unit_home import UnitHome
from mqtt.reachability import reach_broker
from mqtt.reporting import Tell
from mqtt.training.kit import training_kit


def check_service() -> tuple[CheckResult, ...]:
    """Check the unit in service on this machine; one that cannot even be put together fails as a whole, as `unit`."""
    settings = Settings()
    try:
        unit = service_unit(settings)
    except UnitError as error:
        return (CheckResult("unit", ok=False, detail=str(advise(error, "en"))),)
    with closing(unit):
        return run(checks_of(unit, UnitHome(settings.unit_home)))


def check_training(tell: Tell) -> tuple[CheckResult, ...]:
    """Check a training kit made for this check, with a card on its reader and a person before its camera.

    Raises:
        TrainingPartMissing: a program that the kit cannot do without is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="mynavisit-") as home, training_kit(Path(home), tell) as kit:
        if kit.desk is not None:
            somebody = training_people()[0]
            kit.desk.put_card(somebody)
            kit.desk.seat(somebody)
        return run(checks_of(kit.unit, kit.unit_home))


def checks_of(unit: Unit, home: UnitHome) -> dict[str, Check]:
    """Return every check by its name: inside the unit, then broker and office key."""
    return {
        **unit_checks(unit),
        "broker": lambda: reach_broker(home),
        "office_key": lambda: f"sealing key {home.claim().sealing_key.key_id}",
    }
