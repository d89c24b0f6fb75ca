"""The training people: invented, complete, and consistent with the rules for terms (card.md §9.2, §14)."""

from __future__ import annotations

from datetime import date

import pytest

from appliance.domain.card_answers import CardKind, Genuineness, InTerm
from appliance.simulated.people import (
    EXPECTED_ON,
    Expected,
    Sex,
    TrainingPerson,
    Trait,
    era_birth_digits,
    expected_of,
    training_people,
    training_person,
)

PEOPLE = training_people()
TODAY = EXPECTED_ON
YES, NO, UNKNOWN = Genuineness.YES, Genuineness.NO, Genuineness.UNKNOWN
HALF_WIDTH = {0xFF01 + offset: chr(0x21 + offset) for offset in range(94)}
CARD = CardKind.MY_NUMBER_CARD


def birthday_after(person: TrainingPerson, issued_on: date, count: int) -> date:
    first = person.birth_date.replace(year=issued_on.year)
    years = count if first <= issued_on else count - 1
    return person.birth_date.replace(year=issued_on.year + years)


def test_every_trait_is_shown_by_somebody() -> None:
    assert {trait for person in PEOPLE for trait in person.traits} == set(Trait)


def test_ids_are_in_order_and_unique() -> None:
    assert [person.id for person in PEOPLE] == [f"p{number:02d}" for number in range(1, len(PEOPLE) + 1)]


def test_the_first_five_are_adults_with_cards_in_term_for_years() -> None:
    for person in PEOPLE[:5]:
        assert person.card_expires_on > date(2034, 1, 1)
        assert person.certificate_expires_on > date(2029, 1, 1)
        assert not person.traits - {Trait.LATE_STAGE, Trait.RARE_CHARACTERS, Trait.LONG_ADDRESS}


def test_two_of_the_first_three_have_a_portrait() -> None:
    assert [person.portrait for person in PEOPLE[:3]] == ["astronaut", "hopper", None]
    assert all(person.portrait is None for person in PEOPLE[3:])


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.id)
def test_terms_follow_the_rules(person: TrainingPerson) -> None:
    if Trait.FOREIGN_SHORT_TERM in person.traits:
        assert person.card_expires_on < date(2028, 1, 1)
    else:
        is_minor = birthday_after(person, person.birth_date, 18) > person.issued_on
        assert person.card_expires_on == birthday_after(person, person.issued_on, 5 if is_minor else 10)
    assert person.certificate_expires_on <= person.card_expires_on
    assert person.certificate_expires_on <= birthday_after(person, person.issued_on, 10)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.id)
def test_traits_agree_with_the_dates(person: TrainingPerson) -> None:
    seventy_five = person.birth_date.replace(year=person.birth_date.year + 75)
    assert (Trait.LATE_STAGE in person.traits) is (seventy_five <= TODAY)
    assert (Trait.CARD_EXPIRED in person.traits) is (person.card_expires_on < TODAY)
    assert (Trait.CERTIFICATE_EXPIRED in person.traits) is (person.certificate_expires_on < TODAY)
    assert (Trait.UNDER_15 in person.traits) is (
        person.birth_date.replace(year=person.birth_date.year + 15) > TODAY
    )


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.id)
def test_everybody_is_complete_and_lives_nowhere(person: TrainingPerson) -> None:
    assert len(person.security_code) == 4
    assert person.security_code.isdecimal()
    assert "　" in person.name
    assert person.address.startswith(("架空県", "国外転出"))
    assert person.room
    assert (Trait.RARE_CHARACTERS in person.traits) is (person.name != person.name_on_face)


def test_code_b_has_the_era_date_the_expiry_year_and_the_security_code() -> None:
    assert training_person("p01").code_b == "18" + "0514" + "2035" + "4173"
    assert all(len(person.code_b) == 14 and person.code_b.isdecimal() for person in PEOPLE)


@pytest.mark.parametrize(
    ("born_on", "digits"),
    [
        (date(1980, 2, 17), "550217"),
        (date(1985, 4, 1), "600401"),
        (date(1868, 1, 25), "010125"),
        (date(1912, 7, 29), "450729"),
        (date(1912, 7, 30), "010730"),
        (date(1926, 12, 24), "151224"),
        (date(1926, 12, 25), "011225"),
        (date(1989, 1, 7), "640107"),
        (date(1989, 1, 8), "010108"),
        (date(2019, 4, 30), "310430"),
        (date(2019, 5, 1), "010501"),
    ],
)
def test_era_digits_at_the_borders(born_on: date, digits: str) -> None:
    assert era_birth_digits(born_on) == digits


def test_who_has_a_signing_certificate() -> None:
    without = {person.id for person in PEOPLE if not person.has_signing_certificate}
    assert without == {"p06", "p09"}


@pytest.mark.parametrize(("sex", "code"), [(Sex.MALE, "1"), (Sex.FEMALE, "2")])
def test_sex_as_a_digit(sex: Sex, code: str) -> None:
    assert sex.code == code


def test_an_unknown_id_is_an_error() -> None:
    with pytest.raises(KeyError):
        training_person("p99")


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (
            "p01 p02 p03 p04 p05 p08 p10 p11",
            Expected(CARD, YES, "", InTerm.YES, 10, has_signing_certificate=True),
        ),
        ("p06 p09", Expected(CARD, YES, "", InTerm.YES, 10, has_signing_certificate=False)),
        ("p07", Expected(CARD, YES, "", InTerm.NO, 10, has_signing_certificate=True)),
        ("p12", Expected(CARD, NO, "record_signature", InTerm.YES, 10, has_signing_certificate=True)),
        ("p13", Expected(CARD, NO, "challenge", InTerm.YES, 10, has_signing_certificate=True)),
        ("p14", Expected(CARD, UNKNOWN, "", InTerm.YES, 0, has_signing_certificate=True)),
    ],
)
def test_what_a_reader_must_answer(ids: str, expected: Expected) -> None:
    for person in ids.split():
        assert expected_of(training_person(person)) == expected
    assert expected.is_readable is (expected.tries_left > 0)


def test_a_term_ends_with_its_last_day() -> None:
    person = training_person("p10")
    assert expected_of(person, date(2027, 2, 28)).in_term is InTerm.YES
    assert expected_of(person, date(2027, 3, 1)).in_term is InTerm.NO


def test_a_foreign_resident_has_a_latin_name_and_lives_here() -> None:
    """Domain.md and card.md §14: the card ends with the permitted stay, before ten years; no moving abroad with it."""
    person = training_person("p10")
    assert all(part.isascii() for part in person.name.translate(HALF_WIDTH).split())
    assert person.address.startswith("架空県")
    assert person.card_expires_on.year - person.issued_on.year < 5


def test_who_moved_abroad_has_the_form_and_the_day_for_an_address() -> None:
    """Domain.md F6.2 and F6.3: the procedure comes at the latest on the day before, the certificate anew with it."""
    person = training_person("p11")
    assert person.address == "国外転出（令和８年１０月３１日）"
    assert person.issued_on < date(2026, 10, 31)
    assert person.has_signing_certificate
