"""Several readers: none is read while two hold a card, and staff choose one for the day (hazard H14)."""

from __future__ import annotations

from dataclasses import replace

from tests.screens.rig import Rig, Walk
from tests.screens.trouble_walks import to_no_reader, to_readers, to_several_cards
from tests.screens.walks import to_card_place
from tui.field.dialogs.dialog import Dialog
from tui.field.dialogs.readers import ReadersDialog
from tui.field.screens.card_place import CardPlaceScreen
from tui.field.screens.notice import CardConsentScreen, ConsentGiverScreen, FaceConsentScreen, NoticeScreen
from tui.field.screens.today import TodayScreen
from tui.widgets.choices import Choices
from tui.widgets.prose import Prose


def said(walk: Walk, selector: str) -> str:
    return walk.app.screen.query_one(selector, Prose).text


def is_sighted(walk: Walk) -> bool:
    return walk.app.session.open_turn.sighting is not None


async def test_of_several_cards_none_is_read_and_the_screen_goes_on_when_one_is_left(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_several_cards(walk)
        assert "2 枚" in said(walk, "#reader")
        await walk.press("enter")
        await walk.on(CardPlaceScreen)
        assert not is_sighted(walk)
        assert rig.reader.trace == rig.second_reader.trace == ()
        rig.second_reader.remove()
        await walk.until(lambda: is_sighted(walk), "sighted")
        assert "マイナンバーカードが置かれています" in said(walk, "#reader")


async def test_one_of_several_readers_is_chosen_for_the_day(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_several_cards(walk)
        await walk.press("f4")
        dialog = await walk.on(ReadersDialog)
        rows = [row.query_one(".label", Prose).text for row in dialog.query("ChoiceRow")]
        assert rows[1:] == ["Contact reader 00 00（カードあり）", "Contactless reader 01 00（カードあり）"]
        await walk.press("3", "enter")
        await walk.on(CardPlaceScreen)
        await walk.until(lambda: is_sighted(walk), "sighted")
        assert rig.readers.chosen == "Contactless reader 01 00"
        assert "Contactless reader 01 00" in said(walk, "#used")
        assert rig.reader.trace == ()
        rig.second_reader.remove()
        await walk.until(lambda: "待っています" in said(walk, "#reader"), "the other card is not looked at")


async def test_a_chosen_reader_stays_chosen_until_staff_sign_out(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_readers(walk)
        await walk.press("2", "enter")
        await walk.until(lambda: rig.readers.chosen == "Contact reader 00 00", "chosen")
        await to_next_turn(walk)
        assert "Contact reader 00 00" in said(walk, "#used")
        await walk.press("f4")
        dialog = await walk.on(ReadersDialog)
        assert dialog.query_one(Choices).chosen == "Contact reader 00 00"
        await walk.press("escape")
        walk.app._sign_out("")
        await walk.until(lambda: rig.readers.chosen == "", "forgotten")


async def to_next_turn(walk: Walk) -> None:
    await walk.on(CardPlaceScreen)
    await walk.press("escape")
    await walk.on(Dialog)
    await walk.press("2", "enter")
    await walk.on(TodayScreen)
    await to_card_place_from_today(walk)


async def to_card_place_from_today(walk: Walk) -> None:
    for screen in (NoticeScreen, CardConsentScreen, FaceConsentScreen, ConsentGiverScreen, CardPlaceScreen):
        await walk.press("enter")
        await walk.on(screen)


async def test_a_reader_that_is_let_go_of_by_its_cable_can_be_changed(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_readers(walk)
        await walk.press("2", "enter")
        await walk.until(lambda: rig.readers.chosen, "chosen")
        await walk.until(lambda: is_sighted(walk), "sighted anew")
        rig.reader.unplug()
        await walk.until(lambda: "つながっていません" in said(walk, "#reader"), "no reader")
        await walk.press("f4")
        dialog = await walk.on(ReadersDialog)
        assert len(dialog.query("ChoiceRow")) == 2
        await walk.press("1", "enter")
        await walk.until(lambda: "待っています" in said(walk, "#reader"), "the other reader")


async def test_without_any_reader_the_choice_says_so(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_no_reader(walk)
        await walk.press("f4")
        dialog = await walk.on(ReadersDialog)
        assert "つながっていません" in dialog.query_one(".paragraph", Prose).text
        await walk.press("enter")
        await walk.on(CardPlaceScreen)
        assert rig.readers.chosen == ""


async def test_a_unit_with_one_reader_alone_offers_no_choice(rig: Rig) -> None:
    rig.unit = replace(rig.unit, readers=None)
    async with rig.running() as walk:
        await to_card_place(walk)
        assert not walk.app.screen.query(".for-readers")
        await walk.press("f4")
        await walk.on(CardPlaceScreen)
