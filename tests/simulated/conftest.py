"""A training person's chip, made once, and fresh cards of it for each test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from appliance.simulated.card.files import CardImage
from appliance.simulated.card.simulated_card import CardHabits, SimulatedCard
from appliance.simulated.people import TrainingPerson, training_person
from appliance.simulated.personalisation import Personaliser
from tests.simulated.card_desk import Desk, counted_bytes


@pytest.fixture(scope="session")
def personaliser() -> Personaliser:
    return Personaliser()


@pytest.fixture(scope="session")
def image_of(personaliser: Personaliser) -> Callable[[str], CardImage]:
    made: dict[str, CardImage] = {}

    def image(person: str) -> CardImage:
        if person not in made:
            made[person] = personaliser.image(training_person(person))
        return made[person]

    return image


@pytest.fixture
def person() -> TrainingPerson:
    return training_person("p01")


@pytest.fixture
def image(image_of: Callable[[str], CardImage]) -> CardImage:
    return image_of("p01")


@pytest.fixture
def desk(image: CardImage) -> Desk:
    return Desk(SimulatedCard(image, counted_bytes))


@pytest.fixture
def desk_of(image_of: Callable[[str], CardImage]) -> Callable[[str], Desk]:
    return lambda person: Desk(SimulatedCard(image_of(person), counted_bytes))


@pytest.fixture
def desk_with(image: CardImage) -> Callable[[CardHabits], Desk]:
    return lambda habits: Desk(SimulatedCard(replace(image), counted_bytes, habits=habits))
