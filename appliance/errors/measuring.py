"""What goes wrong while the face engine is measured; never part of a visit."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.errors.root import UnitError


@dataclass(eq=False)
class MeasuringTrouble(UnitError):
    """A set of pictures from which nothing can be said about the face engine."""


@dataclass(eq=False)
class PairsMalformed(MeasuringTrouble, ValueError):
    """A table of pairs, or the file names of a set, do not say who is compared with whom."""

    row: int
    """As an editor counts lines, from 1."""
    column: str
    """The column that is missing or wrong; `file name` where names are the source."""


@dataclass(eq=False)
class PairsTooFew(MeasuringTrouble, ValueError):
    """A set is too small to state an error rate with 95 % confidence."""

    kind: str
    """`impostor` or `genuine`."""
    pairs: int
    needed: int
