"""What the people's table says of each card is what a reader finds on it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest

from appliance.assembly import training_issuers
from appliance.card.code_b import parse_code_b
from appliance.card.identification import read, sight
from appliance.card.tries import Confirmation
from appliance.errors import CardBlocked
from appliance.simulated.card.files import CardImage
from appliance.simulated.card.simulated_card import SimulatedCard
from appliance.simulated.handed_over import CardOrder, Kind
from appliance.simulated.people import (
    EXPECTED_ON,
    TrainingPerson,
    expected_of,
    training_people,
    training_person,
)
from appliance.simulated.personalisation import Personaliser
from appliance.simulated.reader import SimulatedReader
from tests.simulated.card_desk import counted_bytes


@pytest.mark.parametrize("person", training_people(), ids=lambda person: person.id)
def test_a_reader_finds_what_is_expected(
    image_of: Callable[[str], CardImage], person: TrainingPerson
) -> None:
    expected = expected_of(person)
    reader = SimulatedReader()
    reader.insert(SimulatedCard(image_of(person.id), counted_bytes))
    with closing(reader.connect()) as channel:
        sighting = sight(channel)
    assert sighting.kind is expected.kind
    assert sighting.tries_left == expected.tries_left
    with closing(reader.connect()) as channel, parse_code_b(person.code_b) as code_b:
        if not expected.is_readable:
            with pytest.raises(CardBlocked):
                read(
                    channel,
                    code_b,
                    Confirmation(),
                    issuers=training_issuers(),
                    challenge=bytes(32),
                    on=EXPECTED_ON,
                )
            return
        with read(
            channel, code_b, Confirmation(), issuers=training_issuers(), challenge=bytes(32), on=EXPECTED_ON
        ) as reading:
            answers = reading.answers
            assert (answers.genuine, answers.genuine_detail) == (expected.genuine, expected.failed_check)
            assert answers.in_term is expected.in_term


def test_a_card_with_long_lengths_is_read_as_well(personaliser: Personaliser) -> None:
    reader = SimulatedReader()
    reader.insert(CardOrder("p02", Kind.LONG_LENGTHS).card(personaliser))
    person = training_person("p02")
    with (
        closing(reader.connect()) as channel,
        parse_code_b(person.code_b) as code_b,
        read(
            channel, code_b, Confirmation(), issuers=training_issuers(), challenge=bytes(32), on=EXPECTED_ON
        ) as reading,
    ):
        assert reading.answers.genuine is expected_of(person).genuine
