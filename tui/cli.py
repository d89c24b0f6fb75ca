"""The program `mynavisit`: the commands of all three layers under one name.

It stands in the uppermost layer because imports run one way, tui → mqtt → appliance; each layer brings its own commands.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from appliance.cli import card, face, programmes, unit
from appliance.console import run, troubles_told
from mqtt import cli as mqtt_cli

program = typer.Typer(
    name="mynavisit",
    help="A field unit for outreach staff who visit care homes, and the office behind it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
program.add_typer(card.commands, name="card")
program.add_typer(face.commands, name="face")
program.add_typer(unit.commands, name="unit")
program.add_typer(programmes.commands, name="programmes")
program.add_typer(mqtt_cli.office, name="office")
for command in (mqtt_cli.sync, mqtt_cli.rehearse, mqtt_cli.selftest):
    program.command()(command)


@program.command()
def field(
    training: Annotated[
        bool, typer.Option("--training", help="Invented people and simulated devices.")
    ] = False,
    try_out: Annotated[
        bool,
        typer.Option("--try-out", help="Use a card reader if one is attached, else the training kit."),
    ] = False,
) -> None:
    """Open the staff screen."""
    from tui.opening import open_field

    with troubles_told(as_json=False):
        open_field(training=training, try_out=try_out)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and end the process with its status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(run(lambda: program(args=given, prog_name="mynavisit", standalone_mode=False)))
