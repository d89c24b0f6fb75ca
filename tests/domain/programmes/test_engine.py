"""The engine: what always holds of advice, for any person, any day and any table of rules."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.person_facts import PersonFacts, parse_facts
from appliance.domain.programmes.engine import ProgrammeAdvice, advise
from appliance.domain.programmes.programme import Channel, ProgrammeId
from appliance.domain.programmes.reporting import advice_as_json, rules_as_json
from appliance.domain.programmes.rules import Applies, parse_rules, shipped_rules

P1_CHANNELS = {Channel.CLINIC_READER, Channel.MYNAPORTAL, Channel.SEVEN_BANK_ATM}
REPORTS = st.sampled_from(["yes", "no", "unknown"])

days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
day_texts = days.map(date.isoformat)
cards = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["normal", "face_only", "none"]),
        "expires_on": day_texts,
        "auth_certificate_expires_on": day_texts,
        "pin_known": st.booleans(),
    },
)
insurances = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["late_stage", "national", "employee"]),
        "registered": REPORTS,
        "holds": st.lists(
            st.sampled_from(["old_card", "eligibility_certificate", "eligibility_notice"]),
            unique=True,
            max_size=3,
        ),
        "old_card_expires_on": day_texts,
    },
)
Fields = dict[str, Any]


def made_possible(fields: Fields) -> Fields:
    """Leave out what the other facts rule out."""
    card, insurance = dict(fields["card"]), dict(fields["insurance"])
    if card.get("kind") == "none":
        card = {"kind": "none"}
    if card.get("kind") == "face_only":
        card.pop("pin_known", None)
    if card.get("auth_certificate_expires_on", "") > card.get("expires_on", "9"):
        del card["expires_on"]
    if "old_card" not in insurance.get("holds", ["old_card"]):
        insurance.pop("old_card_expires_on", None)
    return fields | {"card": card, "insurance": insurance}


people = st.fixed_dictionaries(
    {"card": cards, "insurance": insurances},
    optional={
        "birth_date": day_texts,
        "nationality": st.sampled_from(["jp", "foreign"]),
        "residence": st.sampled_from(["facility", "home"]),
        "care_need_certified": st.booleans(),
        "phone": st.sampled_from(["android", "iphone", "none"]),
        "moving_abroad_on": day_texts,
        "receives_pension": st.booleans(),
        "public_benefit_account": REPORTS,
    },
).map(made_possible)


def p1(facts: PersonFacts, on: date) -> ProgrammeAdvice:
    return next(advice for advice in advise(facts, on) if advice.id is ProgrammeId.P1)


@given(people, days)
def test_any_person_gets_an_answer_for_every_programme_on_any_day(fields: Fields, on: date) -> None:
    answers = advise(parse_facts(fields), on)
    assert tuple(advice.id for advice in answers) == shipped_rules().programmes
    for advice in answers:
        used = {rule.id: rule for rule in advice.rules}
        assert len(used) == len(advice.rules)
        assert all(rule.is_in_force(on) for rule in advice.rules)
        assert all(step.key in used[step.rule].steps for step in advice.steps)
        assert all(step.by is None or step.by >= on for step in advice.steps)
        assert advice.by == min((step.by for step in advice.steps if step.by), default=None)


@given(people, days)
def test_p1_opens_only_its_own_ways_and_none_to_who_need_not_go(fields: Fields, on: date) -> None:
    advice = p1(parse_facts(fields), on)
    assert set(advice.channels) <= P1_CHANNELS
    assert list(advice.channels) == [channel for channel in Channel if channel in advice.channels]
    if advice.applies is Applies.NO:
        assert advice.channels == ()


@given(people, days)
def test_the_same_question_gets_the_same_answer(fields: Fields, on: date) -> None:
    facts = parse_facts(fields)
    assert advise(facts, on) == advise(parse_facts(json.loads(json.dumps(fields))), on)
    reordered = dict(reversed(fields.items()))
    assert advise(parse_facts(reordered), on) == advise(facts, on)


@given(people, days)
def test_what_becomes_known_may_close_a_way_and_never_opens_one(fields: Fields, on: date) -> None:
    knowing_all = p1(parse_facts(fields), on)
    for part in ("card", "insurance"):
        for forgotten in fields[part]:
            fewer = {key: value for key, value in fields[part].items() if key != forgotten}
            knowing_less = p1(parse_facts(fields | {part: fewer}), on)
            assert set(knowing_all.channels) <= set(knowing_less.channels)


def rule(rule_id: str, body: str, first_day: str = "2024-01-01") -> str:
    return (
        f'[[rule]]\nid = "{rule_id}"\nfrom = {first_day}\nsource = "s"\nfacts = ["F1.1"]\n'
        f'as_of = 2024-01-01\nconfidence = "A"\ntext = "reason"\n{body}\n'
    )


@pytest.mark.parametrize(
    ("said", "applies"),
    [
        ([], Applies.UNKNOWN),
        (["yes"], Applies.YES),
        (["yes", "unknown"], Applies.UNKNOWN),
        (["yes", "unknown", "no"], Applies.NO),
        (["no", "yes"], Applies.NO),
    ],
)
def test_no_outweighs_unknown_and_unknown_outweighs_yes(said: list[str], applies: Applies) -> None:
    voices = (rule(f"P2-R{place:02}", f'applies = "{voice}"') for place, voice in enumerate(said))
    silent = rule("P2-R90", 'opens = ["phone_app", "clinic_reader"]')
    (advice,) = advise(PersonFacts(), date(2025, 1, 1), parse_rules("".join(voices) + silent))
    assert advice.applies is applies
    assert advice.channels == (Channel.CLINIC_READER, Channel.PHONE_APP)


def test_one_closing_rule_is_enough() -> None:
    opening = rule("P5-R01", 'opens = ["bank_counter", "pension_form"]')
    closing = rule("P5-R02", 'closes = ["bank_counter"]')
    for text in (opening + closing, closing + opening):
        (advice,) = advise(PersonFacts(), date(2025, 1, 1), parse_rules(text))
        assert advice.channels == (Channel.PENSION_FORM,)


def test_a_table_with_more_programmes_is_answered_in_their_order() -> None:
    text = rule("P10-R01", "") + rule("P2-R01", "") + rule("P4-R01", "", "2030-01-01")
    answers = advise(PersonFacts(), date(2025, 1, 1), parse_rules(text))
    assert [(advice.id, len(advice.rules)) for advice in answers] == [
        (ProgrammeId.P2, 1),
        (ProgrammeId.P4, 0),
        (ProgrammeId.P10, 1),
    ]


def test_advice_has_the_keys_of_the_contract() -> None:
    fields = {
        "card": {"kind": "normal", "auth_certificate_expires_on": "2025-11-10"},
        "insurance": {"registered": "yes"},
    }
    advice = p1(parse_facts(fields), date(2025, 12, 15))
    told = advice_as_json(advice)
    assert json.loads(json.dumps(told)) == told
    assert (told["id"], told["applies"], told["channels"], told["by"]) == ("P1", "no", [], "2026-02-10")
    assert told["steps"] == [
        "follow_up",
        "renew_certificate_while_usable",
        "renew_by_agent_after_expiry",
        "know_grace_for_old_card",
    ]
    grace = told["rules"][-1]
    assert (
        grace.items()
        >= {"id": "P1-R27", "as_of": "2026-02-01", "from": "2025-12-02", "to": "2026-03-31"}.items()
    )
    assert "S12" in grace["source"]
    assert [step for each in told["rules"] for step in each["steps"]] == told["steps"]


def test_the_list_holds_every_rule_under_the_same_keys() -> None:
    told = rules_as_json()[0]
    assert told.keys() == {"id", "applies", "channels", "steps", "by", "rules"}
    assert (told["id"], told["applies"], told["by"]) == ("P1", "unknown", None)
    assert told["channels"] == ["clinic_reader", "mynaportal", "seven_bank_atm"]
    assert [each["id"] for each in told["rules"]] == [each.id for each in shipped_rules().of(ProgrammeId.P1)]
    assert len(told["steps"]) == len(set(told["steps"]))
    assert told["rules"][-1]["to"] is None
