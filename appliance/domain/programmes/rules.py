"""The rules as dated data: read strictly, so that a rule without a source or with two answers for one day cannot exist (D7).

A rule's id stays the same when the law changes; each change is another period of that id. The shipped table is a part of
the program and read like one; a newer table from the office goes through the same reader.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, unique
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final, TypeVar

from appliance.domain.programmes.conditions import CLAIMS, DEADLINES, Condition
from appliance.domain.programmes.months import months_later
from appliance.domain.programmes.programme import Channel, ProgrammeId
from appliance.errors import FactsMalformed

STALE_AFTER_MONTHS: Final = 6
"""Rules older than this are marked (R25)."""


@unique
class Confidence(Enum):
    """How sure a rule is, by the letters of domain.md."""

    A = "A"
    """Official text, or a public body's own page."""
    B = "B"
    """Secondary sources that agree."""
    C = "C"
    """General knowledge, not verified again."""
    D = "D"
    """Derived by this project."""


@unique
class Applies(Enum):
    """Whether a programme is something for this person on this day."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Rule:
    """One period of one rule."""

    id: str
    """Such as `P1-R03`; the same for all periods of the rule."""
    programme: ProgrammeId
    holds_from: date
    """First day."""
    holds_to: date | None
    """Last day; None while no end is known."""
    source: str
    """Who says so, with the tags of domain.md §16."""
    facts: tuple[str, ...]
    """Fact ids of domain.md, such as `F1.21`."""
    as_of: date
    """Date up to which a source was seen to say so; where only a month or year is known, its first day."""
    confidence: Confidence
    text: str
    """Key of the sentence that gives the reason."""
    when: tuple[Condition, ...] = ()
    """The rule is used when all hold."""
    applies: Applies | None = None
    opens: tuple[Channel, ...] = ()
    closes: tuple[Channel, ...] = ()
    steps: tuple[str, ...] = ()
    """Keys of what to do."""
    by: str | None = None
    """A name in `DEADLINES`: the day by which the steps are to be done."""

    def is_in_force(self, on: date) -> bool:
        """Tell whether the period covers a day."""
        return self.holds_from <= on and (self.holds_to is None or on <= self.holds_to)

    def is_stale(self, on: date) -> bool:
        """Tell whether the source is older than six months on a day, so that the rule must be marked (R25)."""
        return months_later(self.as_of, STALE_AFTER_MONTHS) < on


@dataclass(frozen=True, slots=True)
class RuleBook:
    """A whole table of rules, in the order in which they are told."""

    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        """Refuse rules that contradict each other.

        Raises:
            FactsMalformed: two periods of one rule overlap (`P1-R01.from`), or a step belongs to two rules
                (`P1-R01.steps`), so that it could not name its rule.
        """
        _refuse_overlaps(self.rules)
        _refuse_shared_steps(self.rules)

    @property
    def programmes(self) -> tuple[ProgrammeId, ...]:
        """The programmes that have rules, P1 first."""
        present = {rule.programme for rule in self.rules}
        return tuple(programme for programme in ProgrammeId if programme in present)

    def of(self, programme: ProgrammeId) -> tuple[Rule, ...]:
        """Return a programme's rules of all periods."""
        return tuple(rule for rule in self.rules if rule.programme is programme)


