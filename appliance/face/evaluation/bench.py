"""The bench at which `mynavisit face evaluate` and `calibrate` work: a set in, findings, a plot or an evidence file out."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final, NamedTuple

from appliance.face.evaluation.calibration import NamedFindings, WantedRates, calibrate, evidence_as_toml
from appliance.face.evaluation.findings import Findings, as_json, find
from appliance.face.evaluation.held_out import held_out_as_json
from appliance.face.evaluation.kept_scores import Continued, KeptScores, open_scores
from appliance.face.evaluation.measurement import Plan, fingerprint_engine, fingerprint_table, measure
from appliance.face.evaluation.pairs import PairTable
from appliance.face.evaluation.picture_set import PictureSet, SetMisnamed
from appliance.face.evidence_file import Bands, Evidence
from appliance.face.template_way import WAYS
from appliance.face.weights import find_described_files
from appliance.face.weights_report import identity_as_json
from appliance.face.weights_shelf import copy_files_beside

_PLOTS: Final = frozenset({".png", ".svg"})
_LIVE_SUFFIX: Final = ".live"


class BothFindings(NamedTuple):
    """What an evidence file is made of."""

    with_photo: NamedFindings
    """Chip photo against live picture."""
    both_live: NamedFindings
    """Live picture against live picture."""


def measured(chosen: PictureSet, plan: Plan, progress: Path | None, plot: Path | None) -> Findings:
    """Measure a set, showing on stderr how far it is; whatever can be known to be wrong is said before it begins.

    Raises:
        SetMisnamed, NotKeptScores: wrong words.
        PairsMalformed, FaceWeightsRefused, FaceEngineSilent, OSError: as their functions say.
    """
    chosen.check()
    if plot is not None:
        _check_plot(plot)
    table = chosen.read()
    kept = _taken_up(chosen, plan, table, progress) if progress is not None else None
    with _shown() as advance:
        return find(table, measure(table, plan, kept, advance))


def evaluation_json(
    findings: Findings, plan: Plan, evidence: Evidence, threshold: float, hold_out_seeds: int = 0
) -> dict[str, object]:
    """Return what `face evaluate --json` says, but for the time that it took.

    Raises:
        SetMisnamed: people are to be held out, and a half of them has too few pictures.
    """
    return {
        **as_json(findings, threshold),
        **({"held_out": _held_out(findings, hold_out_seeds)} if hold_out_seeds else {}),
        "both_live": findings.table.are_both_live,
        "live_pictures": int(findings.table.live.shape[1]),
        "looks": plan.looks,
        "weights": evidence.name,
    }


def _held_out(findings: Findings, seeds: int) -> list[dict[str, object]]:
    try:
        return held_out_as_json(findings, seeds)
    except ValueError:
        raise SetMisnamed("--hold-out needs several pictures of several people in each half") from None


def evidence_bands(evidence: Evidence, chosen: PictureSet) -> Bands:
    """Return the bands that a set is measured against: those of photo and live picture, or of two live pictures."""
    return evidence.identity if chosen.are_both_live else evidence.bands


def draw(findings: Findings, bands: Bands, title: str, plot: Path) -> None:
    """Draw the DET curve with the two thresholds of the evidence in use.

    Raises:
        OSError: the file cannot be written.
    """
    from appliance.face.evaluation.det_plot import draw_det

    scores = findings.scores
    first, second = ("held", "unsure") if findings.table.are_both_live else ("match", "look closely")
    marks = {first: scores.at(bands.match_from), second: scores.at(bands.look_closely_from)}
    counts = f"{len(scores.impostor):,} pairs of different people, {len(scores.genuine):,} of the same"
    draw_det(scores.det(200), marks, f"{title}\n{counts}", plot)


def measured_both(chosen: PictureSet, live: PictureSet, plan: Plan, progress: Path | None) -> BothFindings:
    """Measure what an evidence file needs; scores of the second set are kept beside those of the first.

    Raises:
        SetMisnamed, NotKeptScores: wrong words.
        PairsMalformed, FaceWeightsRefused, FaceEngineSilent, OSError: as their functions say.
    """
    live.check()
    beside = progress.with_name(f"{progress.name}{_LIVE_SUFFIX}") if progress is not None else None
    return BothFindings(
        NamedFindings(str(chosen), measured(chosen, plan, progress, None)),
        NamedFindings(str(live), measured(live, plan, beside, None)),
    )


def write_evidence(
    found: BothFindings, plan: Plan, wanted: WantedRates, name: str, out: Path
) -> dict[str, object]:
    """Write an evidence file with what it needs beside it; return what it says.

    Raises:
        PairsTooFew: the set cannot state the wanted rates.
        OSError: the files cannot be written.
    """
    files = find_described_files(plan.weights)
    evidence = calibrate(found.with_photo, found.both_live, files.description, WAYS[plan.looks], wanted)
    evidence = replace(
        evidence, name=name or evidence.name, source=f"mynavisit face calibrate, {evidence.source}"
    )
    copy_files_beside(files, plan.weights, out.parent)
    out.write_text(evidence_as_toml(evidence), encoding="utf-8")
    return {
        "ok": True,
        "file": str(out),
        "name": evidence.name,
        "licence": evidence.licence,
        "template": asdict(evidence.way),
        "thresholds": asdict(evidence.bands),
        "identity_thresholds": identity_as_json(evidence.identity),
        "measured": [asdict(row) for row in evidence.measured],
        "identity_measured": [asdict(row) for row in evidence.identity_measured],
    }


def _check_plot(plot: Path) -> None:
    if plot.suffix.lower() not in _PLOTS:
        raise SetMisnamed("--plot takes FILE.png or FILE.svg")
    if importlib.util.find_spec("matplotlib") is None:
        raise SetMisnamed("--plot needs matplotlib, which comes with the training extra (make setup)")


def _taken_up(chosen: PictureSet, plan: Plan, table: PairTable, progress: Path) -> KeptScores:
    table_hash = fingerprint_table(table, chosen.folder)
    engine_hash = fingerprint_engine(find_described_files(plan.weights), plan.looks)
    kept = open_scores(progress, table_hash, engine_hash, len(table))
    if kept.continued is Continued.ON:
        _tell(f"{progress.name}: going on after {len(kept.scores)} of {len(table)} pairs")
    if kept.continued is Continued.ANEW:
        _tell(
            f"{progress.name}: its scores belong to another table, other pictures or another engine; starting anew"
        )
    return kept


@contextmanager
def _shown() -> Iterator[Callable[[int, int], None]]:
    """Lend a bar on a terminal, and silence elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("pictures"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("pictures", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _tell(line: str) -> None:
    sys.stderr.write(f"mynavisit: {line}\n")
    sys.stderr.flush()
