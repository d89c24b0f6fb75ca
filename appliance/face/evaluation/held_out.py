"""How thresholds do on people that they were not set by: the people are halved by chance, again and again.

One half chooses the threshold for a wanted false match rate, the other half's pairs say what comes of it, and the
halves change places. No person is in both halves, so neither is a picture; halves are smaller than the set, so single
splits tremble, and all of them together are one figure with its spread, not new evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.face.evaluation.error_rates import Scores, scores_of
from appliance.face.evaluation.findings import WANTED_RATES, Findings

_SEED: Final = 2
"""Splits are the same in each run, so that a figure can be repeated."""
_SPREAD: Final = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What came of one wanted false match rate, over all splits in both directions."""

    wanted: float
    thresholds: tuple[float, ...]
    false_match_rates: tuple[float, ...]
    """Of the other half, split by split."""
    false_non_match_rates: tuple[float, ...]


def hold_out(findings: Findings, seeds: int) -> tuple[HeldOut, ...]:
    """Return what thresholds of half of the people do to the other half, for each wanted rate.

    Raises:
        ValueError: it is not known who is on each picture, or a half has no pairs of both kinds.
    """
    halves = list(_halves(findings, seeds))
    return tuple(_held_out(halves, wanted) for wanted in WANTED_RATES)


def _held_out(halves: list[tuple[Scores, Scores]], wanted: float) -> HeldOut:
    thresholds, matches, misses = [], [], []
    for chosen_by, measured_on in halves:
        at = measured_on.at(chosen_by.threshold_for(wanted))
        thresholds.append(at.threshold)
        matches.append(at.false_matches.count / at.false_matches.of)
        misses.append(at.false_non_matches.count / at.false_non_matches.of)
    return HeldOut(wanted, tuple(thresholds), tuple(matches), tuple(misses))


def _halves(findings: Findings, seeds: int) -> Iterator[tuple[Scores, Scores]]:
    """Return pairs within either half, in both orders."""
    people = findings.table.people
    if people is None:
        raise ValueError("people")
    random = np.random.default_rng(_SEED)
    for _ in range(seeds):
        drawn = random.permutation(people.max() + 1)
        is_first = np.isin(people, drawn[: len(drawn) // 2])
        first, second = _within(findings, is_first), _within(findings, ~is_first)
        yield first, second
        yield second, first


def _within(findings: Findings, is_in: NDArray[np.bool_]) -> Scores:
    table, score = findings.table, findings.pairs.score
    chosen = is_in[table.reference] & is_in[table.live].all(axis=1)
    scores = scores_of(score[chosen & table.is_same], score[chosen & ~table.is_same])
    if not len(scores.genuine) or not len(scores.impostor):
        raise ValueError("people")
    return scores


def held_out_as_json(findings: Findings, seeds: int) -> list[dict[str, object]]:
    """Return the held-out figures under the names of the command line: means, and what nine in ten splits lie within."""
    return [
        {
            "false_match_rate": row.wanted,
            "splits": len(row.thresholds),
            "threshold": _mean_and_spread(row.thresholds),
            "fmr": _mean_and_spread(row.false_match_rates),
            "fnmr": _mean_and_spread(row.false_non_match_rates),
        }
        for row in hold_out(findings, seeds)
    ]


def _mean_and_spread(values: tuple[float, ...]) -> dict[str, float]:
    low, high = np.quantile(values, _SPREAD)
    return {
        "mean": round(float(np.mean(values)), 6),
        "low": round(float(low), 6),
        "high": round(float(high), 6),
    }