def parse_rules(text: str) -> RuleBook:
    """Return the rules in a TOML text of `[[rule]]` tables.

    Raises:
        FactsMalformed: not TOML (`rules`), or a wrong, missing or unknown key, named with its rule (`P1-R01.source`).
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise FactsMalformed("rules") from None
    rules = table.get("rule")
    if table.keys() != {"rule"} or not isinstance(rules, list):
        raise FactsMalformed("rules")
    return RuleBook(tuple(_parse_rule(rule) for rule in rules))


@cache
def shipped_rules() -> RuleBook:
    """Return the rules that come with this version of the program."""
    return parse_rules(files("appliance.domain.programmes").joinpath("rules.toml").read_text("utf-8"))


def newest_as_of(book: RuleBook | None = None) -> date:
    """Return the date of the newest source behind any rule (shipped rules by default)."""
    return max(rule.as_of for rule in (book or shipped_rules()).rules)


_RULE_ID: Final = re.compile(r"(P[0-9]{1,2})-R[0-9]{2}")
_FACT_ID: Final = re.compile(r"[FR][0-9]{1,2}(\.[0-9]{1,2})?|§[0-9.]+")
_WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,60}")
_NEEDED: Final = frozenset({"id", "from", "source", "facts", "as_of", "confidence", "text"})
_OPTIONAL: Final = frozenset({"to", "when", "applies", "opens", "closes", "steps", "by"})

Choice = TypeVar("Choice", bound=Enum)
Item = TypeVar("Item")


def _parse_rule(table: Mapping[str, object]) -> Rule:
    rule_id = table.get("id")
    name = _RULE_ID.fullmatch(rule_id) if isinstance(rule_id, str) else None
    if name is None:
        raise FactsMalformed("rules.id")
    rule_id = name.group()
    wrong = (table.keys() - _NEEDED - _OPTIONAL) | (_NEEDED - table.keys())
    if wrong:
        raise FactsMalformed(f"{rule_id}.{min(wrong)}")
    fields = _RuleTable(rule_id, table)
    holds_from, holds_to = fields.day("from"), fields.day("to") if "to" in table else None
    if holds_to is not None and holds_to < holds_from:
        raise FactsMalformed(f"{rule_id}.to")
    return Rule(
        id=rule_id,
        programme=fields.one("id", lambda _: ProgrammeId(name.group(1))),
        holds_from=holds_from,
        holds_to=holds_to,
        source=fields.one("source", _sentence),
        facts=fields.several("facts", _matching(_FACT_ID)),
        as_of=fields.day("as_of"),
        confidence=fields.one("confidence", Confidence),
        text=fields.one("text", _matching(_WORD)),
        when=fields.several("when", _condition),
        applies=fields.one("applies", Applies) if "applies" in table else None,
        opens=fields.several("opens", Channel),
        closes=fields.several("closes", Channel),
        steps=fields.several("steps", _matching(_WORD)),
        by=fields.one("by", _deadline) if "by" in table else None,
    )


@dataclass(frozen=True, slots=True)
class _RuleTable:
    """One rule's table, whose every wrong value is refused by the rule's id and the key."""

    rule_id: str
    table: Mapping[str, object]

    def one(self, key: str, read: Callable[[str], Item]) -> Item:
        return self._read(key, read, self.table[key])

    def several(self, key: str, read: Callable[[str], Item]) -> tuple[Item, ...]:
        values = self.table.get(key, [])
        if not isinstance(values, list):
            raise FactsMalformed(f"{self.rule_id}.{key}")
        items = tuple(self._read(key, read, value) for value in values)
        if len(set(items)) != len(items):
            raise FactsMalformed(f"{self.rule_id}.{key}")
        return items

    def day(self, key: str) -> date:
        value = self.table[key]
        # An instant is a date to Python, but not to the law.
        if type(value) is not date:
            raise FactsMalformed(f"{self.rule_id}.{key}")
        return value

    def _read(self, key: str, read: Callable[[str], Item], value: object) -> Item:
        try:
            if isinstance(value, str):
                return read(value)
        except ValueError:
            pass
        raise FactsMalformed(f"{self.rule_id}.{key}")


def _sentence(text: str) -> str:
    if not text.strip():
        raise ValueError("empty")
    return text


def _matching(shape: re.Pattern[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not shape.fullmatch(text):
            raise ValueError("shape")
        return text

    return read


def _condition(text: str) -> Condition:
    claim = text.removeprefix("not ")
    if claim not in CLAIMS:
        raise ValueError("claim")
    return Condition(claim, wanted=claim == text)


def _deadline(text: str) -> str:
    if text not in DEADLINES:
        raise ValueError("deadline")
    return text


def _refuse_overlaps(rules: Iterable[Rule]) -> None:
    ordered = sorted(rules, key=lambda rule: (rule.id, rule.holds_from))
    for earlier, later in pairwise(ordered):
        if earlier.id == later.id and earlier.is_in_force(later.holds_from):
            raise FactsMalformed(f"{later.id}.from")


def _refuse_shared_steps(rules: Iterable[Rule]) -> None:
    owners: dict[tuple[ProgrammeId, str], str] = {}
    for rule in rules:
        for step in rule.steps:
            if owners.setdefault((rule.programme, step), rule.id) != rule.id:
                raise FactsMalformed(f"{rule.id}.steps")
