"""Digits that cannot stand on one card become doubtful (card.md §14)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card_front.card_rules import BIRTH, BIRTH_YEAR, EXPIRY_YEAR, doubtful_places
from appliance.domain.era import Era, to_era

TODAY = date(2026, 11, 23)
TERM = BIRTH_YEAR | EXPIRY_YEAR


def places(birth: str, expiry: str, code: str = "4173") -> list[int]:
    """Return the places of a birth date YYMMDD by era and an expiry date YYYYMMDD."""
    return [int(each) for each in f"{birth}{expiry[:4]}{code}{expiry[4:]}"]


@pytest.mark.parametrize(
    ("birth", "expiry", "era", "doubtful"),
    [
        ("180514", "20350514", Era.SHOWA, frozenset()),
        ("180514", "20350514", None, frozenset()),
        ("180514", "20360514", Era.SHOWA, frozenset()),
        ("180514", "20370514", Era.SHOWA, TERM | EXPIRY_YEAR),
        ("181224", "20361224", Era.SHOWA, TERM),
        ("180514", "20210514", Era.SHOWA, frozenset()),
        ("180514", "20200514", Era.SHOWA, EXPIRY_YEAR),
        ("180514", "20950514", Era.SHOWA, TERM | EXPIRY_YEAR),
        ("180514", "20350515", Era.SHOWA, frozenset({4, 5})),
        ("180514", "20350614", Era.SHOWA, frozenset({2, 3})),
        ("181314", "20351314", Era.SHOWA, BIRTH),
        ("650514", "20350514", Era.SHOWA, BIRTH),
        ("310514", "20300514", Era.HEISEI, BIRTH),
        ("250514", "20310514", Era.HEISEI, frozenset()),
        ("250514", "20350514", Era.HEISEI, TERM),
        ("180514", "20300514", Era.HEISEI, TERM),
        ("151220", "20351220", Era.TAISHO, frozenset()),
    ],
    ids=[
        "an adult's card",
        "with the era unread",
        "the last possible tenth birthday",
        "an eleventh birthday",
        "a tenth birthday that would need an issue after today",
        "ended five years ago",
        "ended too long ago",
        "an absurd year",
        "another day of expiry",
        "another month of expiry",
        "no such month",
        "no such year of the era",
        "a year after its era ended",
        "a minor's card",
        "a minor's card of ten years",
        "an age at expiry that no card has",
        "the last days of an era",
    ],
)
def test_rules(birth: str, expiry: str, era: Era | None, doubtful: frozenset[int]) -> None:
    assert doubtful_places(places(birth, expiry), era, TODAY) == doubtful


def test_an_unread_digit_makes_its_date_doubtful() -> None:
    unread = places("180514", "20350514")
    unread[9] = -1
    assert doubtful_places(unread, Era.SHOWA, TODAY) >= EXPIRY_YEAR
    unread = places("180514", "20350514")
    unread[0] = -1
    assert doubtful_places(unread, Era.SHOWA, TODAY) >= BIRTH


@given(st.dates(date(1920, 1, 1), date(2004, 12, 31)), st.dates(date(2017, 1, 1), TODAY))
def test_every_adult_s_card_in_term_passes(birth: date, issued_on: date) -> None:
    if (birth.month, birth.day) == (2, 29) or issued_on.year - birth.year < 21:
        birth, issued_on = date(1943, 5, 14), TODAY
    tenth = issued_on.year + (9 if birth.replace(year=issued_on.year) > issued_on else 10)
    written = places(to_era(birth).digits, f"{tenth}{birth:%m%d}")
    assert doubtful_places(written, to_era(birth).era, TODAY) == frozenset()


@given(st.integers(0, 3), st.integers(1, 9))
def test_a_wrong_digit_of_the_birthday_is_always_noticed(at: int, change: int) -> None:
    written = places("180514", "20350514")
    written[2 + at] = (written[2 + at] + change) % 10
    assert 2 + at in doubtful_places(written, Era.SHOWA, TODAY)


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(0, 9_999), st.integers(0, 400))
def test_no_digits_are_too_strange(birth: date, year: int, later: int) -> None:
    written = places(to_era(birth).digits, f"{year:04}{birth + timedelta(later):%m%d}")
    assert doubtful_places(written, None, TODAY) <= BIRTH | EXPIRY_YEAR
