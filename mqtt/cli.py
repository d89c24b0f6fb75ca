"""Commands of the line and the office: sync, office, rehearse and selftest (design §4)."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from appliance.console import EXIT_NOT_TRUE, put, tell, troubles_told

Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]

office = typer.Typer(help="The office side.", no_args_is_help=True)


def sync() -> None:
    """Run the unit's line to the office until interrupted."""
    from appliance.settings import Settings
    from appliance.unit_home import UnitHome
    from mqtt.sync import run_sync

    with troubles_told(as_json=False):
        run_sync(UnitHome(Settings().unit_home))


@office.command("init")
def office_init(
    host: Annotated[
        list[str] | None, typer.Option(help="Name or address of the broker; repeat for several.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the broker.")] = 8883,
    address: Annotated[str, typer.Option(help="Where the broker listens.")] = "127.0.0.1",
    collectors: Annotated[int, typer.Option(min=1, max=64, help="How many collectors may run at once.")] = 1,
    as_json: Json = False,
) -> None:
    """Make an office: authority, certificates, keys, database and broker configuration; what is there is kept."""
    from appliance.settings import Settings
    from mqtt.office.office_home import OfficeHome
    from mqtt.office.setup import init_office

    home = OfficeHome(Settings().office_home)
    with troubles_told(as_json=as_json):
        report = init_office(
            home, host or ["localhost", "127.0.0.1"], port=port, address=address, collectors=collectors
        )
        put(
            {"ok": True, "home": str(home.path), "made": list(report.made), "kept": list(report.kept)},
            as_json=as_json,
        )


@office.command("collect")
def office_collect(
    group: Annotated[str, typer.Option(help="Share the work with other collectors of this group.")] = "",
    number: Annotated[int, typer.Option(min=1, max=64, help="Which of the office's collectors this is.")] = 1,
    as_json: Json = False,
) -> None:
    """Take records from the broker, store them and answer with signed receipts, until interrupted."""
    from appliance.settings import Settings
    from mqtt.office.collector import collect
    from mqtt.office.office_home import OfficeHome
    from mqtt.stopping import stop_on_signals

    with troubles_told(as_json=as_json), stop_on_signals() as stop:
        tally = collect(OfficeHome(Settings().office_home), stop=stop, group=group, number=number)
        put(asdict(tally), as_json=as_json)


def rehearse(
    people: Annotated[int, typer.Option(min=1, max=1000, help="How many visits.")] = 3,
    scenes: Annotated[
        bool,
        typer.Option(
            "--scenes", help="Play every scene of the face step instead: a stranger, a print, a dark room."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Play whole visits on the training kit, through a real broker to an office and back to verified receipts."""
    from mqtt.training.rehearsal import rehearse as play
    from mqtt.training.rehearsal import rehearse_scenes

    with troubles_told(as_json=as_json), tempfile.TemporaryDirectory(prefix="mynavisit-") as home:
        rehearsal = rehearse_scenes(Path(home), tell) if scenes else play(Path(home), people, tell)
        put(asdict(rehearsal), as_json=as_json)
    if not rehearsal.ok:
        raise typer.Exit(EXIT_NOT_TRUE)


def selftest(
    training: Annotated[bool, typer.Option("--training", help="Check the training kit instead.")] = False,
    as_json: Json = False,
) -> None:
    """Use every part of the unit once and say how it is; exit 0 only when all are fit."""
    from mqtt.start_of_day import check_service, check_training

    with troubles_told(as_json=as_json):
        results = check_training(tell) if training else check_service()
        is_ok = all(result.ok for result in results)
        put({"ok": is_ok, "checks": [asdict(result) for result in results]}, as_json=as_json)
    if not is_ok:
        raise typer.Exit(EXIT_NOT_TRUE)
