"""The code and the reading: confirmed in both calendars, masked and wiped, shown as it goes, stopped between two commands."""

from __future__ import annotations

import logging

import pytest
from textual.widgets import ProgressBar

from appliance.domain.enrollment import CardNotRead, Enrollment, VisitState
from appliance.errors import (
    ForeignCard,
    IntegratedResidenceCard,
)
from appliance.simulated.handed_over import Kind
from tests.screens.rig import Rig, Walk
from tests.screens.trouble_walks import to_shown_unknown, to_wrong_code, wrong_code_of
from tests.screens.walks import person_of, to_code, to_confirm, to_confirm_in_two_eras, to_reading
from tui.field.dialogs.trouble import TroubleDialog
from tui.field.screens.card_code import CardCodeScreen
from tui.field.screens.card_confirm import CardConfirmScreen
from tui.field.screens.card_pass import CardPassScreen
from tui.field.screens.card_place import CardPlaceScreen
from tui.field.screens.card_reading import CardReadingScreen
from tui.field.screens.card_shown import Answer, CardShownScreen
from tui.field.screens.decision import DecisionScreen
from tui.widgets.prose import Prose


def said(walk: Walk, selector: str) -> str:
    return walk.app.screen.query_one(selector, Prose).text


def everything_said(walk: Walk) -> str:
    return "\n".join(prose.text for screen in walk.app.screen_stack for prose in screen.query(Prose))


def enrollment_of(walk: Walk) -> Enrollment:
    return walk.app.session.open_turn.visit.enrollment


def is_sighted(walk: Walk) -> bool:
    return walk.app.session.open_turn.sighting is not None


async def test_both_calendars_and_every_era_are_shown_while_staff_confirm(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_confirm_in_two_eras(walk)
        shown = said(walk, "#birth")
        for date in (
            "大正13年3月3日（1924-03-03）",
            "昭和13年3月3日（1938-03-03）",
            "平成13年3月3日（2001-03-03）",
        ):
            assert date in shown
        assert "1 3 0 3 0 3" in shown
        assert walk.app.screen.query_one("#era").display


async def test_one_era_alone_needs_no_words_about_eras(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_code(walk)
        # No other era has a 63rd year that somebody born in it can still live through.
        await walk.write("63010520300001")
        await walk.press("enter")
        await walk.on(CardConfirmScreen)
        assert "昭和63年1月5日（1988-01-05）" in said(walk, "#birth")
        assert not walk.app.screen.query_one("#era").display


async def test_no_digit_is_left_on_any_screen_after_the_confirmation(rig: Rig) -> None:
    async with rig.running() as walk:
        confirm = await to_confirm(walk)
        digits = person_of(walk).code_b
        rig.reader.halt_before = 20
        await walk.press("enter")
        await walk.on(CardReadingScreen)
        await walk.until(rig.reader.halted.is_set, "halt")
        assert "******   ****   ****" in everything_said(walk)
        assert not any(part in without_spaces(everything_said(walk)) for part in (digits[:6], digits[10:]))
        assert not any(character.isdigit() for prose in confirm.query(Prose) for character in prose.text)
        rig.reader.go_on.set()
        await walk.on(CardShownScreen)
        assert walk.app.session.open_turn.typed_code is None
        assert digits[10:] not in without_spaces(everything_said(walk))


def without_spaces(text: str) -> str:
    return text.replace(" ", "")


async def test_neither_log_nor_repr_nor_message_holds_the_code(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with rig.running() as walk:
        await to_wrong_code(walk)
        error = (await walk.on(TroubleDialog)).error
        wrong = wrong_code_of(person_of(walk))
        turn = walk.app.session.open_turn
        texts = [caplog.text, repr(error), str(error), repr(turn), repr(walk.app.session)]
        texts += [f"{event} {detail}" for event, detail in rig.store.events]
        assert not any(wrong in text or wrong[10:] in text for text in texts)


async def test_the_bar_shows_how_far_the_reading_is(rig: Rig) -> None:
    async with rig.running() as walk:
        screen = await to_reading(walk)
        bar = screen.query_one(ProgressBar)
        await walk.until(lambda: bar.percentage is not None and 0.2 < bar.percentage < 1, "progress")
        rig.reader.go_on.set()
        await walk.on(CardShownScreen)


@pytest.mark.parametrize("halt_before", [0, 3, 12, 30])
async def test_a_reading_is_stopped_between_two_commands_and_can_begin_again(
    rig: Rig, halt_before: int
) -> None:
    async with rig.running() as walk:
        await to_reading(walk, halt_before)
        await walk.press("escape", "escape")
        await walk.until(lambda: "中止しています" in said(walk, "#about"), "heard")
        rig.reader.go_on.set()
        dialog = await walk.on(TroubleDialog)
        assert type(dialog.error).__name__ == "ReadingCancelled"
        assert enrollment_of(walk).state is VisitState.CARD
        await walk.press("1", "enter")
        await walk.on(CardPlaceScreen)
        await walk.until(lambda: is_sighted(walk), "sighted")
        await walk.press("enter")
        await walk.on(CardCodeScreen)
        # What was typed is kept, but a try still needs a person's confirmation.
        await walk.press("enter")
        await walk.on(CardConfirmScreen)
        await walk.press("enter")
        await walk.on(CardShownScreen)


async def test_a_stopped_reading_may_also_end_without_the_card(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_reading(walk)
        await walk.press("escape")
        rig.reader.go_on.set()
        await walk.on(TroubleDialog)
        await walk.press("2", "enter")
        await walk.on(CardPassScreen)
        await walk.press("enter")
        await walk.on(DecisionScreen)
        assert enrollment_of(walk).card is CardNotRead.UNREADABLE
        assert walk.app.session.open_turn.typed_code is None


@pytest.mark.parametrize(
    ("kind", "way"), [(Kind.TRANSPORT, CardPassScreen), (Kind.INTEGRATED_RESIDENCE_CARD, DecisionScreen)]
)
async def test_another_card_at_the_moment_of_reading_forgets_the_code(
    rig: Rig, kind: Kind, way: type[CardPassScreen | DecisionScreen]
) -> None:
    async with rig.running() as walk:
        await to_confirm(walk)
        rig.reader.trouble = {
            Kind.TRANSPORT: ForeignCard(),
            Kind.INTEGRATED_RESIDENCE_CARD: IntegratedResidenceCard(),
        }[kind]
        await walk.press("enter")
        await walk.on(TroubleDialog)
        assert walk.app.session.open_turn.typed_code is None
        await walk.press("2" if way is CardPassScreen else "1", "enter")
        await walk.on(way)


async def test_without_an_issuer_key_genuine_is_unknown_and_staff_are_told_what_that_means(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_shown_unknown(walk)
        genuine, in_term, revocation = walk.app.screen.query(Answer)
        assert genuine.query_one(".said", Prose).text == "分かりません"
        assert "にせ物の意味ではありません" in genuine.query_one(".means", Prose).text
        assert genuine.has_class("-unknown")
        assert not genuine.has_class("-attention")
        assert revocation.has_class("-open")
        assert not in_term.classes & {"-unknown", "-attention", "-open"}


async def test_date_and_security_code_are_said_to_be_outside_the_signature(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_shown_unknown(walk)
        _, in_term, _ = walk.app.screen.query(Answer)
        ground = in_term.query_one(".means", Prose).text
        assert "令和17年5月14日（2035-05-14）" in ground
        assert "期限とセキュリティコードは署名の対象外" in ground
