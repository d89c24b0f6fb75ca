"""What staff may type: never a My Number in any spelling, never too much, and a second look at what resembles a PIN."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.free_text import (
    FREE_TEXT_LIMIT,
    FreeText,
    TextWarning,
    could_be_my_number,
    parse_free_text,
)
from appliance.errors import FactsMalformed, MyNumberInText, TextTooLong

SYNTHETIC = ("123456789018", "023456789013")
"""The made-up numbers of card.md §9.3; no other twelve digits that pass stand in this file but near-empty ones."""
SEPARATORS = " \t\n\u3000\u00a0\u2009-‐‑–—―−－ーｰ_.・･\u200b\u00ad\ufeff"
SCRIPTS = ("0123456789", "０１２３４５６７８９", "〇一二三四五六七八九", "٠١٢٣٤٥٦٧٨٩")
WORDS = "室の長女に電話した、午後の診察abcXYZ:/()様"

numbers = st.sampled_from(SYNTHETIC)
words = st.text(alphabet=WORDS, max_size=40)
mixed = st.text(alphabet=WORDS + SEPARATORS + "".join(SCRIPTS), max_size=40)


@pytest.mark.parametrize("number", SYNTHETIC)
def test_exactly_one_last_digit_passes(number: str) -> None:
    passing = [digit for digit in "0123456789" if could_be_my_number(number[:-1] + digit)]
    assert passing == [number[-1]]


@pytest.mark.parametrize(
    ("eleven", "remainder"), [("00000000000", 0), ("20000000000", 1)], ids=["remainder 0", "remainder 1"]
)
def test_the_two_smallest_remainders_both_give_zero(eleven: str, remainder: int) -> None:
    assert int(eleven[0]) * 6 % 11 == remainder
    assert could_be_my_number(eleven + "0")
    assert not could_be_my_number(eleven + "1")


@pytest.mark.parametrize(
    "digits", ["", "12345678901", "1234567890180", "12345678901x", "１２３４５６７８９０１８", " 12345678901"]
)
def test_only_twelve_ascii_digits_can_be_asked_about(digits: str) -> None:
    assert not could_be_my_number(digits)


@pytest.mark.parametrize("number", SYNTHETIC)
@pytest.mark.parametrize(
    "written",
    [
        "{0}",
        "{1} {2} {3}",
        "{1}-{2}-{3}",
        "{1}－{2}ー{3}",
        "{1}\u3000{2}\u3000{3}",
        "{1} - {2} - {3}",
        "{1}\n{2}\n{3}",
        "{1}\u200b{2}\u200b{3}",
        "5{0}",
        "{0}5",
        "5{1}-{2}-{3}6",
        "203 {1} {2} {3} 0120",
        "番号は{0}です",
        "No.{0}",
        "x" * 388 + "{0}",
    ],
)
def test_a_my_number_is_refused_however_it_is_grouped(number: str, written: str) -> None:
    with pytest.raises(MyNumberInText):
        parse_free_text(written.format(number, number[:4], number[4:8], number[8:]))


@given(number=numbers, script=st.sampled_from(SCRIPTS), before=mixed, after=mixed, data=st.data())
def test_a_my_number_is_refused_at_every_place_in_every_script(
    number: str, script: str, before: str, after: str, data: st.DataObject
) -> None:
    gaps = data.draw(st.lists(st.text(alphabet=SEPARATORS, max_size=3), min_size=12, max_size=12))
    written = "".join(gap + script[int(digit)] for gap, digit in zip(gaps, number, strict=True))
    with pytest.raises(MyNumberInText):
        parse_free_text(before + written + after)


@given(
    number=numbers, place=st.integers(1, 11), between=st.text(alphabet="のと:/、a", min_size=1, max_size=3)
)
def test_words_part_one_number_from_the_next(number: str, place: int, between: str) -> None:
    written = number[:place] + between + number[place:]
    assert parse_free_text(written).text == written


@given(
    st.lists(st.sampled_from("0123456789- "), max_size=30)
    .map("".join)
    .filter(lambda text: sum(map(str.isdigit, text)) < 12)
)
def test_fewer_than_twelve_digits_are_never_a_my_number(text: str) -> None:
    assert parse_free_text(text).text == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "長女に電話した。次の金曜に家族と相談。",
        "0120-95-0178 へ連絡、14:00",
        "2026-11-23 の午後、203号室",
        "123456789017",
        "申請書は 11/20 に受け取り、控えは 12/01 まで",
        "二行目も\n残す\t表も",
    ],
)
def test_ordinary_notes_pass_unchanged(text: str) -> None:
    assert parse_free_text(text).text == text


@pytest.mark.parametrize(
    ("size", "limit", "passes"),
    [
        (0, 0, True),
        (9, 10, True),
        (10, 10, True),
        (11, 10, False),
        (FREE_TEXT_LIMIT, FREE_TEXT_LIMIT, True),
        (FREE_TEXT_LIMIT + 1, FREE_TEXT_LIMIT, False),
        (FREE_TEXT_LIMIT + 1, 10_000, False),
    ],
)
def test_the_length_is_capped(size: int, limit: int, *, passes: bool) -> None:
    if passes:
        assert len(parse_free_text("文" * size, limit).text) == size
        return
    with pytest.raises(TextTooLong) as refused:
        parse_free_text("文" * size, limit)
    assert refused.value.limit == min(limit, FREE_TEXT_LIMIT)


def test_white_space_around_a_text_does_not_count() -> None:
    assert parse_free_text("  \u3000家族と相談\n ", limit=5).text == "家族と相談"


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\r", "\x7f", "\x9b", "\ud800"])
def test_control_characters_and_broken_unicode_are_refused(character: str) -> None:
    with pytest.raises(FactsMalformed) as refused:
        parse_free_text(f"前{character}後")
    assert refused.value.key == "free_text"


@pytest.mark.parametrize(
    ("text", "warns"),
    [
        ("暗証番号は 1234", True),
        ("暗証番号：１２３４", True),
        ("PINは1234です", True),
        ("ＰＩＮ １２３４", True),
        ("1234がパスワードとのこと", True),
        ("暗証番号を忘れたとのこと", False),
        ("2026年に更新", False),
        ("shopping 1234", False),
        ("ショッピング 1234", False),
        ("暗証番号 12345", False),
        ("暗証番号 123", False),
        ("暗証" + "あ" * 20 + "1234", True),
        ("暗証" + "あ" * 21 + "1234", False),
        ("1234" + "あ" * 21 + "暗証", False),
    ],
)
def test_four_digits_near_a_word_for_a_pin_are_shown_again_and_not_refused(text: str, *, warns: bool) -> None:
    expected = (TextWarning.LOOKS_LIKE_PIN,) if warns else ()
    assert parse_free_text(text).warnings == expected


@pytest.mark.parametrize("text", [*SYNTHETIC, "文" * (FREE_TEXT_LIMIT + 1), "\x00"])
def test_no_free_text_exists_that_has_not_passed(text: str) -> None:
    with pytest.raises((MyNumberInText, TextTooLong, FactsMalformed)):
        FreeText(text)


@given(words)
def test_neither_a_text_nor_its_refusal_shows_what_was_typed(text: str) -> None:
    assert repr(parse_free_text(text)) == f"FreeText({len(text.strip())} characters)"
    with pytest.raises(MyNumberInText) as refused:
        parse_free_text(f"{text} {SYNTHETIC[0]}")
    assert str(refused.value) == "MyNumberInText()"
