"""Exact bounds on a share by what was counted of it (C. J. Clopper and E. S. Pearson, Biometrika 26, 1934).

The chance of seeing so few or so many is a regularised incomplete beta function, computed by its continued fraction
(NIST Digital Library of Mathematical Functions, 8.17.22), so that hundreds of thousands of pairs cost no more than ten.
"""

from __future__ import annotations

import math
from typing import Final

_BISECTIONS: Final = 60
_FRACTION_TERMS: Final = 100_000
"""Far more than needed: about the root of the number of trials."""
_PRECISION: Final = 1e-14
_TINY: Final = 1e-300


def lower_bound(count: int, of: int, tail: float) -> float:
    """Return the share at which seeing `count` or more of `of` has the chance `tail`; 0 when nothing was seen."""
    if count == 0:
        return 0.0
    return _solve(count, of - count + 1, tail)


def upper_bound(count: int, of: int, tail: float) -> float:
    """Return the share at which seeing `count` or fewer of `of` has the chance `tail`; 1 when all were seen."""
    if count == of:
        return 1.0
    return _solve(count + 1, of - count, 1 - tail)


def pairs_needed(rate: float, tail: float) -> int:
    """Return how many pairs without one error state a rate no higher than `rate`: about 3 / rate at 95 %."""
    return math.ceil(math.log(tail) / math.log1p(-rate))


def _solve(one: int, other: int, wanted: float) -> float:
    """Return where the incomplete beta function, which rises from 0 to 1, reaches `wanted`."""
    lower, upper = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (lower + upper) / 2
        if incomplete_beta(one, other, middle) < wanted:
            lower = middle
        else:
            upper = middle
    return (lower + upper) / 2


def incomplete_beta(one: float, other: float, share: float) -> float:
    """Return I_share(one, other), the regularised incomplete beta function; `share` is between 0 and 1."""
    if share <= 0.0 or share >= 1.0:
        return float(share >= 1.0)
    if share > (one + 1) / (one + other + 2):
        # The fraction settles quickly on one side only; the other is its mirror image.
        return 1.0 - incomplete_beta(other, one, 1.0 - share)
    log_front = (
        math.lgamma(one + other)
        - math.lgamma(one)
        - math.lgamma(other)
        + one * math.log(share)
        + other * math.log1p(-share)
    )
    return math.exp(log_front) / (one * _fraction(one, other, share))


def _fraction(one: float, other: float, share: float) -> float:
    """Return the continued fraction by Lentz's method."""
    value = above = 1.0
    below = 0.0
    for term in range(1, _FRACTION_TERMS):
        numerator = _numerator(one, other, share, term)
        below = 1.0 / (1.0 + numerator * below or _TINY)
        above = 1.0 + numerator / above or _TINY
        value *= above * below
        if abs(above * below - 1.0) < _PRECISION:
            break
    return value


def _numerator(one: float, other: float, share: float, term: int) -> float:
    half = term // 2
    if term % 2:
        return -(one + half) * (one + other + half) * share / ((one + term - 1) * (one + term))
    return half * (other - half) * share / ((one + term - 1) * (one + term))
