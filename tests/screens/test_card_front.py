"""The camera on the card's front: what may be seen of it, what is said, and that typing is a key away at every moment (R03, R04)."""

from __future__ import annotations

import pytest

from appliance.domain.enrollment import VisitState
from appliance.domain.front_sight import FrontSide
from appliance.errors import (
    CameraSilent,
    CardReadingMissing,
    CardReadingSilent,
    DiskFull,
    NoCamera,
    UnitError,
)
from appliance.ports import Button
from tests.screens.front_walks import (
    to_front_back,
    to_front_digits,
    to_front_done,
    to_front_in_trouble,
    to_front_missing,
    to_front_of,
    to_front_reading,
    until_blank,
)
from tests.screens.rig import Rig, Walk
from tests.screens.walks import person_of, to_card_place, to_code, to_code_typed
from tui.field.dialogs.dialog import Dialog
from tui.field.dialogs.trouble import TroubleDialog
from tui.field.messages import FrontSeen
from tui.field.screens.card_code import CardCodeScreen
from tui.field.screens.card_front import CardFrontScreen
from tui.field.screens.front_digits import FrontDigitsScreen
from tui.field.screens.today import TodayScreen
from tui.widgets.code_entry import CodeEntry
from tui.widgets.key_bar import KeyPlate
from tui.widgets.picture import ChipPhoto
from tui.widgets.prose import Prose


def said(walk: Walk, selector: str) -> str:
    return walk.app.screen.query_one(selector, Prose).text


def is_blank(screen: CardFrontScreen) -> bool:
    """Whether no cell of the preview's place comes from a picture."""
    return screen.query_one(ChipPhoto).is_wiped and not screen.query_one(ChipPhoto).display


def plates(walk: Walk) -> str:
    return " ".join(str(plate.render()) for plate in walk.app.screen.query(KeyPlate))


async def test_the_camera_is_offered_where_the_code_is_typed_and_costs_nothing_until_it_is_chosen(
    rig: Rig,
) -> None:
    async with rig.running() as walk:
        await to_code_typed(walk)
        assert "F4 カメラ" in plates(walk)
        await walk.press("enter")
    assert (rig.front_reader.looks, rig.front_reader.forgotten, rig.camera.taken) == (0, 0, 0)


async def test_a_front_is_shown_in_full_while_it_is_read(rig: Rig) -> None:
    async with rig.running() as walk:
        screen = await to_front_reading(walk)
        assert screen.query_one(ChipPhoto).display
        assert not screen.query_one(ChipPhoto).is_wiped
        assert not screen.query_one("#blank").display
        assert "読んでいます" in said(walk, "#hint")
        assert "候補" in said(walk, "#about")


@pytest.mark.parametrize("side", [FrontSide.BACK, FrontSide.UNCLEAR])
async def test_nothing_of_a_back_or_of_a_side_that_is_not_sure_reaches_the_screen(
    rig: Rig, side: FrontSide
) -> None:
    rig.front_reader.doubtful = {0}
    async with rig.running() as walk:
        screen = await to_front_of(walk, side)
        assert is_blank(screen)
        assert rig.camera.lent is not None
        assert not any(rig.camera.lent.rgb), "the frame was not overwritten"
        shown = "".join(segment.text for strip in screen._compositor.render_strips() for segment in strip)
        assert not set(shown) & set("▘▝▀▖▌▞▛▗▚▐▜▄▙▟█") - {"█", "▌", "▐"}


async def test_a_back_says_to_turn_the_card_over_and_leaves_the_proposal_as_it_is(rig: Rig) -> None:
    rig.front_reader.doubtful = {0}
    async with rig.running() as walk:
        await to_front_back(walk)
        assert "表に返してください" in said(walk, "#blank")
        assert "裏です" in said(walk, "#hint")
        assert walk.app.screen.query("#hint.-attention")
        await walk.press("enter")
        await walk.on(FrontDigitsScreen)


async def test_without_a_card_the_room_is_shown_coarsely(rig: Rig) -> None:
    rig.front_reader.doubtful = {0}
    async with rig.running() as walk:
        screen = await to_front_reading(walk)
        rig.front_reader.take_away()
        hint = walk.app.session.texts("card_front.hint.show_card")
        await walk.until(lambda: said(walk, "#hint") == hint, "no card")
        assert screen.query_one(ChipPhoto).display


async def test_once_no_digit_is_doubtful_it_stops_looking_and_shows_nothing_of_the_card(rig: Rig) -> None:
    async with rig.running() as walk:
        screen = await to_front_done(walk)
        looks = rig.front_reader.looks
        assert is_blank(screen)
        assert "Enter" in said(walk, "#hint")
        for _ in range(20):
            await walk.pilot.pause()
        assert rig.front_reader.looks == looks
        assert isinstance(walk.app.screen, CardFrontScreen), "went on without a person"


async def test_enter_before_anything_was_read_says_so_and_stays(rig: Rig) -> None:
    async with rig.running() as walk:
        screen = await to_front_in_trouble(walk)
        await walk.press("enter")
        assert "まだ" in said(walk, "#about")
        assert walk.app.screen is screen


