"""Reference code B: typed, made from print, read in both calendars, and gone after use (card.md §9.2, R03)."""

from __future__ import annotations

import copy
import pickle
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card.code_b import (
    BirthKey,
    CodeB,
    birth_key_from_print,
    code_b_from_print,
    parse_code_b,
)
from appliance.domain.era import Era, in_western, to_era
from appliance.errors import CodeMalformed

TODAY = date(2026, 11, 23)
CODE = "60040120331234"


@pytest.mark.parametrize(
    "typed",
    [
        "60040120331234",
        "６００４０１２０３３１２３４",
        "600401 2033 1234",
        "600401-2033-1234",
        "６００４０１　２０３３　１２３４",
        "６００４０１－２０３３−１２３４",
        "600401‐2033ー1234\n",
        " 6 0 0 4 0 1 2 0 3 3 1 2 3 4 ",
    ],
)
def test_typed_forms_are_understood(typed: str) -> None:
    with parse_code_b(typed) as code_b:
        assert code_b.reveal() == CODE.encode()


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("", "length"),
        ("6004012033123", "length"),
        ("600401203312345", "length"),
        ("123456789018", "length"),
        ("6004012033123x", "digits"),
        ("昭和60年4月1日", "digits"),
        ("６００４０１２０３３１２３四", "digits"),
        ("600401/2033/1234", "digits"),
        ("60040120331٢34", "digits"),
        ("00040120331234", "birth_date"),
        ("65040120331234", "birth_date"),
        ("60130120331234", "birth_date"),
        ("60023020331234", "birth_date"),
        ("64010820331234", "birth_date"),
        ("85040120331234", "birth_date"),
        ("60040120151234", "expiry_year"),
        ("60040121001234", "expiry_year"),
        ("60040103321234", "expiry_year"),
    ],
)
def test_what_cannot_be_on_a_card_is_refused_by_its_part(typed: str, part: str) -> None:
    with pytest.raises(CodeMalformed) as refused:
        parse_code_b(typed)
    assert refused.value.part == part


@pytest.mark.parametrize(
    ("birth_date", "expiry_year", "security_code", "digits"),
    [
        (date(1980, 2, 17), 2035, "2285", "55021720352285"),
        (date(1985, 4, 1), 2033, "1234", "60040120331234"),
        (date(1989, 1, 7), 2030, "0000", "64010720300000"),
        (date(1989, 1, 8), 2030, "0000", "01010820300000"),
        (date(2019, 5, 1), 2029, "９９９９", "01050120299999"),
        (date(1926, 12, 25), 2030, "0001", "01122520300001"),
        (date(1912, 7, 29), 2026, "0001", "45072920260001"),
    ],
)
def test_the_code_is_made_of_what_the_front_says(
    birth_date: date, expiry_year: int, security_code: str, digits: str
) -> None:
    assert code_b_from_print(birth_date, expiry_year, security_code).reveal() == digits.encode()


@pytest.mark.parametrize(
    ("birth_date", "expiry_year", "security_code", "part"),
    [
        (date(1867, 12, 31), 2030, "1234", "birth_date"),
        (date(2031, 1, 1), 2030, "1234", "birth_date"),
        (date(1890, 1, 1), 2030, "1234", "birth_date"),
        (date(1985, 4, 1), 2015, "1234", "expiry_year"),
        (date(1985, 4, 1), 33, "1234", "expiry_year"),
        (date(1985, 4, 1), 2033, "123", "length"),
        (date(1985, 4, 1), 2033, "12345", "length"),
        (date(1985, 4, 1), 2033, "12a4", "digits"),
        (date(1985, 4, 1), 2033, "一二三四", "digits"),
    ],
)
def test_a_front_that_no_card_has_is_refused(
    birth_date: date, expiry_year: int, security_code: str, part: str
) -> None:
    with pytest.raises(CodeMalformed) as refused:
        code_b_from_print(birth_date, expiry_year, security_code)
    assert refused.value.part == part


@given(st.dates(date(1910, 1, 1), TODAY), st.integers(0, 9999))
def test_the_printed_birth_date_is_always_among_the_meanings(birth_date: date, security_code: int) -> None:
    code_b = code_b_from_print(birth_date, 2034, f"{security_code:04}")
    assert to_era(birth_date) in code_b.birth_dates(TODAY)


@given(st.text(max_size=20) | st.from_regex(r"[0-9]{14}", fullmatch=True))
def test_any_text_is_a_code_with_a_birth_date_or_refused(typed: str) -> None:
    try:
        code_b = parse_code_b(typed)
    except CodeMalformed:
        return
    assert len(code_b.reveal()) == 14
    assert code_b.birth_dates(date.max)


