"""`mynavisit face`: compare faces, measure the engine, and choose its weights."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from appliance.cli.options import Json
from appliance.console import EXIT_NOT_TRUE, put, tell, troubles_told
from appliance.errors import PairsMalformed, UnitError


def _known_looks(looks: int) -> int:
    if looks not in (0, 1, 2, 5, 10):
        raise typer.BadParameter("--looks takes 1, 2, 5 or 10")
    return looks


Pairs = Annotated[
    Path,
    typer.Argument(exists=True, help="Table with the columns reference,live,same, or a folder of pictures."),
]
Group = Annotated[str, typer.Option(help="Only this group of the folder's manifest.csv.")]
Across = Annotated[
    bool, typer.Option("--across", help="Every picture against every other; NAME_0001.jpg shows NAME.")
]
LivePictures = Annotated[
    int, typer.Option(min=1, max=20, help="Average so many live pictures; with --across.")
]
Looks = Annotated[int, typer.Option(callback=_known_looks, help="Looks at each face: 1, 2, 5 or 10.")]
ProgressFile = Annotated[
    Path | None,
    typer.Option(dir_okay=False, help="Keep scores here; a stopped run goes on with them. Never a template."),
]
Processes = Annotated[int, typer.Option(min=0, max=256, help="At once; 0 for one on each processor.")]

commands = typer.Typer(
    help="Compare faces, measure the engine, and choose its weights.", no_args_is_help=True
)
weights_commands = typer.Typer(help="Weights with their evidence.", no_args_is_help=True)
commands.add_typer(weights_commands, name="weights")


@commands.command("compare")
def face_compare(
    reference: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    live: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    as_json: Json = False,
) -> None:
    """Compare two pictures once: a reference such as a chip photo, and a live frame."""
    from appliance.assembly import weights_shelf
    from appliance.face.picture_pair import compare_files
    from appliance.face.worker import WorkerFaceEngine

    with troubles_told(as_json=as_json), WorkerFaceEngine(weights_shelf().in_use()) as engine:
        pair = compare_files(engine, reference, live)
        quality = {**asdict(pair.quality), "hint": pair.quality.hint.value}
        put({**asdict(pair), "quality": quality}, as_json=as_json)


@commands.command("evaluate")
def face_evaluate(
    pairs: Pairs,
    group: Group = "",
    across: Across = False,
    live_pictures: LivePictures = 1,
    looks: Looks = 0,
    both_live: Annotated[
        bool, typer.Option("--both-live", help="Both sides as live pictures: identity over a challenge.")
    ] = False,
    hold_out: Annotated[
        int,
        typer.Option(
            min=0,
            max=1000,
            help="So many times, halve the people: thresholds by one half, errors by the other.",
        ),
    ] = 0,
    threshold: Annotated[float | None, typer.Option(help="Instead of the one in the evidence file.")] = None,
    weights: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Evidence file; default: the unit's.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the DET curve: FILE.png or FILE.svg.")] = None,
    progress: ProgressFile = None,
    processes: Processes = 0,
    as_json: Json = False,
) -> None:
    """Measure false matches and false non-matches on a set of pictures, with 95 % bounds."""
    from appliance.assembly import weights_shelf
    from appliance.face.evaluation.bench import draw, evaluation_json, evidence_bands, measured
    from appliance.face.evaluation.measurement import Plan
    from appliance.face.evaluation.picture_set import PictureSet
    from appliance.face.evidence_file import read_evidence

    if hold_out and not across:
        raise typer.BadParameter("--hold-out needs --across: only there it is known who is on each picture")
    started_s = time.monotonic()
    with troubles_told(as_json=as_json), _wrong_words_told():
        evidence_path = weights or weights_shelf().in_use()
        evidence = read_evidence(evidence_path)
        plan = Plan(evidence_path, looks or evidence.way.looks, processes)
        chosen = PictureSet(pairs, group, across, live_pictures, both_live)
        bands = evidence_bands(evidence, chosen)
        findings = measured(chosen, plan, progress, plot)
        at = bands.match_from if threshold is None else threshold
        found = evaluation_json(findings, plan, evidence, at, hold_out)
        if plot is not None:
            draw(findings, bands, str(chosen), plot)
    found["seconds"] = round(time.monotonic() - started_s, 1)
    put(found if as_json else {key: value for key, value in found.items() if key != "det"}, as_json=as_json)
    if not findings.scores.genuine.size + findings.scores.impostor.size:
        tell("mynavisit: no pair could be compared")
        raise typer.Exit(EXIT_NOT_TRUE)


@commands.command("calibrate")
def face_calibrate(
    pairs: Pairs,
    weights: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="Evidence file, or one without thresholds.")
    ],
    out: Annotated[Path, typer.Option(dir_okay=False, help="The evidence file to write.")],
    false_match: Annotated[
        float, typer.Option(min=1e-6, max=0.5, help="Rate at which a match begins.")
    ] = 0.001,
    look_closely: Annotated[float, typer.Option(min=1e-6, max=0.5, help="Rate of the band below it.")] = 0.01,
    name: Annotated[str, typer.Option(help="The new evidence's name; default: the old one.")] = "",
    group: Group = "",
    across: Across = False,
    live_pictures: LivePictures = 1,
    live_pairs: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="Pairs of two live pictures; default: the same set, both sides live.",
        ),
    ] = None,
    looks: Looks = 10,
    progress: ProgressFile = None,
    processes: Processes = 0,
    as_json: Json = False,
) -> None:
    """Make an evidence file: thresholds for wanted false match rates, measured on a set of pictures."""
    from appliance.face.evaluation.bench import measured_both, write_evidence
    from appliance.face.evaluation.calibration import WantedRates
    from appliance.face.evaluation.measurement import Plan
    from appliance.face.evaluation.picture_set import PictureSet

    if look_closely < false_match:
        raise typer.BadParameter("--look-closely may not be below --false-match")
    with troubles_told(as_json=as_json), _wrong_words_told():
        plan, chosen = Plan(weights, looks, processes), PictureSet(pairs, group, across, live_pictures)
        live = PictureSet(
            live_pairs or pairs, "" if live_pairs else group, across and not live_pairs, 1, True
        )
        found = measured_both(chosen, live, plan, progress)
        wanted = WantedRates(false_match, look_closely)
        put(write_evidence(found, plan, wanted, name, out), as_json=as_json)


@weights_commands.command("list")
def face_weights_list(as_json: Json = False, training: bool = False) -> None:
    """List the weights that the unit knows: licence, thresholds, measured rates, and which are in use."""
    from appliance.assembly import weights_shelf
    from appliance.face.weights_report import known_as_json

    with troubles_told(as_json=as_json):
        shelf = weights_shelf(training=training)
        put({"weights": [known_as_json(known) for known in shelf.known()]}, as_json=as_json)
        shelf.in_use()


@weights_commands.command("use")
def face_weights_use(
    evidence: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    as_json: Json = False,
    training: bool = False,
) -> None:
    """Check an evidence file and its weights, take them into the unit's folder, and use them from now on."""
    from appliance.assembly import weights_shelf
    from appliance.face.weights_report import known_as_json

    with troubles_told(as_json=as_json), _wrong_words_told():
        shelf = weights_shelf(training=training)
        used = shelf.use(evidence)
        put(
            {"ok": True, **next(known_as_json(known) for known in shelf.known() if known.path == used)},
            as_json=as_json,
        )


@contextmanager
def _wrong_words_told() -> Iterator[None]:
    """Turn words that name no set, and files that cannot be read or written, into wrong use."""
    from appliance.face.evaluation.kept_scores import NotKeptScores
    from appliance.face.evaluation.picture_set import SetMisnamed

    try:
        yield
    except PairsMalformed as error:
        if error.column != "group" or error.row == 1:
            raise
        raise typer.BadParameter("--group: the folder's manifest.csv has no pair of this group") from None
    except UnitError:
        # Some of them are built-in errors too; they have sentences of their own.
        raise
    except SetMisnamed as error:
        raise typer.BadParameter(str(error)) from None
    except NotKeptScores as error:
        raise typer.BadParameter(f"{error} holds something else and is not overwritten") from None
    except OSError as error:
        raise typer.BadParameter(f"{error.filename}: {error.strerror}") from None
