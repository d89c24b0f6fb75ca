"""The parts of screens by themselves: pictures in cells, large letters, the code's fields, answers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.app import App, ComposeResult

from appliance.domain.ephemeral import GreyPicture
from appliance.domain.ids import receipt_number
from tui.widgets.choices import Choice, ChoiceRow, Choices
from tui.widgets.code_entry import CODE_SIZE, CodeEntry, FieldWords
from tui.widgets.large_letters import large
from tui.widgets.picture import ChipPhoto, ChipWriting
from tui.widgets.picture_cells import (
    QUADRANTS,
    Grey,
    best_ink_lines,
    ink_lines,
    photo_cells,
    photo_size_cells,
    resized,
)
from tui.wrapping import cells


def grey(rows: list[list[int]]) -> Grey:
    return np.array(rows, np.float32)


def test_resizing_keeps_the_mean() -> None:
    picture = grey([[0, 50, 100], [150, 200, 250]])
    for width, height in [(1, 1), (2, 5), (7, 3), (3, 2)]:
        assert resized(picture, width, height).shape == (height, width)
        assert resized(picture, width, height).mean() == pytest.approx(picture.mean(), abs=0.01)


def test_a_photo_in_quadrants_shows_its_halves() -> None:
    left_black = grey([[0, 0, 255, 255]] * 4)
    drawn = photo_cells(left_black, 1, 1)
    assert QUADRANTS[drawn.masks[0, 0]] == "▐"
    assert (drawn.back[0, 0], drawn.front[0, 0]) == (0, 255)


def test_an_even_photo_is_one_tone() -> None:
    drawn = photo_cells(grey([[7] * 4] * 4), 2, 2)
    assert (drawn.masks == 15).all()
    assert (drawn.front == drawn.back).all()


@given(st.integers(1, 400), st.integers(1, 400), st.integers(1, 80), st.integers(1, 40))
def test_a_photo_keeps_its_proportions_within_its_place(
    width: int, height: int, columns: int, rows: int
) -> None:
    picture = GreyPicture(width, height, bytearray(width * height))
    got_columns, got_rows = photo_size_cells(picture, columns, rows)
    assert 1 <= got_columns <= max(columns, 1)
    assert 1 <= got_rows <= max(rows, 1)
    if got_columns > 4 and got_rows > 4:
        assert got_columns / (2 * got_rows) == pytest.approx(width / height, rel=0.35)


def test_ink_is_drawn_dot_by_dot() -> None:
    paper = np.full((6, 6), 255, np.float32)
    paper[1:5, 2] = 0
    assert ink_lines(paper, 10, 1.0) == ["\u2847"]


def test_blank_paper_takes_no_lines() -> None:
    assert ink_lines(np.full((8, 8), 255, np.float32), 10, 1.0) == []
    assert best_ink_lines(np.full((8, 8), 255, np.float32), 10, 3) == []


def test_long_writing_is_cut_between_characters() -> None:
    paper = np.full((8, 64), 255, np.float32)
    for start in range(0, 64, 8):
        paper[0:8, start : start + 6] = 0
    lines = ink_lines(paper, 15, 1.0)
    assert len(lines) == 6
    assert all(len(line) <= 15 for line in lines)


def test_two_lines_of_writing_stay_two() -> None:
    paper = np.full((24, 8), 255, np.float32)
    paper[0:8, :] = 0
    paper[14:22, :] = 0
    assert len(ink_lines(paper, 10, 1.0)) == 4


@given(st.integers(8, 40), st.integers(1, 12))
def test_writing_is_never_wider_than_its_place(columns: int, rows: int) -> None:
    paper = np.full((30, 300), 255, np.float32)
    paper[5:25, 3:280:2] = 0
    assert all(cells(line) <= columns for line in best_ink_lines(paper, columns, rows))


@given(st.binary(min_size=5, max_size=5))
def test_every_receipt_number_can_be_drawn(record_hash: bytes) -> None:
    number = receipt_number(record_hash)
    rows = large(number)
    assert [cells(row) for row in rows] == [6 * len(number)] * 4
    assert "".join(rows).strip()


def test_letters_that_look_alike_differ() -> None:
    shapes = ["\n".join(large(letter)) for letter in "0123456789ABCDEFGHJKMNPQRSTVWXYZ-"]
    assert len(set(shapes)) == len(shapes)


class Bench(App[None]):
    """A program with one widget."""

    def __init__(self, *widgets: CodeEntry | Choices[str] | ChipPhoto | ChipWriting) -> None:
        super().__init__()
        self._widgets_to_show = widgets

    def compose(self) -> ComposeResult:
        yield from self._widgets_to_show


def entry() -> CodeEntry:
    return CodeEntry([FieldWords(name, "") for name in "abc"])


def state(code: CodeEntry) -> str:
    return "complete" if code.is_complete else "open"


async def test_digits_fill_the_fields_and_backspace_takes_them_back() -> None:
    code = entry()
    async with Bench(code).run_test() as pilot:
        await pilot.press(*"1805142035417")
        assert (code.birth_digits, code.expiry_year) == ((18, 5, 14), 2035)
        assert state(code) == "open"
        await pilot.press("3", "9", "x")
        assert state(code) == "complete"
        assert bytes(code.take_digits()) == b"18051420354173"
        await pilot.press(*["backspace"] * 10)
        assert code.birth_digits is None
        assert bytes(code.take_digits()) == b"1805"
        await pilot.press(*["backspace"] * 9)
        assert bytes(code.take_digits()) == b""


async def test_full_width_digits_and_pasted_text_are_understood() -> None:
    code = entry()
    async with Bench(code).run_test() as pilot:
        code.focus()
        code.post_message(events.Paste("１８年05月14日 ２０３５"))
        await pilot.pause()
        assert bytes(code.take_digits()) == b"1805142035"


async def test_the_digits_are_overwritten_when_wiped_and_when_the_entry_goes() -> None:
    code = entry()
    async with Bench(code).run_test() as pilot:
        await pilot.press(*"18051420354173")
        buffer = code._digits
        code.wipe()
        assert buffer == bytes(CODE_SIZE)
        await pilot.press(*"99")
    assert buffer == bytes(CODE_SIZE)


async def test_answers_are_chosen_by_arrows_digits_and_mouse() -> None:
    choices = Choices([Choice(value, value) for value in ("a", "b", "c")], first=1)
    async with Bench(choices).run_test() as pilot:
        assert choices.chosen == "b"
        await pilot.press("down", "down")
        assert choices.chosen == "a"
        await pilot.press("up")
        assert choices.chosen == "c"
        choices.choose(7)
        assert choices.chosen == "c"
        await pilot.click(choices.query(ChoiceRow).first())
        assert choices.chosen == "a"


async def test_the_chosen_answer_bears_a_sign_not_only_a_colour() -> None:
    choices = Choices([Choice("a", "a"), Choice("b", "b")])
    async with Bench(choices).run_test():
        signs = [str(row.query_one(".sign").render()).strip() for row in choices.query(ChoiceRow)]
        assert signs == [">>", ""]


@pytest.mark.parametrize("draws", [ChipPhoto, lambda picture: ChipWriting(picture, 4)])
async def test_a_wiped_picture_leaves_nothing_on_the_screen(
    draws: Callable[[GreyPicture], ChipPhoto | ChipWriting],
) -> None:
    shown = draws(GreyPicture(8, 8, bytearray([0, 255] * 32)))
    async with Bench(shown).run_test(size=(20, 10)) as pilot:
        await pilot.pause()
        assert shown._strips
        shown.wipe()
        assert shown.is_wiped
        assert all(
            not strip.text.strip() for strip in (shown.render_line(y) for y in range(shown.size.height))
        )
