"""Only a line in exactly the printed form says anything, and what it says shows nowhere (R03, F9.26)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card_front.fields import (
    CODE_PLACES,
    NOTHING_SEEN,
    PLACES,
    LineSeen,
    Part,
    is_expiry_label,
    understand_birth,
    understand_code,
    understand_expiry,
    understand_group,
)
from appliance.domain.era import Era


@dataclass(frozen=True)
class Sign:
    character: str
    confidence: float = 0.9


def signs(words: str) -> list[Sign]:
    return [Sign(each) for each in words]


def digits(seen: LineSeen) -> dict[Part, tuple[int, ...]]:
    return {part.part: part.digits for part in seen.parts}


def test_the_places_follow_code_b_and_then_the_birthday_s_second_print() -> None:
    assert [part.first for part in Part] == [0, 2, 4, 6, 10, 14, 16]
    assert sum(part.size for part in Part) == PLACES
    assert sum(part.size for part in Part if part.first < CODE_PLACES) == CODE_PLACES


@pytest.mark.parametrize(
    ("words", "era", "year", "month", "day"),
    [
        ("昭和18年5月14日生", Era.SHOWA, (1, 8), (0, 5), (1, 4)),
        ("大正15年12月20日生", Era.TAISHO, (1, 5), (1, 2), (2, 0)),
        ("令和元年5月1日生", Era.REIWA, (0, 1), (0, 5), (0, 1)),
        ("平成2年10月3日", Era.HEISEI, (0, 2), (1, 0), (0, 3)),
        ("昌和18年5月14日生", None, (1, 8), (0, 5), (1, 4)),
        ("|昭和18年5月14日生", Era.SHOWA, (1, 8), (0, 5), (1, 4)),
    ],
)
def test_a_birth_date_line_is_understood(
    words: str, era: Era | None, year: tuple[int, ...], month: tuple[int, ...], day: tuple[int, ...]
) -> None:
    seen = understand_birth(signs(words))
    assert seen.era is era
    assert digits(seen) == {Part.BIRTH_YEAR: year, Part.BIRTH_MONTH: month, Part.BIRTH_DAY: day}


@pytest.mark.parametrize(
    "words",
    [
        "",
        "昭和18年5月",
        "昭和18年5月14日生まれ",
        "昭和18年Z月14日生",
        "昭和118年5月14日生x",
        "2035年5月14日まで有効",
        "昭和1８年5月14日生",
    ],
)
def test_any_other_form_says_nothing_about_birth(words: str) -> None:
    assert understand_birth(signs(words)) == NOTHING_SEEN


def test_an_expiry_line_is_understood() -> None:
    seen = understand_expiry(signs("2035年5月14日まで有効"))
    assert digits(seen) == {
        Part.EXPIRY_YEAR: (2, 0, 3, 5),
        Part.EXPIRY_MONTH: (0, 5),
        Part.EXPIRY_DAY: (1, 4),
    }


@pytest.mark.parametrize(
    "words", ["1935年5月14日まで有効", "2035年5月14日", "203年5月14日まで", "20355月14日まで"]
)
def test_any_other_form_says_nothing_about_expiry(words: str) -> None:
    assert understand_expiry(signs(words)) == NOTHING_SEEN


@pytest.mark.parametrize(
    ("words", "expected"),
    [("4173", {Part.SECURITY_CODE: (4, 1, 7, 3)}), ("417", {}), ("41739", {}), ("4l73", {}), ("", {})],
)
def test_a_security_code_is_four_digits_and_nothing_else(
    words: str, expected: dict[Part, tuple[int, ...]]
) -> None:
    assert digits(understand_code(signs(words))) == expected


@pytest.mark.parametrize(
    ("words", "printed", "expected"),
    [("5", 1, (0, 5)), ("14", 2, (1, 4)), ("05", 1, None), ("1", 2, None), ("", 1, None), ("年", 1, None)],
)
def test_a_group_needs_as_many_digits_as_are_printed(
    words: str, printed: int, expected: tuple[int, ...] | None
) -> None:
    seen = understand_group(Part.BIRTH_DAY, printed, signs(words))
    assert digits(seen).get(Part.BIRTH_DAY) == expected


def test_a_part_is_as_sure_as_its_least_sure_sign_and_knows_where_it_stands() -> None:
    symbols = signs("昭和18年5月14日生")
    symbols[3] = Sign("8", 0.4)
    year, month, _ = understand_birth(symbols).parts
    assert (year.confidence, month.confidence) == (0.4, 0.9)
    assert (year.characters, year.printed) == ((2, 4), 2)
    assert (month.characters, month.printed) == ((5, 6), 1)


def test_the_first_year_s_word_has_no_printed_digit() -> None:
    assert understand_birth(signs("令和元年5月1日生")).parts[0].printed == 0


@pytest.mark.parametrize(
    ("words", "is_label"),
    [
        ("まで有効", True),
        ("日まで有益", True),
        ("4日まで効", True),
        ("有効期限", False),
        ("5月14日生", False),
        ("まで", False),
        ("", False),
    ],
)
def test_the_label_of_a_front_needs_both_halves(words: str, is_label: bool) -> None:
    assert is_expiry_label(signs(words)) is is_label


@given(st.text(max_size=30))
def test_no_text_is_too_strange(words: str) -> None:
    for understand in (understand_birth, understand_expiry, understand_code):
        for part in understand(signs(words)).parts:
            assert len(part.digits) == part.part.size
            assert all(0 <= digit <= 9 for digit in part.digits)


def test_nothing_shows_a_digit() -> None:
    seen = understand_birth(signs("昭和18年5月14日生"))
    assert "18" not in repr(seen) + repr(seen.parts)
