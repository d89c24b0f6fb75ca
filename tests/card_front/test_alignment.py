"""Characters find their columns in the ink, whatever blanks the print leaves between them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card_front.alignment import align, group_columns

TYPE_PX = 32.0


def ink_of(cells: list[tuple[int, int]]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return ink that fills all but the rim of each cell (blank before it, width)."""
    columns: list[float] = []
    for blank, width in cells:
        columns += [0.0] * blank + [0.02] * 2 + [0.5] * (width - 4) + [0.02] * 2
    return np.array(columns)


def cells_of(words: str, blank: int) -> list[tuple[int, int]]:
    cells = []
    for index, each in enumerate(words):
        digit = each.isdecimal()
        lone = digit and not words[index - 1].isdecimal() and not words[index + 1 : index + 2].isdecimal()
        cells.append((blank if lone else 0, 18 if digit else 32))
    return cells


@pytest.mark.parametrize("blank", [0, 9, 18])
@pytest.mark.parametrize("words", ["昭和18年5月14日生", "大正15年12月20日生", "2035年5月1日まで有効"])
def test_each_character_gets_its_columns(words: str, blank: int) -> None:
    cells = cells_of(words, blank)
    spans = align(ink_of(cells), words, TYPE_PX)
    assert spans is not None
    end = 0
    blanks = [blank for blank, _ in cells[1:]] + [0]
    for (start, stop), (_, width), before, after in zip(spans, cells, [0, *blanks], blanks, strict=False):
        end += before + width
        assert start < stop
        assert end - 3 <= stop <= end + after + 3, "a cut lies between two characters, anywhere in the blank"


def test_spans_follow_each_other_without_gap() -> None:
    spans = align(ink_of(cells_of("2035年5月1日まで有効", 9)), "2035年5月1日まで有効", TYPE_PX)
    assert spans is not None
    assert all(one[1] == other[0] for one, other in pairwise(spans))
    assert spans[0][0] == 0


def test_a_group_reaches_from_its_first_to_its_last_character() -> None:
    assert group_columns([(0, 10), (10, 18), (18, 26)], 1, 3) == (10, 26)


@pytest.mark.parametrize("columns", [60, 5_000])
def test_characters_that_cannot_fit_are_not_placed(columns: int) -> None:
    assert align(np.full(columns, 0.3), "昭和18年5月14日生", TYPE_PX) is None


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=500), st.text("0123456789年月日", min_size=1, max_size=14)
)
def test_any_ink_gives_spans_in_order_or_none(columns: list[float], words: str) -> None:
    spans = align(np.array(columns), words, TYPE_PX)
    if spans is not None:
        assert len(spans) == len(words)
        assert all(0 <= start < stop <= len(columns) for start, stop in spans)