@pytest.mark.parametrize(
    "trouble", [NoCamera(), CameraSilent(2.5), CardReadingSilent(5.0)], ids=lambda each: type(each).__name__
)
async def test_a_trouble_is_told_in_place_and_passes_by_itself(rig: Rig, trouble: UnitError) -> None:
    async with rig.running() as walk:
        await to_code(walk)
        if isinstance(trouble, CardReadingSilent):
            rig.front_reader.trouble = trouble
        else:
            rig.camera.trouble = trouble
        await walk.press("f4")
        screen = await walk.on(CardFrontScreen)
        await until_blank(walk, screen, "trouble")
        assert screen.query("#hint.-attention")
        assert is_blank(screen)
        assert "Esc" in said(walk, "#about")
        rig.camera.trouble = rig.front_reader.trouble = None
        screen._look()
        await until_blank(walk, screen, "done")


async def test_a_missing_engine_is_said_once_and_the_camera_is_not_offered_again(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_front_missing(walk)
        await walk.press("enter")
        await walk.on(CardCodeScreen)
        assert "F4" not in plates(walk)
        await walk.press("f4")
        assert isinstance(walk.app.screen, CardCodeScreen)
        await walk.write(person_of(walk).code_b)
        assert walk.app.screen.query_one(CodeEntry).is_complete


async def test_another_trouble_than_the_cameras_is_a_question_that_leads_to_typing(rig: Rig) -> None:
    async with rig.running() as walk:
        screen = await to_front_done(walk)
        screen.meet(DiskFull(0))
        await walk.on(TroubleDialog)
        await walk.press("enter")
        await walk.on(CardCodeScreen)
        assert "F4" in plates(walk)


@pytest.mark.parametrize("way", [to_front_done, to_front_reading, to_front_back, to_front_in_trouble])
async def test_esc_goes_back_to_typing_from_every_state_with_nothing_left(rig: Rig, way: object) -> None:
    async with rig.running() as walk:
        screen = await way(walk)  # type: ignore[operator]
        preview = screen.query_one(ChipPhoto)
        await walk.press("escape")
        code = await walk.on(CardCodeScreen)
        assert not code.query_one(CodeEntry).take_digits()
        assert rig.front_reader.forgotten >= 1
        assert all(proposal.reveal() == b"" for proposal in rig.front_reader.proposals)
        await walk.until(lambda: preview.is_wiped, "wiped preview")


async def test_the_three_buttons_lead_on_and_back(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_front_done(walk)
        rig.panel.press(Button.HELP)
        await walk.on(Dialog)
        rig.panel.press(Button.BACK)
        await walk.on(CardFrontScreen)
        rig.panel.press(Button.NEXT)
        await walk.on(FrontDigitsScreen)
        rig.panel.press(Button.BACK)
        await walk.on(CardCodeScreen)


async def test_in_training_a_hand_holds_the_card_up_turns_it_over_and_puts_it_down(rig: Rig) -> None:
    rig.front_reader.doubtful = {0}
    async with rig.running() as walk:
        screen = await to_front_reading(walk)
        await walk.press("f2")
        await until_blank(walk, screen, "back")
        await walk.press("f2")
        await walk.until(lambda: screen.query_one(ChipPhoto).display, "front")
        await walk.press("escape")
        await walk.on(CardCodeScreen)
        await walk.until(lambda: rig.front_reader._printed is None, "card put down")


async def test_a_unit_in_service_shows_no_training_words() -> None:
    rig = Rig(is_training=False)
    async with rig.running() as walk:
        await to_front_without_a_hand(walk)
        assert not walk.app.screen.query(".training")
        await walk.press("f2")
        assert isinstance(walk.app.screen, CardFrontScreen)


async def to_front_without_a_hand(walk: Walk) -> None:
    place = await to_card_place(walk)
    walk.rig.hand.put_card(place.turn.entry.person)
    await walk.until(lambda: place.turn.sighting, "sighted card")
    await walk.press("enter")
    await walk.on(CardCodeScreen)
    await walk.press("f4")
    await walk.on(CardFrontScreen)


async def test_the_end_of_the_turn_wipes_what_was_proposed(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_front_done(walk)
        visit = walk.app.session.open_turn.visit
        assert visit.enrollment.state is VisitState.CARD
        walk.app._end_turn()
        await walk.on(TodayScreen)
        assert rig.front_reader.proposals
        assert all(proposal.reveal() == b"" for proposal in rig.front_reader.proposals)


async def test_an_idle_lock_wipes_proposal_and_check(rig: Rig) -> None:
    async with rig.running() as walk:
        screen = await to_front_digits(walk)
        check = screen.check
        assert check is not None
        rig.clock.wind(301)
        walk.app.lock_when_idle()
        await walk.until(lambda: walk.app.session.turn is None, "locked")
        assert not any(check.reveal())


async def test_a_look_that_comes_after_the_screen_was_left_shows_nothing(rig: Rig) -> None:
    async with rig.running() as walk:
        screen = await to_front_done(walk)
        preview = screen.query_one(ChipPhoto)
        await walk.press("escape")
        await walk.on(CardCodeScreen)
        with walk.app.session.open_turn.visit.look_at_front() as late:
            screen.on_front_seen(FrontSeen(late))
            assert preview.is_wiped


async def test_the_missing_engine_is_named_with_its_next_step(rig: Rig) -> None:
    rig.front_reader.trouble = CardReadingMissing("jpn", "tesseract-ocr-jpn")
    async with rig.running() as walk:
        await to_code(walk)
        await walk.press("f4")
        dialog = await walk.on(Dialog)
        assert "番号を入力してください" in "\n".join(prose.text for prose in dialog.query(Prose))
