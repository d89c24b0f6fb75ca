"""`mynavisit programmes`: the rules, and what applies to a person on a day."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from appliance.cli.options import Json
from appliance.console import EXIT_WRONG_USE, put, tell, troubles_told

commands = typer.Typer(help="The rules, and what applies to a person on a day.", no_args_is_help=True)


@commands.command("list")
def programmes_list(as_json: Json = False) -> None:
    """List the rules with their dates and sources."""
    from appliance.domain.programmes.reporting import rules_as_json

    put({"programmes": rules_as_json()}, as_json=as_json)


@commands.command("advise")
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
        raise typer.Exit(EXIT_WRONG_USE) from None
    with troubles_told(as_json=as_json):
        put(
            {"programmes": [advice_as_json(each) for each in advise(parse_facts(fields), day)]},
            as_json=as_json,
        )
