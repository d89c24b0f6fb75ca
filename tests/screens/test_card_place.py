"""Every kind of card and every state of the reader has its calm screen and a way on (R07)."""

from __future__ import annotations

import pytest

from appliance.card.tries import TRIES_MARGIN
from appliance.domain.decision import DecisionOutcome, VisualCheckReason
from appliance.domain.enrollment import CardNotRead, Enrollment, VisitState
from appliance.errors import (
    CardBusy,
    CardSilent,
    ReaderSilent,
    StoreBusy,
    UnitError,
)
from appliance.service.outcomes import advise
from appliance.simulated.card.files import ApplicationName
from appliance.simulated.card.simulated_card import SimulatedCard
from appliance.simulated.handed_over import CardOrder, Kind
from appliance.simulated.people import TrainingPerson
from appliance.simulated.personalisation import Personaliser
from tests.screens.rig import Rig, Walk
from tests.screens.trouble_walks import (
    put,
    to_blocked,
    to_decision_unsupported,
    to_no_reader,
    to_trouble_with,
)
from tests.screens.walks import to_card_place
from tui.field.dialogs.trouble import TroubleDialog
from tui.field.messages import Troubled
from tui.field.screens.card_pass import CardPassScreen
from tui.field.screens.card_place import CardPlaceScreen
from tui.field.screens.decision import DecisionScreen, VisualReasonScreen
from tui.field.screens.programme import AdviceScreen
from tui.widgets.choices import Choices
from tui.widgets.prose import Prose


def said(walk: Walk, selector: str) -> str:
    return walk.app.screen.query_one(selector, Prose).text


def enrollment_of(walk: Walk) -> Enrollment:
    return walk.app.session.open_turn.visit.enrollment


def is_sighted(walk: Walk) -> bool:
    return walk.app.session.open_turn.sighting is not None


CODE_B = 0x12
"""File of code B's counter in the surface application (card.md §7)."""

OTHERS = {
    Kind.OLD_RESIDENT_CARD: "ForeignCard",
    Kind.ANDROID: "ForeignCard",
    Kind.IPHONE: "ForeignCard",
    Kind.RESIDENCE_CARD: "ResidenceCard",
    Kind.TRANSPORT: "ForeignCard",
    Kind.BANK: "ForeignCard",
}
"""In the outreach profile JPKI is out of reach, so old resident cards and phones have nothing that tells their kind."""


@pytest.mark.parametrize(("kind", "name"), OTHERS.items(), ids=str)
async def test_another_card_asks_for_the_right_one_or_goes_on_without(
    rig: Rig, kind: Kind, name: str
) -> None:
    async with rig.running() as walk:
        dialog = await to_trouble_with(walk, kind)
        assert type(dialog.error).__name__ == name
        await walk.press("2", "enter")
        await walk.on(CardPassScreen)
        assert walk.app.screen.query_one(Choices).chosen is CardNotRead.NOT_SUPPORTED
        await walk.press("enter")
        await walk.on(DecisionScreen)
        await walk.press("1", "enter")
        await walk.on(VisualReasonScreen)
        assert walk.app.screen.query_one(Choices).chosen is VisualCheckReason.CARD_NOT_SUPPORTED


async def test_another_card_is_put_in_its_place_and_the_visit_goes_on(rig: Rig) -> None:
    async with rig.running() as walk:
        dialog = await to_trouble_with(walk, Kind.TRANSPORT)
        advice = advise(dialog.error, "ja")
        await walk.press("1", "enter")
        screen = await walk.on(CardPlaceScreen)
        assert (said(walk, "#reader"), said(walk, "#tries")) == (advice.says, advice.next_step)
        assert screen.query_one("#reader").has_class("-attention")
        rig.reader.remove()
        await walk.until(lambda: "待っています" in said(walk, "#reader"), "empty")
        await walk.press("f2")
        await walk.until(lambda: is_sighted(walk), "sighted")
        assert not screen.query_one("#reader").has_class("-attention")