@pytest.mark.parametrize(
    ("typed", "meanings"),
    [
        ("60040120331234", ["1985年4月1日"]),
        ("15040120331234", ["1926年4月1日", "1940年4月1日", "2003年4月1日"]),
        ("05060720331234", ["1916年6月7日", "1930年6月7日", "1993年6月7日", "2023年6月7日"]),
        ("07010120331234", ["1918年1月1日", "1932年1月1日", "1995年1月1日", "2025年1月1日"]),
        ("08120120331234", ["1919年12月1日", "1933年12月1日", "1996年12月1日"]),
        ("15122520331234", ["1926年12月25日", "1940年12月25日", "2003年12月25日"]),
        ("64010720331234", ["1989年1月7日"]),
        ("45072920331234", ["1912年7月29日", "1970年7月29日"]),
    ],
)
def test_all_possible_birth_dates_are_shown_up_to_today(typed: str, meanings: list[str]) -> None:
    shown = [in_western(written.to_date()) for written in parse_code_b(typed).birth_dates(TODAY)]
    assert shown == meanings


def test_meanings_are_shown_in_both_calendars() -> None:
    oldest, *_, youngest = parse_code_b("15040120331234").birth_dates(TODAY)
    assert (oldest.era, oldest.in_japanese) == (Era.TAISHO, "大正15年4月1日")
    assert (youngest.era, youngest.in_japanese) == (Era.HEISEI, "平成15年4月1日")


def test_the_digits_are_gone_when_the_context_ends() -> None:
    with parse_code_b(CODE) as code_b:
        assert code_b.expiry_year == 2033
    assert code_b.reveal() == b""


def test_wiping_twice_is_safe() -> None:
    code_b = parse_code_b(CODE)
    code_b.wipe()
    code_b.wipe()
    assert code_b.reveal() == b""


def test_the_buffer_given_is_wiped_whether_taken_or_refused() -> None:
    taken = bytearray(CODE.encode())
    CodeB(taken)
    refused = bytearray(b"99999920331234")
    with pytest.raises(CodeMalformed):
        CodeB(refused)
    assert (taken, refused) == (bytearray(14), bytearray(14))


def test_a_code_shows_nothing_and_cannot_be_copied() -> None:
    code_b = parse_code_b(CODE)
    assert repr(code_b) == str(code_b) == "CodeB(hidden)"
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            attempt(code_b)


@pytest.mark.parametrize(
    ("birth_date", "digits"),
    [
        (date(1985, 4, 1), "600401"),
        (date(1989, 1, 7), "640107"),
        (date(1989, 1, 8), "010108"),
        (date(1926, 12, 25), "011225"),
        (date(1926, 12, 24), "151224"),
        (date(2019, 5, 1), "010501"),
        (date(1886, 1, 1), "190101"),
    ],
)
def test_the_birth_key_is_the_birth_date_as_printed(birth_date: date, digits: str) -> None:
    with birth_key_from_print(birth_date) as birth_key:
        assert birth_key.reveal() == digits.encode()


@pytest.mark.parametrize("birth_date", [date(1885, 12, 31), date(1, 1, 1)])
def test_a_birth_date_of_nobody_alive_makes_no_key(birth_date: date) -> None:
    with pytest.raises(CodeMalformed) as refused:
        birth_key_from_print(birth_date)
    assert refused.value.part == "birth_date"


@given(st.dates(date(1900, 1, 1), date(2026, 12, 31)))
def test_the_code_holds_its_birth_key(birth_date: date) -> None:
    with (
        code_b_from_print(birth_date, 2030, "1234") as code_b,
        code_b.birth_key() as of_code,
        birth_key_from_print(birth_date) as of_date,
    ):
        assert of_code.reveal() == of_date.reveal() == code_b.reveal()[:6]


def test_the_birth_key_outlives_the_code_and_not_itself() -> None:
    with parse_code_b(CODE) as code_b:
        birth_key = code_b.birth_key()
    assert (code_b.reveal(), birth_key.reveal()) == (b"", b"600401")
    birth_key.wipe()
    assert birth_key.reveal() == b""


def test_a_wiped_code_holds_no_birth_key() -> None:
    with parse_code_b(CODE) as code_b:
        pass
    with pytest.raises(CodeMalformed):
        code_b.birth_key()


@pytest.mark.parametrize(
    ("digits", "part"),
    [
        (b"", "length"),
        (b"60040", "length"),
        (b"6004011", "length"),
        (b"60040x", "digits"),
        (b"651301", "birth_date"),
        (b"000401", "birth_date"),
    ],
)
def test_digits_that_no_birth_date_has_are_refused_and_wiped(digits: bytes, part: str) -> None:
    given_digits = bytearray(digits)
    with pytest.raises(CodeMalformed) as refused:
        BirthKey(given_digits)
    assert refused.value.part == part
    assert not any(given_digits)


def test_the_birth_key_shows_in_no_text_and_has_one_owner() -> None:
    with parse_code_b(CODE) as code_b, code_b.birth_key() as birth_key:
        assert repr(birth_key) == str(birth_key) == "BirthKey(hidden)"
        for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError):
                attempt(birth_key)
