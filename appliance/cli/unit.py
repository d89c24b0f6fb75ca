"""`mynavisit unit`: the unit's own state, without personal data."""

from __future__ import annotations

from dataclasses import asdict

import typer

from appliance.cli.options import Json
from appliance.console import EXIT_NOT_TRUE, put, troubles_told

commands = typer.Typer(help="The unit's own state, without personal data.", no_args_is_help=True)


@commands.command("status")
def unit_status(as_json: Json = False, training: bool = False) -> None:
    """Say which unit this is, how its records stand, and whether its chain holds."""
    from appliance.assembly import unit_state

    with troubles_told(as_json=as_json):
        put(asdict(unit_state(training=training)), as_json=as_json)


@commands.command("backlog")
def unit_backlog(as_json: Json = False, training: bool = False) -> None:
    """List the records that wait for the office: sequence, receipt number and state."""
    from appliance.assembly import unit_backlog as backlog

    with troubles_told(as_json=as_json):
        put({"backlog": backlog(training=training)}, as_json=as_json)


@commands.command("verify-chain")
def unit_verify_chain(as_json: Json = False, training: bool = False) -> None:
    """Follow the audit chain from its first entry; exit 0 only when every link holds."""
    from appliance.assembly import unit_state

    with troubles_told(as_json=as_json):
        state = unit_state(training=training)
        put({"chain": state.chain}, as_json=as_json)
    if not state.chain["ok"]:
        raise typer.Exit(EXIT_NOT_TRUE)