async def test_the_right_card_closes_the_question_about_the_wrong_one(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_trouble_with(walk, Kind.BANK)
        rig.reader.remove()
        await walk.press("f2")
        await walk.on(CardPlaceScreen)
        await walk.until(lambda: is_sighted(walk), "sighted")
        assert "マイナンバーカードが置かれています" in said(walk, "#reader")


async def test_an_integrated_residence_card_goes_to_the_eyes_with_its_own_reason(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_decision_unsupported(walk)
        assert enrollment_of(walk).card is CardNotRead.INTEGRATED_RESIDENCE_CARD
        assert "特定在留カード" in said(walk, "#facts .state")
        await walk.press("1", "enter")
        await walk.on(VisualReasonScreen)
        await walk.press("enter")
        await walk.on(AdviceScreen)
        decision = enrollment_of(walk).decision
        assert decision is not None
        assert (decision.outcome, decision.reason) == (
            DecisionOutcome.VISUAL_CHECK,
            VisualCheckReason.CARD_NOT_SUPPORTED,
        )


async def test_the_question_about_an_integrated_card_can_be_closed(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_trouble_with(walk, Kind.INTEGRATED_RESIDENCE_CARD)
        await walk.press("escape")
        await walk.on(CardPlaceScreen)
        assert enrollment_of(walk).state is VisitState.CARD
        assert "特定在留カード" in said(walk, "#reader")


async def test_a_blocked_card_is_told_before_anybody_types_its_code(rig: Rig) -> None:
    async with rig.running() as walk:
        dialog = await to_blocked(walk)
        assert type(dialog.error).__name__ == "CardBlocked"
        await walk.press("enter")
        await walk.on(CardPassScreen)
        assert walk.app.screen.query_one(Choices).chosen is CardNotRead.BLOCKED


@pytest.mark.parametrize("left", range(TRIES_MARGIN + 2))
async def test_a_nearly_used_card_is_told_as_soon_as_it_lies_there(rig: Rig, left: int) -> None:
    async with rig.running() as walk:
        await to_card_place(walk)
        rig.reader.insert(card_with_tries(rig.people[0], left))
        if left > TRIES_MARGIN:
            await walk.until(lambda: is_sighted(walk), "sighted")
            assert f"残り {left} 回" in said(walk, "#tries")
        else:
            dialog = await walk.on(TroubleDialog)
            assert type(dialog.error).__name__ == ("TriesNearlyUsed" if left else "CardBlocked")
            assert not is_sighted(walk)


def card_with_tries(person: TrainingPerson, left: int) -> SimulatedCard:
    card = CardOrder(person.id).card(Personaliser())
    card.state.tries_left[ApplicationName.SURFACE, CODE_B] = left
    return card


@pytest.mark.parametrize(
    "error", [CardSilent(), CardBusy(), ReaderSilent(10.0)], ids=lambda error: type(error).__name__
)
async def test_a_card_that_cannot_be_asked_is_asked_again_only_when_staff_say_so(
    rig: Rig, error: UnitError
) -> None:
    async with rig.running() as walk:
        await to_card_place(walk)
        rig.reader.trouble = error
        put(walk, Kind.MY_NUMBER_CARD)
        await walk.on(TroubleDialog)
        rig.reader.trouble = None
        await walk.press("escape")
        await walk.on(CardPlaceScreen)
        assert said(walk, "#reader") == advise(error, "ja").says
        assert not is_sighted(walk)
        await walk.press("enter")
        await walk.until(lambda: is_sighted(walk), "sighted")


async def test_going_on_without_a_card_that_cannot_be_asked_says_so(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_card_place(walk)
        rig.reader.trouble = ReaderSilent(10.0)
        put(walk, Kind.MY_NUMBER_CARD)
        await walk.on(TroubleDialog)
        await walk.press("2", "enter")
        await walk.on(CardPassScreen)
        assert walk.app.screen.query_one(Choices).chosen is CardNotRead.UNREADABLE


async def test_without_a_reader_there_is_a_way_on(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_no_reader(walk)
        await walk.press("enter")
        await walk.on(CardPlaceScreen)
        await walk.press("f3")
        await walk.on(CardPassScreen)


async def test_a_trouble_of_another_part_says_nothing_about_the_card(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_card_place(walk)
        await walk.press("f2")
        await walk.until(lambda: is_sighted(walk), "sighted")
        walk.app.post_message(Troubled(StoreBusy()))
        await walk.on(TroubleDialog)
        await walk.press("enter")
        await walk.on(CardPlaceScreen)
        assert is_sighted(walk)
        assert "マイナンバーカードが置かれています" in said(walk, "#reader")
