"""Drawn cards: the same from the same seed, of invented people, with the placeholder for a number."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

import cv2
import numpy as np
import pytest

from appliance.simulated.card_faces import (
    CARD_SIZE_PX,
    PIXELS_PER_MM,
    Pixels,
    Press,
    Printed,
    draw_back,
    draw_front,
    print_of,
)
from appliance.simulated.card_views import FRAME_SIZE_PX, Level, view_card, view_nothing
from appliance.simulated.chip_pictures import find_japanese_font
from appliance.simulated.contents.workshop import NUMBER_PLACEHOLDER
from appliance.simulated.measure_card_front import ON, Tally, invent, row
from appliance.simulated.people import TrainingPerson, training_people, training_person

PERSON = training_person("p01")


def press(seed: int = 0, slack_mm: float = 0.6) -> Press:
    return Press(find_japanese_font(), seed, slack_mm)


@pytest.mark.parametrize("person", training_people(), ids=lambda person: str(person.id))
def test_every_training_person_has_a_card_that_holds_the_digits_of_the_code(person: TrainingPerson) -> None:
    printed = print_of(person)
    assert printed.digits == person.code_b
    for draw in (draw_front, draw_back):
        assert draw(printed, press()).shape == (CARD_SIZE_PX[1], CARD_SIZE_PX[0], 3)


@pytest.mark.parametrize("draw", [draw_front, draw_back])
def test_the_same_seed_draws_the_same_card_and_another_a_different_one(
    draw: Callable[[Printed, Press], Pixels],
) -> None:
    printed = print_of(PERSON)
    assert np.array_equal(draw(printed, press(4)), draw(printed, press(4)))
    assert not np.array_equal(draw(printed, press(4)), draw(printed, press(5)))


def test_a_face_only_card_bears_the_mark_in_the_annotation_field() -> None:
    plain = print_of(PERSON)
    marked = Printed(
        plain.name,
        plain.address,
        plain.birth_date,
        plain.sex,
        plain.expires_on,
        plain.certificate_expires_on,
        plain.security_code,
        is_face_only=True,
    )
    differs = np.any(draw_front(plain, press()) != draw_front(marked, press()), axis=2)
    rows = np.flatnonzero(differs.any(axis=1)) / PIXELS_PER_MM
    assert rows.size
    assert rows.min() > 32.0


def test_the_code_on_a_back_is_the_placeholder_and_nobody_s_number() -> None:
    back = draw_back(print_of(PERSON), press(0, 0.0))
    content, _, _ = cv2.QRCodeDetector().detectAndDecode(back)
    assert content == NUMBER_PLACEHOLDER


def test_what_is_printed_shows_in_no_text() -> None:
    assert PERSON.security_code not in repr(print_of(PERSON))


@pytest.mark.parametrize("level", list(Level))
def test_a_view_is_a_frame_of_the_camera_and_the_same_from_the_same_seed(level: Level) -> None:
    card = draw_front(print_of(PERSON), press())
    one, same, other = (view_card(card, level, seed) for seed in (3, 3, 4))
    assert (one.width, one.height) == FRAME_SIZE_PX
    assert one.rgb == same.rgb
    assert one.rgb != other.rgb


def test_a_view_upside_down_is_another_view() -> None:
    card = draw_front(print_of(PERSON), press())
    assert view_card(card, Level.GOOD, 3).rgb != view_card(card, Level.GOOD, 3, upside_down=True).rgb


def test_a_table_without_a_card_comes_from_a_seed_too() -> None:
    assert view_nothing(3).rgb == view_nothing(3).rgb
    assert view_nothing(3).rgb != view_nothing(4).rgb


@pytest.mark.parametrize("seed", range(200))
def test_invented_people_have_cards_that_keep_the_rules(seed: int) -> None:
    printed = invent(random.Random(seed))
    assert (printed.birth_date.month, printed.birth_date.day) == (
        printed.expires_on.month,
        printed.expires_on.day,
    )
    assert date(ON.year, 1, 1) < printed.expires_on <= ON.replace(year=ON.year + 10)
    assert printed.expires_on.year - printed.birth_date.year >= 28
    assert len(printed.digits) == 14


def test_a_row_of_the_table_counts_what_was_tallied() -> None:
    tally = Tally(cards=4, right=3, right_and_sure=2, silent=0, wrong_digits=1, wrong_digits_flagged=1)
    tally.looks_s = [0.4, 0.5, 0.6]
    assert row(Level.USUAL, tally).startswith("| usual | 4 | 3 | 2 | 0 | 1 (1) |")
    assert row(Level.USUAL, tally).endswith("| 0.50 s |")
