"""The rule table: what its reader refuses, how periods and staleness count, and that the shipped table is sound."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

import pytest

from appliance.domain.programmes.programme import Channel, ProgrammeId
from appliance.domain.programmes.rules import (
    Applies,
    Confidence,
    RuleBook,
    newest_as_of,
    parse_rules,
    shipped_rules,
)
from appliance.errors import FactsMalformed

GOOD = {
    "id": '"P1-R01"',
    "from": "2024-12-02",
    "source": '"a ministry"',
    "facts": '["F1.1"]',
    "as_of": "2025-07-01",
    "confidence": '"A"',
    "text": '"some_reason"',
}


def table(**changes: str | None) -> str:
    fields = {key: value for key, value in (GOOD | changes).items() if value is not None}
    return "[[rule]]\n" + "\n".join(f"{key} = {value}" for key, value in fields.items()) + "\n"


def refused_key(text: str) -> str:
    with pytest.raises(FactsMalformed) as refused:
        parse_rules(text)
    return refused.value.key


def test_a_rule_is_read_whole() -> None:
    text = table(
        id='"P10-R07"',
        to="2025-12-01",
        when='["card_absent", "not pin_known"]',
        applies='"no"',
        opens='["clinic_reader"]',
        closes='["mynaportal", "seven_bank_atm"]',
        steps='["do_this"]',
        by='"certificate_last_day"',
    )
    (rule,) = parse_rules(text).rules
    assert (rule.id, rule.programme) == ("P10-R07", ProgrammeId.P10)
    assert (rule.holds_from, rule.holds_to, rule.as_of) == (
        date(2024, 12, 2),
        date(2025, 12, 1),
        date(2025, 7, 1),
    )
    assert (rule.source, rule.facts, rule.confidence) == ("a ministry", ("F1.1",), Confidence.A)
    assert [(condition.claim, condition.wanted) for condition in rule.when] == [
        ("card_absent", True),
        ("pin_known", False),
    ]
    assert (rule.applies, rule.text, rule.steps, rule.by) == (
        Applies.NO,
        "some_reason",
        ("do_this",),
        "certificate_last_day",
    )
    assert rule.opens == (Channel.CLINIC_READER,)
    assert rule.closes == (Channel.MYNAPORTAL, Channel.SEVEN_BANK_ATM)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("not toml [", "rules"),
        ("", "rules"),
        ("rule = 3", "rules"),
        (table() + "[other]\n", "rules"),
        (table(id=None), "rules.id"),
        (table(id="7"), "rules.id"),
        (table(id='"R01"'), "rules.id"),
        (table(id='"P13-R01"'), "P13-R01.id"),
        *((table(**{key: None}), f"P1-R01.{key}") for key in GOOD if key != "id"),
        (table(colour='"red"'), "P1-R01.colour"),
        (table(source='"  "'), "P1-R01.source"),
        (table(source="7"), "P1-R01.source"),
        (table(facts='"F1.1"'), "P1-R01.facts"),
        (table(facts='["somewhere"]'), "P1-R01.facts"),
        (table(facts='["F1.1", "F1.1"]'), "P1-R01.facts"),
        (table(**{"from": '"2024-12-02"'}), "P1-R01.from"),
        (table(**{"from": "2024-12-02T00:00:00"}), "P1-R01.from"),
        (table(as_of='"soon"'), "P1-R01.as_of"),
        (table(to="2024-12-01"), "P1-R01.to"),
        (table(confidence='"E"'), "P1-R01.confidence"),
        (table(text='"Some Reason"'), "P1-R01.text"),
        (table(when='["moon_full"]'), "P1-R01.when"),
        (table(when='["notcard_absent"]'), "P1-R01.when"),
        (table(applies='"maybe"'), "P1-R01.applies"),
        (table(opens='["post_office"]'), "P1-R01.opens"),
        (table(steps="[1]"), "P1-R01.steps"),
        (table(by='"tomorrow"'), "P1-R01.by"),
    ],
)
def test_a_faulty_table_is_refused_by_rule_and_key(text: str, key: str) -> None:
    assert refused_key(text) == key


@pytest.mark.parametrize(
    ("first_to", "second_from", "key"),
    [
        ("2025-12-01", "2025-12-02", None),
        ("2025-12-01", "2026-06-01", None),
        ("2025-12-01", "2025-12-01", "P1-R01.from"),
        ("2025-12-01", "2024-12-02", "P1-R01.from"),
        (None, "2030-01-01", "P1-R01.from"),
    ],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_periods_of_one_rule_never_overlap(
    first_to: str | None, second_from: str, key: str | None, *, swapped: bool
) -> None:
    tables = [table(to=first_to), table(**{"from": second_from})]
    text = "".join(reversed(tables) if swapped else tables)
    if key is None:
        assert len(parse_rules(text).rules) == 2
    else:
        assert refused_key(text) == key


def test_a_step_belongs_to_one_rule() -> None:
    one, other = table(steps='["do_this"]'), table(id='"P1-R02"', steps='["do_this"]')
    assert refused_key(one + other) == "P1-R02.steps"
    of_another_programme = table(id='"P2-R01"', steps='["do_this"]')
    assert parse_rules(one + of_another_programme).programmes == (ProgrammeId.P1, ProgrammeId.P2)


@pytest.mark.parametrize(
    ("on", "in_force"),
    [
        (date(2024, 12, 1), False),
        (date(2024, 12, 2), True),
        (date(2025, 12, 1), True),
        (date(2025, 12, 2), False),
    ],
)
def test_a_period_holds_from_its_first_to_its_last_day(on: date, *, in_force: bool) -> None:
    (rule,) = parse_rules(table(to="2025-12-01")).rules
    assert rule.is_in_force(on) is in_force


@pytest.mark.parametrize(
    ("as_of", "on", "stale"),
    [
        ("2025-07-01", date(2025, 12, 31), False),
        ("2025-07-01", date(2026, 1, 1), False),
        ("2025-07-01", date(2026, 1, 2), True),
        ("2025-08-31", date(2026, 2, 28), False),
        ("2025-08-31", date(2026, 3, 1), True),
        ("2025-07-01", date(2024, 1, 1), False),
    ],
)
def test_a_rule_is_stale_after_six_months(as_of: str, on: date, *, stale: bool) -> None:
    (rule,) = parse_rules(table(as_of=as_of)).rules
    assert rule.is_stale(on) is stale


def test_the_newest_source_of_a_table_is_told() -> None:
    book = parse_rules(table() + table(id='"P1-R02"', as_of="2026-02-01"))
    assert newest_as_of(book) == date(2026, 2, 1)
    assert newest_as_of() == max(rule.as_of for rule in shipped_rules().rules)


def test_the_shipped_rules_bear_sources_that_are_marked_in_the_fact_sheet() -> None:
    for rule in shipped_rules().rules:
        assert re.search(r"\(S[0-9]", rule.source), rule.id
        assert rule.facts, rule.id


def test_the_periods_of_a_shipped_rule_follow_without_a_gap() -> None:
    by_id = sorted(shipped_rules().rules, key=lambda rule: (rule.id, rule.holds_from))
    followers = [(earlier, later) for earlier, later in pairwise(by_id) if earlier.id == later.id]
    assert {"P1-R12", "P1-R27"} <= {later.id for _, later in followers}
    for earlier, later in followers:
        assert earlier.holds_to is not None
        assert (later.holds_from - earlier.holds_to).days == 1, later.id


def test_an_empty_table_advises_nothing() -> None:
    assert RuleBook(()).programmes == ()
