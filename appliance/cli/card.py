"""`mynavisit card`: serve a simulated card, or read a card as the unit would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum, unique
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from appliance.cli.options import Json
from appliance.console import (
    EXIT_WRONG_USE,
    BarSteps,
    ask_unseen,
    progress_bar,
    put,
    stop_wish,
    tell,
    troubles_told,
)
from appliance.errors import NoReader, UnitError, UnsupportedCard

if TYPE_CHECKING:
    from appliance.card.file_reading import Progress
    from appliance.service.card_check import Part, PartProgress

WAIT_MAX_S: Final = 3600.0
"""An hour: who has not put a card down by then has gone."""

commands = typer.Typer(help="Serve a simulated card, or read a card as the unit would.", no_args_is_help=True)


@unique
class Pace(StrEnum):
    """How fast a simulated card answers."""

    INSTANT = "instant"
    REALISTIC = "realistic"


@unique
class Also(StrEnum):
    """What can be read beside the card face."""

    AGE = "age"
    TEXT = "text"


@commands.command("serve")
def card_serve(
    person: Annotated[str, typer.Option(help="Whose card: an id of the training people.")] = "p01",
    vpcd: Annotated[str, typer.Option(help="HOST:PORT of the virtual reader.")] = "127.0.0.1:35963",
    pace: Annotated[Pace, typer.Option(help="At once, or at the bit rate of a real chip.")] = Pace.INSTANT,
    kind: Annotated[
        str, typer.Option(help="What is handed over; a wrong word lists all.")
    ] = "my_number_card",
    atr: Annotated[
        str, typer.Option(help="Answer to reset: contact, contact_plain, contact_short, contactless.")
    ] = "contact",
    bit_rate: Annotated[int, typer.Option(help="Fastest contactless rate of the reader in kbit/s.")] = 424,
    state: Annotated[Path | None, typer.Option(help="File that keeps the try counters between runs.")] = None,
    trace: Annotated[
        Path | None, typer.Option(help="File for every command, one JSON object a line, secrets masked.")
    ] = None,
) -> None:
    """Serve a simulated card behind a real reader until interrupted."""
    from appliance.simulated.card.pace import Pace as SimulatedPace
    from appliance.simulated.serve import ServingPlan, parse_bit_rate, parse_order, parse_vpcd, serve

    try:
        order = parse_order(person, kind, atr)
        limits, address = parse_bit_rate(bit_rate), parse_vpcd(vpcd)
        with troubles_told(as_json=False):
            serve(order, ServingPlan(address, SimulatedPace(pace.value), limits, state, trace))
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong)) from None
    except OSError as wrong:
        raise typer.BadParameter(f"{wrong.filename}: {wrong.strerror}") from None


CodeDigits = Annotated[
    str,
    typer.Option(
        metavar="CODE", help="The 14 digits of reference code B as one word; - takes them from stdin, unseen."
    ),
]
ReaderName = Annotated[
    str, typer.Option(metavar="NAME", help="Part of the reader's name; 'card readers' lists them.")
]
WaitSeconds = Annotated[
    float, typer.Option(metavar="SECONDS", help="How long to wait for a card.", min=0, max=WAIT_MAX_S)
]
AlsoParts = Annotated[
    list[Also] | None,
    typer.Option(
        metavar="age|text", help="Read this part too, with one try at its own counter; may be repeated."
    ),
]


@commands.command("readers")
def card_readers(as_json: Json = False) -> None:
    """List the card readers and what stands on each.

    No card is powered. Exit status 1: there is no reader.
    """
    from appliance.assembly import readers_on_bench

    with troubles_told(as_json=as_json):
        rows = [{"name": each.name, "presence": each.presence.value} for each in readers_on_bench()]
        put({"readers": rows}, as_json=as_json)


# What is left over is kept from typer, whose messages would repeat a code that was typed in the wrong place.
@commands.command("read", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def card_read(
    context: typer.Context,
    code_b: CodeDigits,
    reader: ReaderName = "",
    wait: WaitSeconds = 0,
    also: AlsoParts = None,
    as_json: Json = False,
) -> None:
    """Read a card once, as the unit would.

    Giving the code is the confirmation of exactly one try; a wrong code costs that try. Other users of this machine can see
    the words of a command, so let the code come from stdin (--code-b -).

    Only what a unit may keep is told. genuine, in_term and revocation are three answers; unknown (null) is one too.
    expires_on stands outside the card's signature. tries_left is as before this reading. apdus and bytes count the reading of
    the card face alone; seconds run from powering the card, without --wait. Each --also tells whether that part is genuine
    and has the same birth date.

    Exit status 0: the card was read, whatever its answers; 1: it was not; 2: wrong use; 130: Ctrl-C, which stops between two
    commands and powers the card down.
    """
    _require_nothing_left(context.args)
    with troubles_told(as_json=as_json, more=_kind_of_card):
        from appliance.assembly import card_on_bench
        from appliance.service.card_check import Part

        digits = ask_unseen("Reference code B (not shown): ") if code_b == "-" else code_b
        bar = progress_bar("Waiting for a card" if wait else "Reading the card")
        with _pointed_to_the_list(reader), stop_wish() as is_stopped, bar as move:
            report = card_on_bench(
                digits,
                reader,
                also={Part(each.value) for each in also or ()},
                wait_s=wait,
                progress=_shown_on(move),
                is_cancelled=is_stopped,
            )
        put(report.as_json(), as_json=as_json)


def _require_nothing_left(words: Sequence[str]) -> None:
    """End as wrong use when words are left over, and repeat none that may be a part of a code.

    Raises:
        typer.Exit: there are some.
    """
    if not words:
        return
    unknown = next((word for word in words if word.isascii() and word.removeprefix("--").isalpha()), None)
    if unknown is None:
        tell("mynavisit: card read takes the code as one word after --code-b, and no other words")
    else:
        tell(f"mynavisit: card read does not know {unknown}; see mynavisit card read --help")
    raise typer.Exit(EXIT_WRONG_USE)


@contextmanager
def _pointed_to_the_list(chosen_reader: str) -> Iterator[None]:
    """Say where the readers' names stand when none has the name that was asked for."""
    try:
        yield
    except NoReader:
        if chosen_reader:
            tell("mynavisit: --reader takes a part of a reader's name; 'mynavisit card readers' lists them")
        raise


def _kind_of_card(error: UnitError) -> Mapping[str, object]:
    """Name the card that is not read, beside the trouble."""
    from appliance.card.sighting import kind_of

    return {"card_kind": kind_of(error).value} if isinstance(error, UnsupportedCard) else {}


def _shown_on(move: BarSteps | None) -> PartProgress | None:
    """Tell the bar about each part of a reading."""
    if move is None:
        return None

    def show(part: Part, progress: Progress) -> None:
        move(f"Reading the card: {part.value}", progress.done_bytes, progress.total_bytes)

    return show
