"""Making cards: answers to reset, earlier lives, and cards that people hand over by mistake."""

from __future__ import annotations

from functools import reduce
from operator import xor

import pytest

from appliance.simulated.card.simulated_card import CardHabits
from appliance.simulated.people import training_person
from appliance.simulated.personalisation import ATRS, Personaliser
from tests.simulated.card_desk import SELECT, Desk


@pytest.mark.parametrize("atr", ATRS.values(), ids=list(ATRS))
def test_every_answer_to_reset_has_a_right_check_byte(atr: bytes) -> None:
    assert atr[0] == 0x3B
    assert reduce(xor, atr[1:]) == 0


@pytest.mark.parametrize(
    ("name", "of_contacts"),
    [*((name, name) for name in ATRS if name != "contactless"), ("contactless", "contact_plain")],
)
def test_every_card_tells_the_answer_to_reset_of_its_contacts(
    personaliser: Personaliser, name: str, of_contacts: str
) -> None:
    """Card.md §1.1: without the leading 3B, the check byte last, also when it is read without contacts."""
    desk = Desk(personaliser.card(training_person("p02"), atr=ATRS[name]))
    assert desk.ask("00CA5F5100") == ATRS[of_contacts][1:] + b"\x90\x00"


def test_a_card_goes_on_where_an_earlier_life_of_it_ended(personaliser: Personaliser) -> None:
    person = training_person("p02")
    first = Desk(personaliser.card(person))
    first.select("surface")
    first.verify(0x12, bytes(14))
    second = Desk(personaliser.card(person, state_json=first.card.state.to_json()))
    second.select("surface")
    assert second.status("00200092") == "63C9"


def test_what_is_no_state_is_refused(personaliser: Personaliser) -> None:
    with pytest.raises(ValueError, match="card state"):
        personaliser.card(training_person("p02"), state_json="{}")


def test_answer_to_reset_and_habits_can_be_chosen(personaliser: Personaliser) -> None:
    habits = CardHabits(first_command_fails=True)
    card = personaliser.card(training_person("p02"), atr=ATRS["contactless"], habits=habits)
    assert card.power_on() == ATRS["contactless"]
    assert card.process(SELECT["surface"]) == b"\x6f\x00"


def test_two_cards_never_share_a_key(personaliser: Personaliser) -> None:
    first, second = (Desk(personaliser.card(training_person(person))) for person in ("p01", "p02"))
    for desk in (first, second):
        desk.select("surface")
    challenge = bytes(range(32))
    assert first.ask("802A029A", challenge, "00") != second.ask("802A029A", challenge, "00")


def test_a_card_of_one_person_is_the_same_on_every_machine(personaliser: Personaliser) -> None:
    person = training_person("p03")
    assert Personaliser().image(person) == personaliser.image(person)
