"""Every way out of a person's turn wipes what it showed (design D4), and nothing ends in a traceback."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from appliance.ports import Lamp
from appliance.service.visit import CardShown
from tests.screens.face_walks import to_face
from tests.screens.rig import Rig, Walk
from tests.screens.walks import to_address, to_confirm, to_decision, to_save, to_saved, to_shown, to_today
from tui.catalogue import catalogue
from tui.field.dialogs.dialog import Dialog
from tui.field.messages import Go, Proceed
from tui.field.screens.card_shown import CardAddressScreen
from tui.field.screens.face import FaceScreen
from tui.field.screens.saved import SavedScreen, SaveScreen
from tui.field.screens.sign_in import StaffScreen
from tui.field.screens.today import TodayScreen
from tui.field.turn import Turn
from tui.widgets.picture import ChipPicture
from tui.widgets.prose import Prose

Ending = Callable[[Walk], Awaitable[object]]


async def abandon(walk: Walk) -> None:
    await walk.press("escape")
    await walk.on(Dialog)
    await walk.press("2", "enter")
    await walk.on(TodayScreen)


async def fall_idle(walk: Walk) -> None:
    walk.rig.clock.elapsed_s += 301
    walk.app.lock_when_idle()
    await walk.on(StaffScreen)


async def crash_in_a_worker(walk: Walk) -> None:
    walk.rig.face_engine.trouble = ZeroDivisionError("見本　春江")
    await walk.press("enter")
    await walk.on(Dialog)


async def leave_the_program(walk: Walk) -> None:
    await walk.press("ctrl+q")
    await walk.on(Dialog)
    await walk.press("2", "enter")
    await walk.until(lambda: not walk.app.is_running, "end")


async def be_terminated(walk: Walk) -> None:
    walk.app.exit()
    await walk.until(lambda: not walk.app.is_running, "end")


def is_wiped(shown: CardShown) -> bool:
    return not any(any(picture.grey) for picture in (shown.name, shown.address, shown.photo))


@pytest.mark.parametrize("ending", [abandon, fall_idle, crash_in_a_worker, leave_the_program, be_terminated])
async def test_it_wipes_the_pictures_and_forgets_the_turn(rig: Rig, ending: Ending) -> None:
    async with rig.running() as walk:
        await to_face(walk)
        turn = walk.app.session.open_turn
        shown = turn.shown
        widgets = list(walk.app.screen.query(ChipPicture))
        assert shown is not None
        assert not is_wiped(shown)
        await ending(walk)
        await walk.until(lambda: turn.is_over, "turn over")
        assert is_wiped(shown)
        assert turn.shown is None
        await walk.until(lambda: all(widget.is_wiped for widget in widgets), "wiped widgets")
    assert rig.store.rows == []


async def test_saving_and_going_on_wipes_too(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_saved(walk)
        turn = walk.app.session.open_turn
        shown = turn.shown
        assert shown is not None
        await walk.press("enter")
        await walk.on(TodayScreen)
        assert is_wiped(shown)
        assert walk.app.session.turn is None


@pytest.mark.parametrize("ending", [abandon, fall_idle, leave_the_program])
async def test_the_typed_code_is_wiped_too(rig: Rig, ending: Ending) -> None:
    async with rig.running() as walk:
        await to_confirm(walk)
        typed = walk.app.session.open_turn.typed_code
        assert typed is not None
        if ending is abandon:
            await walk.press("escape", "escape")
        await ending(walk)
        assert len(typed) == 0


async def test_the_code_is_gone_once_the_card_was_read(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_shown(walk)
        assert walk.app.session.open_turn.typed_code is None


async def test_a_screen_that_is_left_forgets_its_pictures(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_address(walk)
        widgets = list(walk.app.screen.query(ChipPicture))
        await walk.press("enter")
        await walk.until(lambda: all(widget.is_wiped for widget in widgets), "wiped widgets")


async def test_a_step_that_waits_behind_a_dialog_comes_when_the_dialog_goes(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_shown(walk)
        await walk.press("f1")
        await walk.on(Dialog)
        walk.app.post_message(Proceed())
        await walk.pilot.pause()
        await walk.on(Dialog)
        await walk.press("enter")
        await walk.on(FaceScreen)


async def test_the_program_can_end_while_a_step_waits_behind_a_dialog(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_shown(walk)
        turn = walk.app.session.open_turn
        await walk.press("f1")
        await walk.on(Dialog)
        walk.app.post_message(Proceed())
        await walk.pilot.pause()
    assert turn.is_over


async def test_a_screen_that_comes_after_its_turn_ended_is_not_shown(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_shown(walk)
        late = CardAddressScreen(walk.app.session)
        await fall_idle(walk)
        walk.app.post_message(Go(late))
        walk.app.post_message(Proceed())
        await walk.pilot.pause()
        await walk.on(StaffScreen)


async def test_keys_that_come_while_the_program_closes_do_no_harm(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_today(walk)
        walk.app.exit()
        for _ in range(20):
            walk.app.simulate_key("enter")
    assert walk.app.return_code == 0


async def test_abandoning_can_be_taken_back(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_face(walk)
        await walk.press("escape")
        await walk.on(Dialog)
        await walk.press("escape")
        await walk.on(FaceScreen)
        assert not walk.app.session.open_turn.is_over


async def test_an_abandoned_turn_leaves_no_record_and_no_lamp(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_decision(walk)
        await abandon(walk)
        assert rig.store.rows == []
        assert rig.panel.lit == frozenset()


async def test_keys_keep_the_screen_open(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_today(walk)
        rig.clock.elapsed_s += 299
        await walk.press("down")
        rig.clock.elapsed_s += 299
        walk.app.lock_when_idle()
        await walk.on(TodayScreen)


async def test_the_lock_says_why_and_signs_out(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_today(walk)
        await walk.press("f1")
        await walk.on(Dialog)
        await fall_idle(walk)
        assert "操作がなかった" in walk.app.screen.query_one(".note", Prose).text
        assert walk.app.session.day is None
        await walk.until(lambda: ("signed_out", "staff-1") in rig.store.events, "audit")


async def test_the_lock_waits_for_a_record_that_is_being_committed(rig: Rig) -> None:
    async with rig.running() as walk:
        screen = await to_save(walk)
        screen._is_saving = True
        rig.clock.elapsed_s += 301
        walk.app.lock_when_idle()
        await walk.on(SaveScreen)
        screen._is_saving = False
        await walk.press("enter")
        await walk.on(SavedScreen)


async def test_an_unforeseen_error_shows_its_class_only_and_is_noted_without_data(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_face(walk)
        await crash_in_a_worker(walk)
        told = "".join(prose.text for prose in walk.app.screen.query(Prose))
        assert "ZeroDivisionError" in told
        assert "春江" not in told
        assert Lamp.ATTENTION in rig.panel.lit
        await walk.until(
            lambda: ("unexpected", "ZeroDivisionError in compare_face") in rig.store.events, "audit"
        )
        await walk.press("enter")
        await walk.on(TodayScreen)


async def run_into_a_mistake(rig: Rig, turns: list[Turn], said: list[str]) -> None:
    async with rig.running() as walk:
        await to_shown(walk)
        turns.append(walk.app.session.open_turn)

        def fail() -> None:
            raise ZeroDivisionError

        walk.app.call_later(fail)
        await walk.until(lambda: walk.app._exit_renderables, "end")
        said.extend(str(renderable) for renderable in walk.app._exit_renderables)


async def test_a_mistake_in_the_program_ends_it_with_one_line_and_no_variables(rig: Rig) -> None:
    turns: list[Turn] = []
    said: list[str] = []
    with pytest.raises(ZeroDivisionError):
        await run_into_a_mistake(rig, turns, said)
    assert said == [catalogue("ja")("crash.line")]
    assert turns[0].is_over


async def test_help_names_the_keys_of_every_screen(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_today(walk)
        await walk.press("f1")
        dialog = await walk.on(Dialog)
        told = "".join(prose.text for prose in dialog.query(Prose))
        assert all(key in told for key in ("Enter", "Esc", "F1", "F3", "F9"))
