"""P1, registration for insurance use: who can go where on which day, by domain.md §0, §1.1, §1.5, §2 and §4.4."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from appliance.domain.person_facts import parse_facts
from appliance.domain.programmes.engine import ProgrammeAdvice, advise
from appliance.domain.programmes.programme import Channel, ProgrammeId
from appliance.domain.programmes.rules import Applies

TODAY = date(2026, 11, 23)
ALL = (Channel.CLINIC_READER, Channel.MYNAPORTAL, Channel.SEVEN_BANK_ATM)
READER = (Channel.CLINIC_READER,)
Facts = Mapping[str, object]


def p1(facts: Facts, on: date = TODAY) -> ProgrammeAdvice:
    (advice,) = (each for each in advise(parse_facts(facts), on) if each.id is ProgrammeId.P1)
    return advice


def person(card: Facts | None = None, registered: str | None = "no", **others: object) -> Facts:
    """A person with a normal card in full term, PIN known and not registered, where nothing else is said."""
    in_term = {
        "kind": "normal",
        "expires_on": "2032-05-05",
        "auth_certificate_expires_on": "2028-05-05",
        "pin_known": True,
    }
    known = {key: value for key, value in (in_term | dict(card or {})).items() if value is not None}
    insurance = {} if registered is None else {"registered": registered}
    return {"card": known, "insurance": insurance} | others


def steps(advice: ProgrammeAdvice) -> set[str]:
    return {step.key for step in advice.steps}


FACE_ONLY = {"kind": "face_only", "pin_known": None}
NO_CARD = {"card": {"kind": "none"}, "insurance": {"registered": "no"}}


@pytest.mark.parametrize(
    ("facts", "applies", "channels", "step"),
    [
        (person(), Applies.YES, ALL, "choose_channel"),
        (person({"pin_known": False}), Applies.YES, READER, "use_face_or_reset_pin"),
        (person({"pin_known": None}), Applies.YES, ALL, "ask_whether_pin_is_known"),
        (person(FACE_ONLY), Applies.YES, READER, "use_clinic_reader_without_pin"),
        (person(FACE_ONLY | {"pin_known": False}), Applies.YES, READER, "use_clinic_reader_without_pin"),
        (person(registered=None), Applies.UNKNOWN, ALL, "ask_registration"),
        (person(registered="unknown"), Applies.UNKNOWN, ALL, "ask_registration"),
        (person(registered="yes"), Applies.NO, (), "follow_up"),
        (person(FACE_ONLY, registered="yes"), Applies.NO, (), "follow_up"),
        (person({"kind": None}), Applies.UNKNOWN, ALL, "ask_card"),
        (NO_CARD, Applies.NO, (), "card_first"),
        ({"card": {"kind": "none"}}, Applies.NO, (), "card_first"),
        ({"card": {"kind": "none"}, "insurance": {"registered": "yes"}}, Applies.NO, (), "card_first"),
        ({}, Applies.UNKNOWN, ALL, "ask_card"),
    ],
)
def test_who_can_go_where(facts: Facts, applies: Applies, channels: tuple[Channel, ...], step: str) -> None:
    advice = p1(facts)
    assert (advice.applies, advice.channels) == (applies, channels)
    assert step in steps(advice)


@pytest.mark.parametrize(
    ("facts", "absent"),
    [
        (
            person(),
            {
                "ask_whether_pin_is_known",
                "use_face_or_reset_pin",
                "ask_registration",
                "follow_up",
                "note_certificate_date",
            },
        ),
        (
            person(registered="yes"),
            {"choose_channel", "ask_whether_pin_is_known", "ask_municipality", "ask_registration"},
        ),
        (person(FACE_ONLY), {"ask_whether_pin_is_known", "use_face_or_reset_pin", "renew_by_agent_in_term"}),
        (
            NO_CARD,
            {"choose_channel", "ask_registration", "ask_municipality", "note_certificate_date", "ask_card"},
        ),
    ],
)
def test_nobody_is_asked_what_does_not_matter_to_them(facts: Facts, absent: set[str]) -> None:
    assert not steps(p1(facts)) & absent


@pytest.mark.parametrize(
    ("expires_on", "applies", "channels"),
    [("2026-11-22", Applies.NO, ()), ("2026-11-23", Applies.YES, ALL), ("2026-11-24", Applies.YES, ALL)],
)
def test_a_card_registers_up_to_its_last_day(
    expires_on: str, applies: Applies, channels: tuple[Channel, ...]
) -> None:
    advice = p1(person({"expires_on": expires_on, "auth_certificate_expires_on": None}))
    assert (advice.applies, advice.channels) == (applies, channels)
    assert ("renew_card_first" in steps(advice)) is (channels == ())


EXPIRY = {"auth_certificate_expires_on": "2025-11-10"}
RENEW_BY = date(2026, 2, 10)
LAST_DAY = date(2025, 11, 10)


@pytest.mark.parametrize(
    ("on", "step", "by"),
    [
        (date(2025, 8, 9), None, None),
        (date(2025, 8, 10), "renew_certificate", RENEW_BY),
        (date(2025, 8, 11), "renew_certificate", RENEW_BY),
        (date(2025, 11, 9), "renew_certificate", RENEW_BY),
        (date(2025, 11, 10), "renew_certificate", RENEW_BY),
        (date(2025, 11, 11), "renew_certificate_while_usable", RENEW_BY),
        (date(2026, 2, 9), "renew_certificate_while_usable", RENEW_BY),
        (date(2026, 2, 10), "renew_certificate_while_usable", RENEW_BY),
        (date(2026, 2, 11), "look_for_eligibility_certificate", None),
        (date(2026, 2, 28), "look_for_eligibility_certificate", None),
    ],
)
@pytest.mark.parametrize("registered", ["yes", "unknown"])
@pytest.mark.parametrize("kind", [{}, FACE_ONLY], ids=["normal", "face only"])
def test_the_three_month_rule_for_who_may_be_registered(
    kind: Facts, registered: str, on: date, step: str | None, by: date | None
) -> None:
    advice = p1(person(EXPIRY | dict(kind), registered), on)
    term_steps = {"renew_certificate", "renew_certificate_while_usable", "look_for_eligibility_certificate"}
    assert steps(advice) & term_steps == ({step} if step else set())
    assert advice.by == by


@pytest.mark.parametrize(
    ("on", "channels", "step", "by"),
    [
        (date(2025, 8, 9), ALL, "choose_channel", None),
        (date(2025, 8, 10), ALL, "register_or_renew_in_term", LAST_DAY),
        (date(2025, 11, 9), ALL, "register_or_renew_in_term", LAST_DAY),
        (date(2025, 11, 10), ALL, "register_or_renew_in_term", LAST_DAY),
        (date(2025, 11, 11), (), "renew_certificate_first", RENEW_BY),
        (date(2026, 2, 10), (), "renew_certificate_first", RENEW_BY),
        (date(2026, 2, 11), (), "renew_certificate_first", None),
    ],
)
def test_an_expired_certificate_is_renewed_before_registering(
    on: date, channels: tuple[Channel, ...], step: str, by: date | None
) -> None:
    advice = p1(person(EXPIRY), on)
    assert (advice.applies, advice.channels, advice.by) == (Applies.YES, channels, by)
    assert step in steps(advice)


@pytest.mark.parametrize(
    ("on", "step"),
    [
        (date(2026, 8, 22), None),
        (date(2026, 8, 23), "renew_by_agent_in_term"),
        (date(2026, 11, 23), "renew_by_agent_in_term"),
        (date(2026, 11, 24), "renew_by_agent_after_expiry"),
    ],
)
def test_an_agent_needs_two_visits_after_the_last_day(on: date, step: str | None) -> None:
    advice = p1(person({"auth_certificate_expires_on": "2026-11-23"}, "yes"), on)
    agent_steps = steps(advice) & {"renew_by_agent_in_term", "renew_by_agent_after_expiry"}
    assert agent_steps == ({step} if step else set())


@pytest.mark.parametrize(
    ("on", "applies", "channels"),
    [
        (date(2023, 12, 14), Applies.UNKNOWN, ()),
        (date(2023, 12, 15), Applies.YES, READER),
        (date(2023, 12, 16), Applies.YES, READER),
    ],
)
def test_the_face_only_card_starts(on: date, applies: Applies, channels: tuple[Channel, ...]) -> None:
    advice = p1(person(FACE_ONLY), on)
    assert (advice.applies, advice.channels) == (applies, channels)


@pytest.mark.parametrize(
    ("on", "step"),
    [
        (date(2024, 12, 1), "know_old_card_is_issued"),
        (date(2024, 12, 2), "know_old_card_to_its_date"),
        (date(2024, 12, 3), "know_old_card_to_its_date"),
        (date(2025, 11, 30), "know_old_card_to_its_date"),
        (date(2025, 12, 1), "know_old_card_to_its_date"),
        (date(2025, 12, 2), "know_grace_for_old_card"),
        (date(2026, 3, 30), "know_grace_for_old_card"),
        (date(2026, 3, 31), "know_grace_for_old_card"),
        (date(2026, 4, 1), "know_two_things_work"),
        (TODAY, "know_two_things_work"),
    ],
)
@pytest.mark.parametrize("facts", [{}, person(), NO_CARD, person(registered="yes")])
def test_what_a_clinic_takes_on_the_day_is_told_to_everybody(facts: Facts, on: date, step: str) -> None:
    assert [key for key in steps(p1(facts, on)) if key.startswith("know_")] == [step]


@pytest.mark.parametrize(
    ("on", "phone", "card", "registered", "told"),
    [
        (date(2025, 9, 18), "iphone", {}, "yes", False),
        (date(2025, 9, 19), "iphone", {}, "yes", True),
        (date(2025, 9, 20), "android", {}, "yes", True),
        (date(2025, 9, 20), "none", {}, "yes", False),
        (date(2025, 9, 20), "android", FACE_ONLY, "yes", False),
        (date(2025, 9, 20), "android", {}, "no", False),
    ],
)
def test_the_phone_at_the_clinic_starts(
    on: date, phone: str, card: Facts, registered: str, *, told: bool
) -> None:
    assert ("phone_with_card_at_hand" in steps(p1(person(card, registered, phone=phone), on))) is told


@pytest.mark.parametrize(
    ("others", "keeper", "certificate"),
    [
        ({}, False, False),
        ({"residence": "home"}, False, False),
        ({"residence": "facility"}, True, True),
        ({"residence": "home", "care_need_certified": True}, False, True),
        ({"residence": "home", "care_need_certified": False}, False, False),
    ],
)
@pytest.mark.parametrize("registered", ["yes", "no", "unknown"])
def test_a_home_agrees_on_a_keeper_and_knows_the_certificate(
    others: Facts, registered: str, *, keeper: bool, certificate: bool
) -> None:
    told = steps(p1(person(None, registered, **others)))
    assert ("agree_on_keeper" in told) is keeper
    assert ("consider_eligibility_certificate" in told) is certificate


@pytest.mark.parametrize(
    ("on", "told"), [(date(2024, 12, 1), False), (date(2024, 12, 2), True), (date(2024, 12, 3), True)]
)
def test_the_certificate_can_be_applied_for_since_old_cards_are_not_issued(on: date, *, told: bool) -> None:
    assert ("consider_eligibility_certificate" in steps(p1(person(residence="facility"), on))) is told


@pytest.mark.parametrize(
    ("card", "asked"),
    [
        ({}, False),
        ({"auth_certificate_expires_on": None}, True),
        (FACE_ONLY | {"auth_certificate_expires_on": None}, True),
    ],
)
def test_an_unknown_certificate_date_is_looked_for(card: Facts, *, asked: bool) -> None:
    assert ("note_certificate_date" in steps(p1(person(card)))) is asked


@pytest.mark.parametrize("on", [date(2021, 10, 19), date(1990, 1, 1)])
def test_before_the_first_day_of_the_table_nothing_is_claimed(on: date) -> None:
    advice = p1(person(), on)
    assert (advice.applies, advice.channels, advice.steps, advice.by, advice.rules) == (
        Applies.UNKNOWN,
        (),
        (),
        None,
        (),
    )
    assert p1(person(), date(2021, 10, 20)).channels == ALL


@pytest.mark.parametrize(
    ("on", "stale"), [(date(2024, 6, 1), False), (date(2024, 7, 1), False), (date(2024, 7, 2), True)]
)
def test_advice_is_stale_with_its_oldest_rule(on: date, *, stale: bool) -> None:
    advice = p1(person(), on)
    assert min(rule.as_of for rule in advice.rules) == date(2024, 1, 1)
    assert advice.is_stale(on) is stale
