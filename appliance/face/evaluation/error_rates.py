"""False matches and false non-matches of a set of scores, with bounds (ISO/IEC 19795-1 §3 and §8).

Bounds are Clopper and Pearson's, exact for independent pairs. Pairs that share pictures are not independent, so true
bounds are wider; where it is known who is on each picture, `appliance.face.evaluation.people_bounds` counts people.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.face.evaluation.binomial_bounds import lower_bound, upper_bound

CONFIDENCE: Final = 0.95
_STEPS: Final = 1_000
"""Thresholds have three places; scores differ by more between two cameras."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many, with the share that may stand behind it."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        """The share seen; None of nothing."""
        return self.count / self.of if self.of else None

    @property
    def bounds(self) -> tuple[float, float]:
        """The two-sided 95 % bounds; everything is possible of nothing."""
        tail = (1 - CONFIDENCE) / 2
        if not self.of:
            return 0.0, 1.0
        return lower_bound(self.count, self.of, tail), upper_bound(self.count, self.of, tail)

    @property
    def upper95(self) -> float:
        """The one-sided 95 % bound: with none seen, about three over the number of trials."""
        return upper_bound(self.count, self.of, 1 - CONFIDENCE) if self.of else 1.0


@dataclass(frozen=True, slots=True)
class DetPoint:
    """The two errors at one threshold."""

    threshold: float
    false_matches: Rate
    false_non_matches: Rate


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of pairs that could be compared, each kind in rising order; larger is more alike."""

    genuine: NDArray[np.float64]
    impostor: NDArray[np.float64]

    def at(self, threshold: float) -> DetPoint:
        """Count different people who reach the threshold, and people who do not reach it with their own picture."""
        below = int(np.searchsorted(self.impostor, threshold))
        missed = int(np.searchsorted(self.genuine, threshold))
        return DetPoint(
            threshold, Rate(len(self.impostor) - below, len(self.impostor)), Rate(missed, len(self.genuine))
        )

    def threshold_for(self, false_match_rate: float) -> float:
        """Return the least threshold, to three places, at which no more different people match than this share.

        Raises:
            ValueError: there are no pairs of different people.
        """
        count = len(self.impostor)
        if not count:
            raise ValueError("impostor")
        allowed = math.floor(false_match_rate * count)
        if allowed >= count:
            return math.floor(float(self.impostor[0]) * _STEPS) / _STEPS
        refused = float(self.impostor[count - 1 - allowed])
        threshold = math.floor(refused * _STEPS + 1) / _STEPS
        # Rounding in the product can fall short of the next step.
        return threshold if threshold > refused else round(threshold + 1 / _STEPS, 3)

    def det(self, points: int = 60) -> tuple[DetPoint, ...]:
        """Return the trade of the two errors at thresholds that the impostors' scores choose, strictest first."""
        if not len(self.impostor) or not len(self.genuine):
            return ()
        shares = np.unique(np.geomspace(1 / len(self.impostor), 1.0, points))
        thresholds = {self.threshold_for(float(share)) for share in shares}
        none_matches = math.floor(float(self.impostor[-1]) * _STEPS + 2) / _STEPS
        return tuple(self.at(threshold) for threshold in sorted(thresholds | {none_matches}, reverse=True))


def scores_of(genuine: Iterable[float], impostor: Iterable[float]) -> Scores:
    """Return scores as sets of numbers; one that is not a number was no comparison and is left out."""
    return Scores(_rising(genuine), _rising(impostor))


def _rising(scores: Iterable[float]) -> NDArray[np.float64]:
    numbers = np.sort(np.array(scores if isinstance(scores, np.ndarray) else list(scores), dtype=np.float64))
    return numbers[~np.isnan(numbers)]
