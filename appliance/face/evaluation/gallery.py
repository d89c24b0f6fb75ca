"""The templates of a set of pictures, in memory only, and the scores of many pairs of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.face.comparison import TEMPLATE_LENGTH, Strangers, average
from appliance.face.evaluation.acquisition import Side
from appliance.face.evaluation.crew import Acquired, Trouble
from appliance.face.evaluation.pairs import Indices

_AT_ONCE: Final = 65_536
"""Pairs for each step: 64 MB of differences."""

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PairScores:
    """What came of pairs, in their order."""

    score: NDArray[np.float64]
    """Not a number where no comparison was possible."""
    reference_trouble: NDArray[np.uint8]
    """A `Trouble` for each pair."""
    live_trouble: NDArray[np.uint8]
    """A `Trouble` for each pair: of its live pictures, where all of them have one."""

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.score)

    def __getitem__(self, part: slice) -> PairScores:
        """Return some of the pairs."""
        return PairScores(self.score[part], self.reference_trouble[part], self.live_trouble[part])


def nothing_scored() -> PairScores:
    """Return the scores of no pairs."""
    return PairScores(np.empty(0), np.empty(0, np.uint8), np.empty(0, np.uint8))


def joined(one: PairScores, other: PairScores) -> PairScores:
    """Return the scores of both, in order."""
    return PairScores(
        np.concatenate([one.score, other.score]),
        np.concatenate([one.reference_trouble, other.reference_trouble]),
        np.concatenate([one.live_trouble, other.live_trouble]),
    )


class Gallery:
    """Templates by picture and side, each with its distance to its nearest strangers."""

    def __init__(self, pictures: int, strangers: Strangers) -> None:
        """Make room for both sides of `pictures` pictures (about 1 kB each)."""
        self._strangers = strangers
        self._templates = np.zeros((len(Side), pictures, TEMPLATE_LENGTH), dtype=np.float32)
        self._distances = np.zeros((len(Side), pictures))
        self._troubles = np.full((len(Side), pictures), Trouble.UNREADABLE, dtype=np.uint8)

    def add(self, acquired: Acquired) -> None:
        """Keep what came of one picture."""
        place = acquired.sitter.side, acquired.sitter.picture
        self._troubles[place] = acquired.trouble
        if acquired.template is not None:
            self._templates[place] = acquired.template
            self._distances[place] = self._strangers.distance(acquired.template)

    def score(self, reference: Indices, live: Indices, reference_side: Side = Side.REFERENCE) -> PairScores:
        """Return the scores of pairs: `reference` one picture each, `live` pairs x live pictures of one person."""
        sets, places = np.unique(live, axis=0, return_inverse=True)
        templates, distances, troubles = self._averaged(sets)
        places = places.reshape(-1)
        steps = [slice(start, start + _AT_ONCE) for start in range(0, len(reference), _AT_ONCE)]
        parts = [
            self._margins(reference[step], reference_side, templates, distances, places[step])
            for step in steps
        ]
        reference_trouble, live_trouble = self._troubles[reference_side, reference], troubles[places]
        score = np.concatenate(parts) if parts else np.empty(0)
        score[(reference_trouble != Trouble.NONE) | (live_trouble != Trouble.NONE)] = np.nan
        templates.fill(0)
        return PairScores(score, reference_trouble, live_trouble)

    def forget(self) -> None:
        """Overwrite the templates; safe to call again."""
        self._templates.fill(0)
        self._distances.fill(0)

    def _margins(
        self,
        reference: Indices,
        side: Side,
        templates: Numbers,
        distances: NDArray[np.float64],
        places: NDArray[np.intp],
    ) -> NDArray[np.float64]:
        """Return `appliance.face.comparison.margin` for many pairs."""
        difference = self._templates[side, reference] - templates[places]
        mutual = np.linalg.norm(difference, axis=1).astype(np.float64)
        difference.fill(0)
        margins: NDArray[np.float64] = (self._distances[side, reference] + distances[places]) / 2 - mutual
        return margins

    def _averaged(self, sets: Indices) -> tuple[Numbers, NDArray[np.float64], NDArray[np.uint8]]:
        """Return template, distance to strangers and trouble of each set of live pictures."""
        if sets.shape[1] == 1:
            only = sets[:, 0]
            return (
                self._templates[Side.LIVE, only],
                self._distances[Side.LIVE, only],
                self._troubles[Side.LIVE, only],
            )
        templates = np.zeros((len(sets), TEMPLATE_LENGTH), dtype=np.float32)
        distances, troubles = np.zeros(len(sets)), np.zeros(len(sets), dtype=np.uint8)
        for place, pictures in enumerate(sets):
            usable = pictures[self._troubles[Side.LIVE, pictures] == Trouble.NONE]
            if not len(usable):
                troubles[place] = self._troubles[Side.LIVE, pictures].min()
                continue
            templates[place] = average(self._templates[Side.LIVE, usable])
            distances[place] = self._strangers.distance(templates[place])
        return templates, distances, troubles
