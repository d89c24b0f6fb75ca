"""Japanese line breaking by cells: nothing is lost, nothing is too wide, no mark stands at the wrong end (JIS X 4051)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.wrapping import cells, fit, pad, wrap

TEXTS = st.text(st.sampled_from("あア漢字、。「」（）ーっッ々 　abc123-éｱﾞ\n！"), max_size=80)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("あいう", 6, ["あいう"]),
        ("あいうえ", 6, ["あいう", "え"]),
        ("あいう。え", 6, ["あい", "う。え"]),
        ("あい「う」", 6, ["あい", "「う」"]),
        ("あい(う)か", 6, ["あい", "(う)か"]),
        ("カードを置く", 6, ["カード", "を置く"]),
        ("一\n二", 6, ["一", "二"]),
        ("put the card", 8, ["put the", "card"]),
        ("番号 0120-95-0178", 12, ["番号", "0120-95-0178"]),
        ("0120-95-0178", 6, ["0120-9", "5-0178"]),
    ],
)
def test_lines_break_where_a_reader_expects(text: str, width: int, lines: list[str]) -> None:
    assert wrap(text, width) == lines


@given(TEXTS, st.integers(2, 40))
def test_no_line_is_too_wide(text: str, width: int) -> None:
    assert all(cells(line) <= width for line in wrap(text, width))


@given(TEXTS, st.integers(2, 40))
def test_no_character_is_lost_but_spaces(text: str, width: int) -> None:
    def without_spaces(of: str) -> str:
        return "".join(of.split())

    assert without_spaces("".join(wrap(text, width))) == without_spaces(text)


@pytest.mark.parametrize(
    ("text", "width", "fitted"),
    [
        ("見本", 4, "見本"),
        ("見本春江", 6, "見本.."),
        ("見本春江", 5, "見.."),
        ("abc", 2, ".."),
        ("abc", 0, ""),
    ],
)
def test_a_text_that_does_not_fit_ends_in_dots(text: str, width: int, fitted: str) -> None:
    assert fit(text, width) == fitted


@given(st.text(st.sampled_from("あaｱ漢"), max_size=30), st.integers(2, 40))
def test_padding_gives_exactly_the_width(text: str, width: int) -> None:
    assert cells(pad(text, width)) == width


@pytest.mark.parametrize(
    ("text", "width"), [("漢字", 4), ("ｶﾅ", 2), ("ガ", 2), ("か\u3099", 2), ("é", 1), ("a\x1bb", 0)]
)
def test_cells_are_counted_as_a_terminal_counts_them(text: str, width: int) -> None:
    assert cells(text) == width
