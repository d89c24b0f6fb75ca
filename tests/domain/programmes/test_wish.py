"""A programme's answer: wish, way and outcome fit together, and survive the record."""

from __future__ import annotations

from itertools import product

import pytest
from pydantic import TypeAdapter, ValidationError

from appliance.domain.programmes.programme import Channel, ProgrammeId
from appliance.domain.programmes.wish import ProgrammeWish, Wish, WishOutcome, WishSource
from appliance.errors import FactsMalformed

ALLOWED = {
    (Wish.WANTS, WishOutcome.EXPLAINED),
    (Wish.WANTS, WishOutcome.PREPARED),
    (Wish.WANTS, WishOutcome.REPORTED_DONE),
    (Wish.WANTS, WishOutcome.COULD_NOT_PREPARE),
    (Wish.HAS_ALREADY, WishOutcome.EXPLAINED),
    (Wish.HAS_ALREADY, WishOutcome.REPORTED_DONE),
    (Wish.NOT_NOW, WishOutcome.EXPLAINED),
    (Wish.UNDECIDED, WishOutcome.EXPLAINED),
    (Wish.NEEDS_FAMILY, WishOutcome.EXPLAINED),
}


@pytest.mark.parametrize(("wish", "outcome"), list(product(Wish, WishOutcome)))
def test_an_outcome_fits_its_wish(wish: Wish, outcome: WishOutcome) -> None:
    if (wish, outcome) in ALLOWED:
        assert ProgrammeWish(ProgrammeId.P1, wish, outcome=outcome).outcome is outcome
        return
    with pytest.raises(FactsMalformed) as refused:
        ProgrammeWish(ProgrammeId.P1, wish, outcome=outcome)
    assert refused.value.key == "outcome"


@pytest.mark.parametrize("wish", [wish for wish in Wish if wish is not Wish.WANTS])
def test_only_who_wants_something_chooses_a_way(wish: Wish) -> None:
    assert ProgrammeWish(ProgrammeId.P1, Wish.WANTS, Channel.CLINIC_READER).channel is Channel.CLINIC_READER
    with pytest.raises(FactsMalformed) as refused:
        ProgrammeWish(ProgrammeId.P1, wish, Channel.CLINIC_READER)
    assert refused.value.key == "channel"


@pytest.mark.parametrize(
    ("wish", "outcome", "follow_up"),
    [
        (Wish.WANTS, None, True),
        (Wish.WANTS, WishOutcome.PREPARED, True),
        (Wish.WANTS, WishOutcome.COULD_NOT_PREPARE, True),
        (Wish.WANTS, WishOutcome.REPORTED_DONE, False),
        (Wish.UNDECIDED, WishOutcome.EXPLAINED, True),
        (Wish.NEEDS_FAMILY, None, True),
        (Wish.NOT_NOW, WishOutcome.EXPLAINED, False),
        (Wish.HAS_ALREADY, None, False),
    ],
)
def test_open_wishes_are_taken_up_again(wish: Wish, outcome: WishOutcome | None, *, follow_up: bool) -> None:
    assert ProgrammeWish(ProgrammeId.P1, wish, outcome=outcome).needs_follow_up is follow_up


def test_without_another_name_the_person_said_so() -> None:
    assert ProgrammeWish(ProgrammeId.P1, Wish.NOT_NOW).said_by is WishSource.PERSON


@pytest.mark.parametrize(
    "wish",
    [
        ProgrammeWish(ProgrammeId.P1, Wish.NOT_NOW),
        ProgrammeWish(
            ProgrammeId.P1, Wish.WANTS, Channel.MYNAPORTAL, WishOutcome.PREPARED, WishSource.GUARDIAN
        ),
        ProgrammeWish(ProgrammeId.P12, Wish.HAS_ALREADY, None, WishOutcome.REPORTED_DONE, WishSource.PAPER),
    ],
)
def test_a_wish_survives_the_sealed_record(wish: ProgrammeWish) -> None:
    shape = TypeAdapter(ProgrammeWish)
    assert shape.validate_json(shape.dump_json(wish)) == wish


def test_a_record_cannot_hold_what_the_screen_could_not_say() -> None:
    forged = b'{"programme":"P1","wish":"not_now","channel":"mynaportal","outcome":null,"said_by":"person"}'
    with pytest.raises(ValidationError):
        TypeAdapter(ProgrammeWish).validate_json(forged)
