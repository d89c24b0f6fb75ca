"""What the rules say about a person on a day; the same question always gets the same answer.

Among the rules that are in force and whose conditions hold, `no` outweighs `unknown` and `unknown` outweighs `yes`, so that
a person is sent somewhere only when nothing speaks against it. A way is open when a rule opens it and none closes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from appliance.domain.person_facts import PersonFacts
from appliance.domain.programmes.conditions import DEADLINES
from appliance.domain.programmes.programme import Channel, ProgrammeId
from appliance.domain.programmes.rules import Applies, Rule, RuleBook, shipped_rules

_WEIGHTIEST_FIRST: Final = (Applies.NO, Applies.UNKNOWN, Applies.YES)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do or to ask, with the rule behind it."""

    key: str
    """Key of its sentence."""
    rule: str
    """Id of the rule that asks for it."""
    by: date | None
    """Last day for it, if there is one."""


@dataclass(frozen=True, slots=True)
class ProgrammeAdvice:
    """What one programme means for a person on a day."""

    id: ProgrammeId
    applies: Applies
    channels: tuple[Channel, ...]
    """Ways that no known fact closes, in the order in which they are shown."""
    steps: tuple[Step, ...]
    by: date | None
    """The earliest last day of any step that has not passed."""
    rules: tuple[Rule, ...]
    """Every rule that was used, each in the period that covers the day."""

    def is_stale(self, on: date) -> bool:
        """Tell whether any rule used is older than six months on a day, so that the advice must be marked (R25)."""
        return any(rule.is_stale(on) for rule in self.rules)


def advise(facts: PersonFacts, on: date, book: RuleBook | None = None) -> tuple[ProgrammeAdvice, ...]:
    """Return the advice of every programme that has rules, P1 first; by the shipped rules unless `book` is given."""
    book = book or shipped_rules()
    return tuple(
        _advise(programme, _used(book.of(programme), facts, on), facts, on) for programme in book.programmes
    )


def _used(rules: Sequence[Rule], facts: PersonFacts, on: date) -> tuple[Rule, ...]:
    return tuple(
        rule
        for rule in rules
        if rule.is_in_force(on) and all(condition.holds(facts, on) for condition in rule.when)
    )


def _advise(programme: ProgrammeId, used: Sequence[Rule], facts: PersonFacts, on: date) -> ProgrammeAdvice:
    steps = tuple(Step(key, rule.id, _due(rule, facts, on)) for rule in used for key in rule.steps)
    return ProgrammeAdvice(
        id=programme,
        applies=_weigh(used),
        channels=_open_channels(used),
        steps=steps,
        by=min((step.by for step in steps if step.by is not None), default=None),
        rules=tuple(used),
    )


def _weigh(used: Sequence[Rule]) -> Applies:
    said = {rule.applies for rule in used}
    return next((applies for applies in _WEIGHTIEST_FIRST if applies in said), Applies.UNKNOWN)


def _open_channels(used: Sequence[Rule]) -> tuple[Channel, ...]:
    opened = {channel for rule in used for channel in rule.opens}
    closed = {channel for rule in used for channel in rule.closes}
    return tuple(channel for channel in Channel if channel in opened - closed)


def _due(rule: Rule, facts: PersonFacts, on: date) -> date | None:
    """Return the rule's last day; a day that has passed is none any more."""
    day = DEADLINES[rule.by](facts) if rule.by is not None else None
    return day if day is not None and day >= on else None
