"""Each proposed digit before a person: the doubtful first, one act a digit, corrected by typing, then a typed code like any other (R03)."""

from __future__ import annotations

import pytest

from appliance.domain.enrollment import VisitState
from appliance.simulated.people import Trait
from tests.screens.front_walks import (
    confirm_digit,
    to_front,
    to_front_digits,
    to_front_doubts,
    to_front_reading,
)
from tests.screens.rig import Rig, Walk
from tests.screens.walks import person_of
from tui.field.dialogs.trouble import TroubleDialog
from tui.field.screens.card_code import CardCodeScreen
from tui.field.screens.card_confirm import CardConfirmScreen
from tui.field.screens.card_front import CardFrontScreen
from tui.field.screens.card_shown import CardShownScreen
from tui.field.screens.front_digits import HELD_KEY_S, SETTLES_S, FrontDigitsScreen
from tui.widgets.code_entry import CodeEntry
from tui.widgets.digit_board import DigitCell
from tui.widgets.large_letters import LargeLetters
from tui.widgets.prose import Prose


def said(walk: Walk, selector: str) -> str:
    return walk.app.screen.query_one(selector, Prose).text


def marks(walk: Walk) -> list[str]:
    return [cell.lines[1] for cell in walk.app.screen.query(DigitCell)]


def digits(walk: Walk) -> str:
    wide = "".join(cell.lines[0] for cell in walk.app.screen.query(DigitCell))
    return wide.translate({ord("０") + value: str(value) for value in range(10)})


async def test_the_digits_stand_in_their_fields_with_both_calendars_and_the_first_is_asked_about(
    rig: Rig,
) -> None:
    async with rig.running() as walk:
        await to_front_digits(walk)
        assert digits(walk) == "18051420354173"
        assert marks(walk) == ["^^", *["  "] * 13]
        assert walk.app.screen.query_one(LargeLetters).text == "1"
        assert "昭和18年5月14日（1943-05-14）" in said(walk, "#meaning")
        assert "2035" in said(walk, "#meaning")
        assert "平成" not in said(walk, "#meaning"), "the era was read"


async def test_fourteen_acts_lead_to_the_same_confirmation_as_typing_and_nothing_was_sent(rig: Rig) -> None:
    async with rig.running() as walk:
        screen = await to_front_digits(walk)
        check = screen.check
        for confirmed in range(14):
            assert isinstance(walk.app.screen, FrontDigitsScreen)
            assert marks(walk).count("済") == confirmed
            await confirm_digit(walk)
        confirm = await walk.on(CardConfirmScreen)
        assert confirm.turn.typed_code is not None
        assert confirm.turn.typed_code.reveal().decode() == person_of(walk).code_b
        assert confirm.turn.digit_check is None
        assert check is not None
        assert not any(check.reveal())
        await walk.press("enter", "enter")
        assert walk.app.screen is confirm, "an Enter too many spent a try"
        assert not [each for each in rig.reader.trace if "xx" in each.command]
        rig.clock.wind(SETTLES_S)
        await walk.press("enter")
        await walk.on(CardShownScreen)
        assert walk.app.session.open_turn.typed_code is None
        assert walk.app.session.open_turn.visit.enrollment.state is VisitState.FACE


async def test_doubtful_digits_come_first_and_are_marked_until_they_are_confirmed(rig: Rig) -> None:
    rig.front_reader.doubtful = {2, 12}
    async with rig.running() as walk:
        screen = await to_front_reading(walk)
        await walk.until(lambda: rig.front_reader.looks >= 2 and "2" in said(walk, "#about"), "two frames")
        await walk.press("enter")
        await walk.on(FrontDigitsScreen)
        assert not screen.is_current
        assert [at for at, mark in enumerate(marks(walk)) if mark != "  "] == [2, 12]
        assert "はっきり" in said(walk, "#here")
        assert "生年月日の月の 1 桁目" in said(walk, "#here")
        await confirm_digit(walk)
        assert "セキュリティコードの 3 桁目" in said(walk, "#here")
        await confirm_digit(walk)
        assert "生年月日（和暦）の年の 1 桁目" in said(walk, "#here")
        assert "カードの表と同じですか" in said(walk, "#here")


