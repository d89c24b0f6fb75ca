"""Status words: counts, continuations and meanings (card.md §3)."""

from __future__ import annotations

import pytest

from appliance.card.status import (
    BLOCKED,
    Confidence,
    StatusWord,
    describe,
    exact_length,
    more_data_bytes,
    tries_left,
)


@pytest.mark.parametrize("count", range(16))
def test_63cx_counts_the_tries_left(count: int) -> None:
    assert tries_left(0x63C0 + count) == count


@pytest.mark.parametrize("other", [0x9000, 0x6300, 0x63BF, 0x63D0, 0x6984, 0x64C3, 0x163C3])
def test_other_status_words_count_nothing(other: int) -> None:
    assert tries_left(other) is None


@pytest.mark.parametrize(
    ("status_word", "waiting"), [(0x6101, 1), (0x61FF, 255), (0x6100, 256), (0x9000, None)]
)
def test_61xx_announces_bytes(status_word: int, waiting: int | None) -> None:
    assert more_data_bytes(status_word) == waiting


@pytest.mark.parametrize(("status_word", "length"), [(0x6C10, 16), (0x6C00, 256), (0x6700, None)])
def test_6cxx_names_the_length_to_ask_for(status_word: int, length: int | None) -> None:
    assert exact_length(status_word) == length


def test_both_blocked_answers_are_known() -> None:
    assert {0x6983, 0x6984} == BLOCKED


@pytest.mark.parametrize("status", StatusWord, ids=lambda status: status.name)
def test_every_member_has_a_meaning_with_its_confidence(status: StatusWord) -> None:
    assert status.meaning
    assert isinstance(status.confidence, Confidence)
    assert describe(status) == f"{status:04X} {status.meaning}"


def test_numbers_are_described_without_being_members() -> None:
    assert describe(0x63C5) == "63C5 not verified, 5 tries left"
    assert describe(0x6100) == "6100 done, 256 bytes wait"
    assert describe(0x6C0A) == "6C0A wrong Le, 10 would be right"
    assert describe(0x1234) == "1234 unknown"


AGREED = {0x9000, 0x6982, 0x6984, 0x6A81, 0x6A82}
INFERRED = {0x6282, 0x6983}
ONE_SOURCE = {
    *(0x6300, 0x66F1, 0x6700, 0x6881, 0x6882, 0x6981, 0x6985, 0x6986, 0x6987, 0x6988, 0x69FC),
    *(0x6A80, 0x6A83, 0x6A86, 0x6A88, 0x6B00, 0x6D00, 0x6E00, 0x6F00),
}


def test_the_table_is_that_of_the_card_with_its_marks() -> None:
    """card.md §3, besides 63Cx, 61xx and 6Cxx, which carry a number."""
    by_confidence = {
        confidence: {int(status) for status in StatusWord if status.confidence is confidence}
        for confidence in Confidence
    }
    assert by_confidence == {
        Confidence.AGREED: AGREED,
        Confidence.ONE_SOURCE: ONE_SOURCE,
        Confidence.INFERRED: INFERRED,
    }
