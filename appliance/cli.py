"""Commands of the unit alone: card, face, programmes and the unit's own state (design §4).

Imports of anything heavy stand inside the commands, so that asking for help stays quick (proof.md S3).
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from datetime import date
from enum import StrEnum, unique
from pathlib import Path
from typing import Annotated

import typer

from appliance.console import EXIT_NOT_TRUE, put, tell, troubles_told

Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]

card = typer.Typer(help="Serve a simulated card, or read a card as the unit would.", no_args_is_help=True)
face = typer.Typer(help="Compare faces.", no_args_is_help=True)
unit = typer.Typer(help="The unit's own state, without personal data.", no_args_is_help=True)
programmes = typer.Typer(help="The rules, and what applies to a person on a day.", no_args_is_help=True)


@unique
class Pace(StrEnum):
    """How fast a simulated card answers."""

    INSTANT = "instant"
    REALISTIC = "realistic"


@card.command("serve")
def card_serve(
    person: Annotated[str, typer.Option(help="Whose card: an id of the training people.")] = "p01",
    vpcd: Annotated[str, typer.Option(help="HOST:PORT of the virtual reader.")] = "127.0.0.1:35963",
    pace: Annotated[Pace, typer.Option(help="At once, or at the bit rate of a real chip.")] = Pace.INSTANT,
) -> None:
    """Serve a simulated card behind a real reader until interrupted."""
    from appliance.simulated.card.pace import Pace as SimulatedPace
    from appliance.simulated.people import training_person
    from appliance.simulated.serve import serve

    host, _, port = vpcd.rpartition(":")
    if not host or not port.isdecimal():
        raise typer.BadParameter("--vpcd takes HOST:PORT")
    try:
        training_person(person)
    except KeyError:
        raise typer.BadParameter(f"nobody among the training people has the id {person}") from None
    with troubles_told(as_json=False):
        serve(person, (host, int(port)), SimulatedPace(pace.value))


@card.command("read")
def card_read(
    code_b: Annotated[str, typer.Option(help="The 14 digits of reference code B; - reads them from stdin.")],
    reader: Annotated[str, typer.Option(help="Part of the reader's name.")] = "",
    as_json: Json = False,
) -> None:
    """Read a card as the unit would; giving the code is the confirmation of exactly one try."""
    from appliance.assembly import card_on_bench

    digits = sys.stdin.readline() if code_b == "-" else code_b
    started_s = time.monotonic()
    with troubles_told(as_json=as_json):
        report = card_on_bench(digits, reader)
        put({**asdict(report), "seconds": round(time.monotonic() - started_s, 3)}, as_json=as_json)


@face.command("compare")
def face_compare(
    reference: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    live: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    as_json: Json = False,
) -> None:
    """Compare two pictures once: a reference such as a chip photo, and a live frame."""
    from appliance.face.picture_pair import compare_files
    from appliance.face.worker import WorkerFaceEngine

    with troubles_told(as_json=as_json), WorkerFaceEngine() as engine:
        pair = compare_files(engine, reference, live)
        quality = {**asdict(pair.quality), "hint": pair.quality.hint.value}
        put({**asdict(pair), "quality": quality}, as_json=as_json)


@unit.command("status")
def unit_status(as_json: Json = False, training: bool = False) -> None:
    """Say which unit this is, how its records stand, and whether its chain holds."""
    from appliance.assembly import unit_state

    with troubles_told(as_json=as_json):
        put(asdict(unit_state(training=training)), as_json=as_json)


@unit.command("backlog")
def unit_backlog(as_json: Json = False, training: bool = False) -> None:
    """List the records that wait for the office: sequence, receipt number and state."""
    from appliance.assembly import unit_backlog as backlog

    with troubles_told(as_json=as_json):
        put({"backlog": backlog(training=training)}, as_json=as_json)


@unit.command("verify-chain")
def unit_verify_chain(as_json: Json = False, training: bool = False) -> None:
    """Follow the audit chain from its first entry; exit 0 only when every link holds."""
    from appliance.assembly import unit_state

    with troubles_told(as_json=as_json):
        state = unit_state(training=training)
        put({"chain": state.chain}, as_json=as_json)
    if not state.chain["ok"]:
        raise typer.Exit(EXIT_NOT_TRUE)


@programmes.command("list")
def programmes_list(as_json: Json = False) -> None:
    """List the rules with their dates and sources."""
    from appliance.domain.programmes.reporting import rules_as_json

    put({"programmes": rules_as_json()}, as_json=as_json)


@programmes.command("advise")
def programmes_advise(
    facts: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="Facts about the person (JSON).")],
    on: Annotated[str, typer.Option(help="The day, ISO 8601.")],
    as_json: Json = False,
) -> None:
    """Say what applies to a person on a day, by the rules of that day."""
    from appliance.domain.person_facts import parse_facts
    from appliance.domain.programmes.engine import advise
    from appliance.domain.programmes.reporting import advice_as_json

    try:
        day = date.fromisoformat(on)
        fields = json.loads(facts.read_text("utf-8"))
    except ValueError:
        tell("mynavisit: --on takes a day such as 2026-11-23, and --facts a file of JSON in UTF-8")
        raise typer.Exit(2) from None
    with troubles_told(as_json=as_json):
        put(
            {"programmes": [advice_as_json(each) for each in advise(parse_facts(fields), day)]},
            as_json=as_json,
        )
