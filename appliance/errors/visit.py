"""What a person typed or chose, and what does not go on from there."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.errors.root import UnitError


@dataclass(eq=False)
class VisitTrouble(UnitError):
    """The visit cannot go on the way that was asked."""


@dataclass(eq=False)
class StepNotAllowed(VisitTrouble, RuntimeError):
    """The step does not follow from where the visit stands."""

    state: str
    step: str


@dataclass(eq=False)
class MyNumberInText(VisitTrouble, ValueError):
    """A free text holds twelve digits that could be a My Number (design D11)."""


@dataclass(eq=False)
class TextTooLong(VisitTrouble, ValueError):
    """A free text is longer than the record allows."""

    limit: int


@dataclass(eq=False)
class FactsMalformed(VisitTrouble, ValueError):
    """Facts about a person are contradictory, misspelt or out of range."""

    key: str
