"""Rules and advice as the JSON of `mynavisit programmes` (design §4: the keys are a contract)."""

from __future__ import annotations

from datetime import date
from typing import Any

from appliance.domain.programmes.engine import ProgrammeAdvice
from appliance.domain.programmes.programme import Channel, ProgrammeId
from appliance.domain.programmes.rules import Applies, Rule, RuleBook, shipped_rules


def advice_as_json(advice: ProgrammeAdvice) -> dict[str, Any]:
    """Return one programme's advice; each of its rules names the steps that it asks for."""
    return {
        "id": advice.id.value,
        "applies": advice.applies.value,
        "channels": [channel.value for channel in advice.channels],
        "steps": [step.key for step in advice.steps],
        "by": _day(advice.by),
        "rules": [_rule_as_json(rule) for rule in advice.rules],
    }


def rules_as_json(book: RuleBook | None = None) -> list[dict[str, Any]]:
    """Return all rules of all periods by programme, the shipped ones unless `book` is given.

    The keys are those of an advice. Asked about nobody, a programme applies to `unknown` and by no day; its channels and
    steps are all that any rule knows.
    """
    book = book or shipped_rules()
    return [_programme_as_json(programme, book.of(programme)) for programme in book.programmes]


def _programme_as_json(programme: ProgrammeId, rules: tuple[Rule, ...]) -> dict[str, Any]:
    opened = {channel for rule in rules for channel in rule.opens}
    return {
        "id": programme.value,
        "applies": Applies.UNKNOWN.value,
        "channels": [channel.value for channel in Channel if channel in opened],
        "steps": list(dict.fromkeys(step for rule in rules for step in rule.steps)),
        "by": None,
        "rules": [_rule_as_json(rule) for rule in rules],
    }


def _rule_as_json(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "source": rule.source,
        "as_of": _day(rule.as_of),
        "from": _day(rule.holds_from),
        "to": _day(rule.holds_to),
        "confidence": rule.confidence.value,
        "facts": list(rule.facts),
        "steps": list(rule.steps),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
