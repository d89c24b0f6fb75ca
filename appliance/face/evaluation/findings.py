"""What a measurement found, in the words of ISO/IEC 19795-1, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from appliance.face.evaluation.crew import Trouble
from appliance.face.evaluation.error_rates import DetPoint, Rate, Scores, scores_of
from appliance.face.evaluation.gallery import PairScores
from appliance.face.evaluation.pairs import PairTable
from appliance.face.evaluation.people_bounds import bounds_by_people

WANTED_RATES: Final = (0.001, 0.002, 0.01)
"""False match rates at which the other error is shown too, whatever the threshold in use."""
_SEED: Final = 19795
"""Draws of people are the same in each run, so that a figure can be repeated."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Pictures in their parts that gave no template."""

    attempts: int
    no_face: int
    unreadable: int

    @property
    def rate(self) -> Rate:
        """Failure to acquire."""
        return Rate(self.no_face + self.unreadable, self.attempts)


@dataclass(frozen=True, slots=True)
class Findings:
    """Scores and failures of one measurement."""

    table: PairTable
    pairs: PairScores
    scores: Scores
    failures: Failures


def find(table: PairTable, pairs: PairScores) -> Findings:
    """Return what the scores of a table say."""
    genuine, impostor = pairs.score[table.is_same], pairs.score[~table.is_same]
    return Findings(table, pairs, scores_of(genuine, impostor), _failures(table, pairs))


def _failures(table: PairTable, pairs: PairScores) -> Failures:
    """Count each picture once in each part that it was acquired for, however many pairs it is in."""
    references = np.column_stack([table.reference, pairs.reference_trouble])
    lives = np.column_stack([table.live, pairs.live_trouble])
    parts = [np.concatenate([references, lives])] if table.are_both_live else [references, lives]
    troubles = np.concatenate([np.unique(part, axis=0)[:, -1] for part in parts])
    counted = [int((troubles == trouble).sum()) for trouble in (Trouble.NO_FACE, Trouble.UNREADABLE)]
    return Failures(len(troubles), *counted)


def as_json(findings: Findings, threshold: float) -> dict[str, object]:
    """Return the findings at `threshold` under the names of the command line (design §4)."""
    at, failures = findings.scores.at(threshold), findings.failures
    genuine_pairs = int(findings.table.is_same.sum())
    not_compared = genuine_pairs - at.false_non_matches.of
    return {
        "pairs": len(findings.table),
        "genuine_pairs": at.false_non_matches.of,
        "impostor_pairs": at.false_matches.of,
        "pairs_not_compared": int(np.isnan(findings.pairs.score).sum()),
        "pictures": len(findings.table.pictures),
        "threshold": threshold,
        "false_matches": at.false_matches.count,
        "fmr": at.false_matches.value,
        "fmr_upper95": at.false_matches.upper95,
        "fmr_bounds": at.false_matches.bounds,
        "fmr_bounds_by_people": people_bounds(findings, threshold, is_same=False),
        "false_non_matches": at.false_non_matches.count,
        "fnmr": at.false_non_matches.value,
        "fnmr_upper95": at.false_non_matches.upper95,
        "fnmr_bounds": at.false_non_matches.bounds,
        "fnmr_bounds_by_people": people_bounds(findings, threshold, is_same=True),
        "fnmr_with_failures": Rate(at.false_non_matches.count + not_compared, genuine_pairs).value,
        "failure_to_acquire": failures.rate.value,
        "failures": {
            "attempts": failures.attempts,
            "no_face": failures.no_face,
            "unreadable": failures.unreadable,
        },
        "at_false_match_rate": [_at_rate(findings, rate) for rate in WANTED_RATES if findings.scores.det()],
        "det": [_point(point) for point in findings.scores.det()],
    }


def people_bounds(findings: Findings, threshold: float, *, is_same: bool) -> tuple[float, float] | None:
    """Return the bounds of one error that count people, where it is known who is on each picture."""
    table, score = findings.table, findings.pairs.score
    if table.people is None:
        return None
    chosen = (table.is_same == is_same) & ~np.isnan(score)
    reference, live = table.people[table.reference[chosen]], table.people[table.live[chosen, 0]]
    is_error = (score[chosen] >= threshold) != is_same
    return bounds_by_people(reference, live, is_error, np.random.default_rng(_SEED))


def _at_rate(findings: Findings, rate: float) -> dict[str, object]:
    point = findings.scores.at(findings.scores.threshold_for(rate))
    by_people = people_bounds(findings, point.threshold, is_same=True)
    return {"false_match_rate": rate, **_point(point), "fnmr_bounds_by_people": by_people}


def _point(point: DetPoint) -> dict[str, object]:
    return {
        "threshold": point.threshold,
        "fmr": point.false_matches.value,
        "fmr_bounds": point.false_matches.bounds,
        "fnmr": point.false_non_matches.value,
        "fnmr_bounds": point.false_non_matches.bounds,
    }
