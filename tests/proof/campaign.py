"""A campaign: one promise of the product, a way to break it, and what trying came to (proof.md §6).

A campaign is one module with a constant `CAMPAIGN`, and one line in `registry`. Its inputs are numbered from 0, and
each follows from the seed and its number alone, so that any one of them can be tried again by itself.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tests.proof.watch import Watch

HANG_LIMIT_S: Final = 1.0
"""One input that takes longer hangs (proof.md §6.2)."""
MEMORY_LIMIT_KIB: Final = 64 * 1024
"""How much a campaign's process may grow over what it needs to start (proof.md §6.2)."""
_QUICK_PART: Final = 1000


@unique
class Label(Enum):
    """How far a figure can be trusted (proof.md, head)."""

    MEASURED_ON_TARGET = "measured on target"
    """On a Raspberry Pi; a campaign with this label, run elsewhere, is reported with the next one."""
    MEASURED_ELSEWHERE = "measured on another machine"
    SIMULATED = "simulated"
    """Against a simulated device."""
    ARGUED = "argued"


@unique
class Joining(Enum):
    """How the figures of several processes become one."""

    SUM = "sum"
    GREATEST = "greatest"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a finding, with its unit."""

    value: float
    unit: str
    joining: Joining = Joining.SUM

    def joined(self, other: Figure) -> Figure:
        """Return this figure and another process's as one."""
        value = self.value + other.value if self.joining is Joining.SUM else max(self.value, other.value)
        return Figure(value, self.unit, self.joining)


@dataclass(frozen=True, slots=True)
class Failure:
    """One input that broke the promise."""

    index: int
    what: str
    """What happened and where in the source; never personal bytes."""
    input_hex: str
    """The input; all inputs are made from invented people's cards."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one process found."""

    done: int
    failed: int = 0
    """How many inputs broke the promise."""
    failures: tuple[Failure, ...] = ()
    """A few of them of each kind."""
    figures: Mapping[str, Figure] = field(default_factory=dict)
    slowest_s: float = 0.0
    slowest_index: int = -1
    memory_growth_kib: int = 0

    def joined(self, other: Finding) -> Finding:
        """Return this finding and another process's as one."""
        figures = dict(self.figures)
        for name, figure in other.figures.items():
            figures[name] = figures[name].joined(figure) if name in figures else figure
        slower = max(self, other, key=lambda each: each.slowest_s)
        return Finding(
            done=self.done + other.done,
            failed=self.failed + other.failed,
            failures=(*self.failures, *other.failures),
            figures=figures,
            slowest_s=slower.slowest_s,
            slowest_index=slower.slowest_index,
            memory_growth_kib=max(self.memory_growth_kib, other.memory_growth_kib),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain values for JSON."""
        return {
            "done": self.done,
            "failed": self.failed,
            "failures": [[each.index, each.what, each.input_hex] for each in self.failures],
            "figures": {
                name: [figure.value, figure.unit, figure.joining.value]
                for name, figure in self.figures.items()
            },
            "slowest": [self.slowest_s, self.slowest_index],
            "memory_growth_kib": self.memory_growth_kib,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Finding:
        """Return the finding that `to_dict` wrote."""
        return cls(
            done=plain["done"],
            failed=plain["failed"],
            failures=tuple(Failure(*each) for each in plain["failures"]),
            figures={
                name: Figure(value, unit, Joining(joining))
                for name, (value, unit, joining) in plain["figures"].items()
            },
            slowest_s=plain["slowest"][0],
            slowest_index=plain["slowest"][1],
            memory_growth_kib=plain["memory_growth_kib"],
        )


@dataclass(frozen=True, slots=True)
class Share:
    """The inputs that one process tries."""

    seed: int
    first: int
    count: int

    @property
    def indices(self) -> range:
        """The numbers of the inputs."""
        return range(self.first, self.first + self.count)

    def random(self, index: int) -> random.Random:
        """Return the randomness of one input, which is the same wherever the share begins."""
        return random.Random(self.seed << 40 | index)

    def parts(self, number: int) -> tuple[Share, ...]:
        """Return the share in up to `number` parts of nearly the same size."""
        number = max(1, min(number, self.count))
        bounds = [self.first + self.count * part // number for part in range(number + 1)]
        return tuple(Share(self.seed, start, end - start) for start, end in pairwise(bounds))


Run = Callable[[Share, "Watch"], None]
"""Tries a share under a watch, which keeps count, time and failures."""


def _nothing_absent() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Campaign:
    """One promise with the way to try it."""

    id: str
    """As in proof.md, such as `F1`."""
    claim: str
    """What holds when nothing fails, in plain English."""
    unit: str
    """What is counted: `inputs`, `sessions`, `images`, `visits`, `cycles`."""
    must: int
    """How many a release needs."""
    label: Label
    run: Run
    quick: int = 0
    """How many the tests try; 0 means a thousandth of `must`, and at least one."""
    can_be_split: bool = True
    """Whether several processes may work on it at once."""
    hang_limit_s: float = HANG_LIMIT_S
    memory_limit_kib: int = MEMORY_LIMIT_KIB
    is_reported: bool = False
    """Whether the finding is its figures: that no input failed then bounds no rate."""
    absent: Callable[[], str] = _nothing_absent
    """Says what this campaign needs and does not find here, so that it cannot be tried; empty when all is there."""
    bounds_address_space: bool = False
    """Whether the kernel refuses memory beyond the limit, which names the very input; not for campaigns that start
    threads or processes, whose address space says nothing of the memory they use."""

    @property
    def quick_count(self) -> int:
        """How many the tests try."""
        return self.quick or max(1, self.must // _QUICK_PART)
