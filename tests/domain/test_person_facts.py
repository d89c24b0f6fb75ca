"""Facts about a person: read strictly, refused by the name of the key, never shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.person_facts import (
    CardFacts,
    HeldCard,
    HeldPaper,
    InsuranceFacts,
    InsuranceKind,
    Nationality,
    PersonFacts,
    Phone,
    Reported,
    Residence,
    parse_facts,
    require_possible_on,
)
from appliance.errors import FactsMalformed

EVERY_FACT: Mapping[str, object] = {
    "birth_date": "1940-02-29",
    "nationality": "jp",
    "residence": "facility",
    "care_need_certified": True,
    "card": {
        "kind": "normal",
        "expires_on": "2030-04-01",
        "auth_certificate_expires_on": "2027-04-01",
        "pin_known": False,
    },
    "insurance": {
        "kind": "late_stage",
        "registered": "no",
        "holds": ["old_card", "eligibility_certificate"],
        "old_card_expires_on": "2025-07-31",
    },
    "phone": "none",
    "moving_abroad_on": "2027-01-15",
    "receives_pension": True,
    "public_benefit_account": "yes",
}


def refused_key(facts: object) -> str:
    with pytest.raises(FactsMalformed) as refused:
        parse_facts(facts)  # type: ignore[arg-type]
    return refused.value.key


def test_every_fact_of_the_contract_is_read() -> None:
    assert parse_facts(EVERY_FACT) == PersonFacts(
        birth_date=date(1940, 2, 29),
        nationality=Nationality.JP,
        residence=Residence.FACILITY,
        care_need_certified=True,
        card=CardFacts(HeldCard.NORMAL, date(2030, 4, 1), date(2027, 4, 1), pin_known=False),
        insurance=InsuranceFacts(
            InsuranceKind.LATE_STAGE,
            Reported.NO,
            frozenset({HeldPaper.OLD_CARD, HeldPaper.ELIGIBILITY_CERTIFICATE}),
            date(2025, 7, 31),
        ),
        phone=Phone.NONE,
        moving_abroad_on=date(2027, 1, 15),
        receives_pension=True,
        public_benefit_account=Reported.YES,
    )


@pytest.mark.parametrize(
    "facts", [{}, {"card": {}}, {"insurance": {}}, {"insurance": {"registered": "unknown"}}]
)
def test_what_is_missing_is_unknown(facts: Mapping[str, object]) -> None:
    assert parse_facts(facts) == PersonFacts()


@given(st.sets(st.sampled_from(sorted(EVERY_FACT))))
def test_any_fact_may_be_left_out(left_out: set[str]) -> None:
    facts = parse_facts({key: value for key, value in EVERY_FACT.items() if key not in left_out})
    unknown = PersonFacts()
    assert all(getattr(facts, key) == getattr(unknown, key) for key in left_out)


@pytest.mark.parametrize(
    ("facts", "key"),
    [
        ({"birthdate": "1940-02-29"}, "birthdate"),
        ({"card": {"color": "blue"}}, "card.color"),
        ({"insurance": {"number": 1}}, "insurance.number"),
        ({"zeta": 1, "alpha": 2}, "alpha"),
        ({"山田": 1}, "?"),
        ({"123456789018": 1}, "?"),
        ({"card": {7: 1}}, "card.?"),
    ],
)
def test_an_unknown_key_is_refused_and_shown_only_when_it_is_a_misspelling(facts: object, key: str) -> None:
    assert refused_key(facts) == key


@pytest.mark.parametrize("facts", [None, [], "{}", 3])
def test_facts_are_one_object(facts: object) -> None:
    assert refused_key(facts) == "facts"


@pytest.mark.parametrize(
    "value",
    [
        None,
        19400229,
        "",
        "1940-2-29",
        "19400229",
        "1940-W09-4",
        "1941-02-29",
        "昭和15年2月29日",
        "１９４０-02-29",
        "1867-12-31",
        "2200-01-01",
        "1940-02-29T00:00",
        ["1940-02-29"],
    ],
)
@pytest.mark.parametrize("key", ["birth_date", "moving_abroad_on"])
def test_a_day_is_written_in_iso_8601_and_lies_in_a_lifetime(key: str, value: object) -> None:
    assert refused_key({key: value}) == key


@pytest.mark.parametrize("value", [None, 0, 1, "yes", "true", []])
@pytest.mark.parametrize("key", ["care_need_certified", "receives_pension"])
def test_yes_and_no_are_json_booleans(key: str, value: object) -> None:
    assert refused_key({key: value}) == key


@pytest.mark.parametrize("value", [None, "", "JP", "other", True, [], {}])
@pytest.mark.parametrize("key", ["nationality", "residence", "phone", "public_benefit_account"])
def test_a_choice_is_one_of_its_words(key: str, value: object) -> None:
    assert refused_key({key: value}) == key


@pytest.mark.parametrize(
    ("insurance", "key"),
    [
        (None, "insurance"),
        ([], "insurance"),
        ({"kind": "private"}, "insurance.kind"),
        ({"registered": True}, "insurance.registered"),
        ({"holds": "old_card"}, "insurance.holds"),
        ({"holds": ["old_card", "old_card"]}, "insurance.holds"),
        ({"holds": ["passport"]}, "insurance.holds"),
        ({"holds": [["old_card"]]}, "insurance.holds"),
        ({"holds": None}, "insurance.holds"),
        ({"old_card_expires_on": "soon"}, "insurance.old_card_expires_on"),
        ({"holds": [], "old_card_expires_on": "2025-07-31"}, "insurance.old_card_expires_on"),
        (
            {"holds": ["eligibility_notice"], "old_card_expires_on": "2025-07-31"},
            "insurance.old_card_expires_on",
        ),
    ],
)
def test_wrong_or_contradictory_insurance_facts_are_refused(insurance: object, key: str) -> None:
    assert refused_key({"insurance": insurance}) == key


@pytest.mark.parametrize(
    ("card", "key"),
    [
        ("normal", "card"),
        ({"kind": "gold"}, "card.kind"),
        ({"pin_known": "1234"}, "card.pin_known"),
        ({"kind": "none", "expires_on": "2030-04-01"}, "card.expires_on"),
        ({"kind": "none", "auth_certificate_expires_on": "2027-04-01"}, "card.auth_certificate_expires_on"),
        ({"kind": "none", "pin_known": True}, "card.pin_known"),
        ({"kind": "face_only", "pin_known": True}, "card.pin_known"),
        (
            {"expires_on": "2027-04-01", "auth_certificate_expires_on": "2027-04-02"},
            "card.auth_certificate_expires_on",
        ),
    ],
)
def test_wrong_or_contradictory_card_facts_are_refused(card: object, key: str) -> None:
    assert refused_key({"card": card}) == key


@pytest.mark.parametrize(
    "facts",
    [
        {"card": {"kind": "none", "pin_known": False}},
        {"card": {"kind": "face_only", "pin_known": False}},
        {"card": {"expires_on": "2027-04-01", "auth_certificate_expires_on": "2027-04-01"}},
        {"card": {"kind": "none"}, "insurance": {"registered": "yes"}},
        {"insurance": {"old_card_expires_on": "2025-07-31"}},
    ],
    ids=[
        "no card, no PIN",
        "face only, no PIN",
        "both end together",
        "card lost after registration",
        "papers not looked at",
    ],
)
def test_unusual_facts_that_can_be_true_are_taken(facts: Mapping[str, object]) -> None:
    assert parse_facts(facts) != PersonFacts()


def test_contradictory_facts_cannot_be_built_by_hand_either() -> None:
    with pytest.raises(FactsMalformed):
        CardFacts(HeldCard.NONE, expires_on=date(2030, 4, 1))
    with pytest.raises(FactsMalformed):
        InsuranceFacts(holds=frozenset(), old_card_expires_on=date(2025, 7, 31))


@pytest.mark.parametrize(
    ("facts", "on", "key"),
    [
        ({"birth_date": "2026-11-24"}, date(2026, 11, 23), "birth_date"),
        ({"birth_date": "2026-11-23"}, date(2026, 11, 23), None),
        (
            {"birth_date": "1962-01-01", "insurance": {"kind": "late_stage"}},
            date(2026, 11, 23),
            "insurance.kind",
        ),
        ({"birth_date": "1961-12-31", "insurance": {"kind": "late_stage"}}, date(2026, 11, 23), None),
        ({"birth_date": "1962-01-01", "insurance": {"kind": "national"}}, date(2026, 11, 23), None),
        ({"insurance": {"kind": "late_stage"}}, date(2026, 11, 23), None),
    ],
)
def test_facts_must_be_possible_on_the_day_they_are_asked_about(
    facts: Mapping[str, object], on: date, key: str | None
) -> None:
    parsed = parse_facts(facts)
    if key is None:
        require_possible_on(parsed, on)
        assert parsed == parse_facts(facts)
        return
    with pytest.raises(FactsMalformed) as refused:
        require_possible_on(parsed, on)
    assert refused.value.key == key


def test_neither_facts_nor_their_refusal_show_the_person() -> None:
    assert "1940" not in repr(parse_facts(EVERY_FACT))
    with pytest.raises(FactsMalformed) as refused:
        parse_facts({"birth_date": "MARKER-5521"})
    assert "MARKER" not in str(refused.value)
    assert refused.value.__cause__ is None
