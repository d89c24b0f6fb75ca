"""Timing two ways side by side: machines differ and are shared, so what counts is their ratio within one run.

The two take turns and swap who goes first, so that what slows the machine for a while slows both. Other programs only
ever add time, so the ratio that is judged is the one of the quiet rounds, the fastest twentieth of each way.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Timed = Callable[[], float]
"""Does something once and returns how long the part that counts took, in seconds."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of several measurements, and the quarter points below and above it."""

    median: float
    low: float
    high: float

    def times(self, factor: float) -> Spread:
        """Return the same in another unit."""
        return Spread(self.median * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two ways, in seconds, and how much longer the first takes in the same round."""

    ours: Spread
    bare: Spread
    ratio: Spread
    """Of each round."""
    quiet_ratio: float
    """Of the times that a twentieth of the rounds stays within."""


def spread_of(values: Sequence[float]) -> Spread:
    """Return median and quarter points.

    Raises:
        ValueError: no values.
    """
    if not values:
        raise ValueError("values")
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, low, high)


def quiet(values: Sequence[float]) -> float:
    """Return the value that a twentieth of them does not pass.

    Raises:
        ValueError: no values.
    """
    if not values:
        raise ValueError("values")
    return sorted(values)[len(values) // 20]


def in_turns(ways: Sequence[Timed], rounds: int, told: Callable[[], None]) -> list[list[float]]:
    """Time each way `rounds` times after one unmeasured turn; odd rounds go backwards. Result: one list per way."""
    times: list[list[float]] = [[] for _ in ways]
    for way in ways:
        way()
    for number in range(rounds):
        order = range(len(ways)) if number % 2 == 0 else reversed(range(len(ways)))
        for index in order:
            times[index].append(ways[index]())
        told()
    return times


def side_by_side(ours: Timed, bare: Timed, rounds: int, told: Callable[[], None]) -> SideBySide:
    """Time two ways in turns."""
    our_times, bare_times = in_turns((ours, bare), rounds, told)
    ratios = [one / other for one, other in zip(our_times, bare_times, strict=True)]
    quiet_ratio = quiet(our_times) / quiet(bare_times)
    return SideBySide(spread_of(our_times), spread_of(bare_times), spread_of(ratios), quiet_ratio)