async def test_an_unread_digit_is_typed_and_enter_does_not_pass_it(rig: Rig) -> None:
    rig.front_reader.unread = {11}
    async with rig.running() as walk:
        await to_front_doubts(walk)
        while "読めませんでした" not in said(walk, "#here"):
            await confirm_digit(walk)
        before = marks(walk)
        await confirm_digit(walk)
        assert marks(walk) == before
        await walk.press("1")
        assert digits(walk) == "18051420354173"
        assert marks(walk)[11] == "済"


@pytest.mark.parametrize("key", ["1", "１"])
async def test_a_wrong_digit_is_corrected_by_typing_which_confirms_it(rig: Rig, key: str) -> None:
    rig.front_reader.misread = {0: 7}
    async with rig.running() as walk:
        await to_front_digits(walk)
        assert digits(walk)[0] == "7"
        await walk.press(key)
        assert digits(walk) == "18051420354173"
        assert marks(walk)[:2] == ["済", "^^"]
        assert "昭和18年5月14日" in said(walk, "#meaning")


async def test_backspace_goes_back_to_the_digit_before(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_front_digits(walk)
        await walk.press("9", "backspace")
        assert marks(walk)[:2] == ["^^", "  "]
        await walk.press("backspace", "1")
        assert digits(walk) == "18051420354173"


async def test_an_enter_that_is_held_down_or_meant_for_the_screen_before_confirms_nothing(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_front_digits(walk)
        for _ in range(20):
            rig.clock.wind(HELD_KEY_S / 3)
            await walk.press("enter")
        assert marks(walk)[0] == "^^"
        await confirm_digit(walk)
        for _ in range(20):
            rig.clock.wind(HELD_KEY_S / 3)
            await walk.press("enter")
        assert marks(walk)[:2] == ["済", "^^"]


async def test_digits_that_no_card_has_are_asked_about_once_more(rig: Rig) -> None:
    rig.front_reader.misread = {2: 9}
    async with rig.running() as walk:
        await to_front_digits(walk)
        assert "そのような日付はありません" in said(walk, "#meaning")
        for _ in range(14):
            await confirm_digit(walk)
        await walk.on(TroubleDialog)
        await walk.press("escape")
        await walk.on(FrontDigitsScreen)
        assert marks(walk) == ["^^", *["  "] * 13]
        assert walk.app.session.open_turn.typed_code is None
        await confirm_digit(walk)
        await confirm_digit(walk)
        await walk.press("0")
        for _ in range(11):
            await confirm_digit(walk)
        await walk.on(CardConfirmScreen)


async def test_esc_goes_back_to_typing_and_f4_to_the_camera_with_no_digit_left(rig: Rig) -> None:
    async with rig.running() as walk:
        screen = await to_front_digits(walk)
        check, cells = screen.check, list(screen.query(DigitCell))
        await walk.press("f4")
        await walk.on(CardFrontScreen)
        assert check is not None
        assert not any(check.reveal())
        await walk.press("escape")
        code = await walk.on(CardCodeScreen)
        assert not code.query_one(CodeEntry).take_digits()
        assert {cell.lines for cell in cells} == {("  ", "  ")}


async def test_a_card_that_ends_on_another_day_asks_about_the_birthday_first(rig: Rig) -> None:
    row = next(at for at, each in enumerate(rig.people) if Trait.FOREIGN_SHORT_TERM in each.traits)
    async with rig.running() as walk:
        screen = await to_front(walk, row)
        await walk.until(lambda: rig.front_reader.looks >= 3, "three frames")
        await walk.until(lambda: screen._is_proposed, "proposal")
        await walk.press("enter")
        await walk.on(FrontDigitsScreen)
        check = walk.app.session.open_turn.digit_check
        assert check is not None
        assert set(check.order[: len(check.doubtful)]) == check.doubtful
        assert check.doubtful & {2, 3, 4, 5}


async def test_no_error_log_or_name_of_a_widget_holds_a_digit(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    async with rig.running() as walk:
        screen = await to_front_digits(walk)
        code = person_of(walk).code_b
        held = (screen.check, walk.app.session.open_turn, *screen.walk_children())
        assert not [each for each in held if code in repr(each) or code[6:] in repr(each)]
    assert code not in caplog.text
