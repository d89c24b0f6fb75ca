"""Bounds that count people, not pairs: the same people drawn again and again with replacement.

Pairs across a folder share pictures and people, so they are far fewer observations than they look. A draw of people
weighs each pair by how often both of its people were drawn (two-way bootstrap; A. B. Owen, Ann. Appl. Stat. 1, 2007).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_DRAWS: Final = 2_000
_PEOPLE_MOST: Final = 2_000
"""Beyond, the table of all people against all costs more memory than it is worth."""


def bounds_by_people(
    reference: NDArray[np.int32],
    live: NDArray[np.int32],
    is_error: NDArray[np.bool_],
    random: np.random.Generator,
) -> tuple[float, float] | None:
    """Return the 95 % bounds of the share of errors, or None where people cannot say: none seen, or too many people.

    `reference` and `live` say who is on each pair's pictures; all pairs are of one kind.
    """
    if not is_error.any() or is_error.all():
        return None
    people, places = np.unique(np.concatenate([reference, live]), return_inverse=True)
    count = len(people)
    if not 2 <= count <= _PEOPLE_MOST:
        return None
    cells = places[: len(reference)] * count + places[len(reference) :]
    pairs = np.bincount(cells, minlength=count * count).reshape(count, count).astype(np.float64)
    errors = (
        np.bincount(cells, weights=is_error, minlength=count * count).reshape(count, count).astype(np.float64)
    )
    weights = random.multinomial(count, np.full(count, 1 / count), size=_DRAWS).astype(np.float64)
    shares = _weighed(errors, weights) / np.maximum(_weighed(pairs, weights), 1.0)
    lower, upper = np.quantile(shares, (0.025, 0.975))
    return float(lower), float(upper)


def _weighed(table: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum over pairs for each draw; a person's own pairs count once for each time the person was drawn."""
    own = np.diagonal(table)
    others = table - np.diag(own)
    total: NDArray[np.float64] = ((weights @ others) * weights).sum(axis=1) + weights @ own
    return total
