"""An evidence file made from what was measured: thresholds for wanted false match rates, and what stands behind them.

A set that is too small to state the wanted rates with 95 % confidence makes no evidence: without one error among n
pairs, the rate may still be 3/n (rule of three; ISO/IEC 19795-1, annex B).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from appliance.errors import PairsTooFew
from appliance.face.evaluation.binomial_bounds import pairs_needed
from appliance.face.evaluation.error_rates import CONFIDENCE, Rate
from appliance.face.evaluation.findings import Findings, people_bounds
from appliance.face.evidence_file import FORMAT, Bands, Evidence, Measurement, PinnedFile, WeightsDescription
from appliance.face.template_way import TemplateWay

STATED_MISSES: Final = 0.05
"""The false non-match rate that is promised (proof.md M2); a set must be able to state at least this."""


@dataclass(frozen=True, slots=True)
class WantedRates:
    """False match rates from which the bands begin."""

    match: float = 0.001
    look_closely: float = 0.01


@dataclass(frozen=True, slots=True)
class NamedFindings:
    """What was found on one set, with the set's name."""

    data: str
    findings: Findings


def calibrate(
    with_photo: NamedFindings,
    both_live: NamedFindings,
    description: WeightsDescription,
    way: TemplateWay,
    wanted: WantedRates,
) -> Evidence:
    """Return evidence for the weights that both findings were measured with: photo against live, and live against live.

    Raises:
        PairsTooFew: a set cannot state the stricter wanted rate, or the rate of misses, with 95 % confidence.
    """
    fields = {name: getattr(description, name) for name in WeightsDescription.__dataclass_fields__}
    bands, measured = _bands(with_photo, wanted)
    identity, identity_measured = _bands(both_live, wanted)
    return Evidence(
        **fields,
        way=way,
        bands=bands,
        measured=measured,
        identity=identity,
        identity_measured=identity_measured,
    )


def _bands(named: NamedFindings, wanted: WantedRates) -> tuple[Bands, tuple[Measurement, ...]]:
    scores, tail = named.findings.scores, 1 - CONFIDENCE
    _require("impostor", len(scores.impostor), pairs_needed(wanted.match, tail))
    _require("genuine", len(scores.genuine), pairs_needed(STATED_MISSES, tail))
    bands = Bands(scores.threshold_for(wanted.match), scores.threshold_for(wanted.look_closely))
    thresholds = sorted({bands.match_from, bands.look_closely_from}, reverse=True)
    return bands, tuple(measurement_at(named.findings, threshold, named.data) for threshold in thresholds)


def _require(kind: str, pairs: int, needed: int) -> None:
    if pairs < needed:
        raise PairsTooFew(kind, pairs, needed)


def measurement_at(findings: Findings, threshold: float, data: str) -> Measurement:
    """Return the row of an evidence file for one threshold; bounds are the wider of counting pairs and people.

    Raises:
        ValueError: there are no pairs of one kind.
    """
    at = findings.scores.at(threshold)
    match_rate, miss_rate = at.false_matches.value, at.false_non_matches.value
    if match_rate is None or miss_rate is None:
        raise ValueError("pairs")
    return Measurement(
        data=data,
        threshold=threshold,
        impostor_pairs=at.false_matches.of,
        genuine_pairs=at.false_non_matches.of,
        false_match_rate=round(match_rate, 6),
        false_match_rate_bounds=_wider(at.false_matches, people_bounds(findings, threshold, is_same=False)),
        false_non_match_rate=round(miss_rate, 6),
        false_non_match_rate_bounds=_wider(
            at.false_non_matches, people_bounds(findings, threshold, is_same=True)
        ),
    )


def _wider(rate: Rate, by_people: tuple[float, float] | None) -> tuple[float, float]:
    lower, upper = rate.bounds
    if by_people is not None:
        lower, upper = min(lower, by_people[0]), max(upper, by_people[1])
    return round(lower, 6), round(upper, 6)


def evidence_as_toml(evidence: Evidence) -> str:
    """Return the text of an evidence file, as `appliance.face.evidence_file.read_evidence` reads it."""
    return "\n".join([*_description_lines(evidence), *_threshold_lines(evidence)]) + "\n"


def _description_lines(evidence: Evidence) -> Iterator[str]:
    yield f"format = {FORMAT}"
    yield from _texts(evidence, ("name", "source"))
    yield "\n[weights]"
    yield from _texts(evidence, ("package", "version", "folder", "licence", "licence_note"))
    for part, pinned in (("landmarks", evidence.landmarks), ("embedding", evidence.embedding)):
        yield f"\n[weights.{part}]"
        yield from _pinned_lines(pinned)
    yield "\n[cohort]"
    yield from _pinned_lines(evidence.cohort.pinned)
    yield f"templates = {evidence.cohort.templates}"
    yield f"nearest = {evidence.cohort.nearest}"


def _threshold_lines(evidence: Evidence) -> Iterator[str]:
    way, bands, identity = evidence.way, evidence.bands, evidence.identity
    yield "\n[template]"
    yield f"looks = {way.looks}"
    yield f"shift_px = {way.shift_px}"
    yield f"mirrored = {json.dumps(way.mirrored)}"
    yield "\n[bands]"
    yield f"match_from = {bands.match_from!r}"
    yield f"look_closely_from = {bands.look_closely_from!r}"
    for row in evidence.measured:
        yield "\n[[measured]]"
        yield from _measurement_lines(row)
    yield "\n[identity]"
    yield f"held_from = {identity.match_from!r}"
    yield f"unsure_from = {identity.look_closely_from!r}"
    for row in evidence.identity_measured:
        yield "\n[[identity.measured]]"
        yield from _measurement_lines(row)


def _measurement_lines(row: Measurement) -> Iterator[str]:
    for name in Measurement.__dataclass_fields__:
        value = getattr(row, name)
        yield f"{name} = {list(value) if isinstance(value, tuple) else _plain(value)}"


def _plain(value: float | str) -> str:
    return _quoted(value) if isinstance(value, str) else repr(value)


def _texts(evidence: Evidence, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        value = getattr(evidence, name)
        if value:
            yield f"{name} = {_quoted(value)}"


def _pinned_lines(pinned: PinnedFile) -> Iterator[str]:
    yield f"file = {_quoted(pinned.file)}"
    yield f'sha256 = "{pinned.sha256}"'


def _quoted(text: str) -> str:
    """Return a TOML basic string: JSON's rules, and one control character more (TOML 1.0, String)."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
