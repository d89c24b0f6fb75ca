"""Signing in, the day's list, and signing out."""

from __future__ import annotations

from textual.widgets import DataTable, Input, Static

from appliance.domain.outbox import OutboxState
from appliance.errors import StoreBusy
from appliance.ports import Button
from tests.screens.rig import PASSPHRASE, Rig, Walk
from tests.screens.walks import to_abandon, to_notice, to_passphrase, to_saved, to_staff, to_today
from tui.field.dialogs.dialog import Dialog
from tui.field.dialogs.loss import LossDialog
from tui.field.dialogs.trouble import TroubleDialog
from tui.field.screens.card_place import CardPlaceScreen
from tui.field.screens.notice import NoticeScreen
from tui.field.screens.sign_in import PassphraseScreen, StaffScreen
from tui.field.screens.today import TodayScreen


async def test_the_passphrase_is_masked_and_forgotten_at_once(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_passphrase(walk)
        field = walk.app.screen.query_one(Input)
        await walk.write(PASSPHRASE)
        assert field.password
        assert PASSPHRASE not in str(field.render_line(1).text)
        await walk.press("enter")
        await walk.until(lambda: field.value == "", "emptied")


async def test_a_wrong_passphrase_says_how_long_to_wait_and_takes_another_try(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_passphrase(walk)
        await walk.write("wrong")
        await walk.press("enter")
        dialog = await walk.on(TroubleDialog)
        assert "2 秒" in dialog_text(dialog)
        await walk.press("enter")
        await walk.on(PassphraseScreen)
        await walk.write(PASSPHRASE)
        await walk.press("enter")
        await walk.on(TodayScreen)
        assert rig.staff.tries == 2


async def test_an_empty_passphrase_asks_nothing(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_passphrase(walk)
        await walk.press("enter")
        assert rig.staff.tries == 0


async def test_only_training_shows_the_hint_and_the_banner() -> None:
    async with Rig(is_training=True).running() as walk:
        await to_passphrase(walk)
        assert len(walk.app.screen.query(".training")) == 1
        assert len(walk.app.screen.query("#training")) == 1
    async with Rig(is_training=False).running() as walk:
        await to_passphrase(walk)
        assert len(walk.app.screen.query(".training")) == 0
        assert len(walk.app.screen.query("#training")) == 0


async def test_esc_goes_back_to_the_names(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_passphrase(walk)
        await walk.press("escape")
        await walk.on(StaffScreen)


async def test_a_unit_without_staff_says_so(rig: Rig) -> None:
    rig.staff.names = list  # type: ignore[method-assign]
    async with rig.running() as walk:
        await walk.on(StaffScreen)
        await walk.until(lambda: walk.app.screen.query(".note"), "note")
        await walk.press("enter")
        await walk.on(StaffScreen)


async def test_the_head_shows_facility_era_and_western_date(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_today(walk)
        head = str(walk.app.screen.query_one("#where", Static).render())
        assert "特別養護老人ホームあさひ苑" in head
        assert "令和8年11月23日(月) 2026-11-23" in head


async def test_the_list_shows_room_name_kana_and_state(rig: Rig) -> None:
    async with rig.running((100, 30)) as walk:
        await to_today(walk)
        table = walk.app.screen.query_one(DataTable)
        assert table.row_count == 14
        assert table.get_row_at(0) == ["101", "見本　春江", "ミホン　ハルエ", "未"]


async def test_the_list_and_the_head_follow_the_store(rig: Rig) -> None:
    async with rig.running((100, 30)) as walk:
        await to_saved(walk)
        await walk.press("enter")
        await walk.on(TodayScreen)
        table = walk.app.screen.query_one(DataTable)
        for state, word in [
            (OutboxState.SENT, "送信済"),
            (OutboxState.ARRIVED, "到着確認"),
            (OutboxState.REFUSED, "要確認"),
        ]:
            rig.store.set_state(1, state)
            walk.app.poll_standing()
            await walk.until(lambda word=word: table.get_row_at(0)[3] == word, word)  # type: ignore[misc]
            assert f"{word} 1" in str(walk.app.screen.query_one("#counts", Static).render())


async def test_a_store_that_does_not_answer_is_said_and_stops_nothing(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_today(walk)
        rig.store.trouble_asking = StoreBusy()
        walk.app.poll_standing()
        counts = walk.app.screen.query_one("#counts", Static)
        await walk.until(lambda: "確認できません" in str(counts.render()), "unknown")
        await walk.press("enter")
        await walk.on(NoticeScreen)


async def test_signing_out_asks_first_and_forgets_the_roster(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_today(walk)
        await walk.press("escape")
        await walk.on(Dialog)
        await walk.press("1", "enter")
        await walk.on(TodayScreen)
        await walk.press("escape")
        await walk.on(Dialog)
        await walk.press("2", "enter")
        await walk.on(StaffScreen)
        assert walk.app.session.day is None
        await walk.until(lambda: ("signed_out", "staff-1") in rig.store.events, "audit")


async def test_the_three_big_buttons_are_enter_esc_and_help(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_notice(walk)
        rig.panel.press(Button.HELP)
        await walk.on(Dialog)
        rig.panel.press(Button.BACK)
        await walk.on(NoticeScreen)
        rig.panel.press(Button.NEXT)
        await walk.until(lambda: not isinstance(walk.app.screen, NoticeScreen), "next")


async def test_the_mouse_can_press_the_keys_at_the_foot(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_staff(walk)
        await walk.pilot.click(".for-next")
        await walk.on(PassphraseScreen)
        await walk.pilot.click(".for-back")
        await walk.on(StaffScreen)


async def test_the_loss_help_comes_from_anywhere_once(rig: Rig) -> None:
    async with rig.running() as walk:
        for way in (to_staff, to_today_from_staff, to_place_from_today):
            await way(walk)
            before = type(walk.app.screen)
            await walk.press("f9", "f9")
            assert "0120-95-0178" in dialog_text(await walk.on(Dialog))
            await walk.press("escape")
            await walk.until(lambda before=before: type(walk.app.screen) is before, "closed")  # type: ignore[misc]


async def test_the_loss_help_comes_over_a_dialog_too(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_abandon(walk)
        await walk.press("f9")
        await walk.until(lambda: isinstance(walk.app.screen, LossDialog), "loss")
        await walk.press("escape")
        await walk.until(lambda: not isinstance(walk.app.screen, LossDialog), "the question again")
        await walk.press("1", "enter")
        await walk.on(CardPlaceScreen)


async def to_today_from_staff(walk: Walk) -> None:
    await walk.press("enter")
    await walk.on(PassphraseScreen)
    await walk.write(PASSPHRASE)
    await walk.press("enter")
    await walk.on(TodayScreen)


async def to_place_from_today(walk: Walk) -> None:
    await walk.press("enter")
    await walk.on(NoticeScreen)


def dialog_text(dialog: Dialog) -> str:
    return "\n".join(dialog._paragraphs)
