"""Any keys at any time, resizes and pasted Japanese: nothing unhandled, every state legal, no try without a confirmation (F5)."""

from __future__ import annotations

import random

import pytest
from textual import events
from textual.screen import ModalScreen
from textual.widgets import Input

from appliance.domain.enrollment import VisitState
from appliance.domain.face_advice import FaceBand
from tests.screens.overflow import overflows
from tests.screens.rig import PASSPHRASE, SIZES, Rig, Walk
from tests.screens.walks import to_passphrase
from tui.field.screens.card_code import CardCodeScreen
from tui.field.screens.card_confirm import CardConfirmScreen
from tui.field.screens.card_front import CardFrontScreen
from tui.field.screens.card_pass import CardPassScreen
from tui.field.screens.card_place import CardPlaceScreen
from tui.field.screens.card_reading import CardReadingScreen
from tui.field.screens.card_shown import CardAddressScreen, CardShownScreen
from tui.field.screens.decision import DecisionScreen, VisualReasonScreen
from tui.field.screens.face import FaceAdviceScreen, FacePassScreen, FaceScreen
from tui.field.screens.front_digits import FrontDigitsScreen
from tui.field.screens.liveness import (
    LivenessResultScreen,
    LivenessScreen,
    LivenessSkipScreen,
    LivenessWayScreen,
)
from tui.field.screens.notice import CardConsentScreen, ConsentGiverScreen, FaceConsentScreen, NoticeScreen
from tui.field.screens.programme import (
    AdviceScreen,
    AdviceStepsScreen,
    ChannelScreen,
    FaceMarkScreen,
    OutcomeScreen,
    SayerScreen,
    WishScreen,
)
from tui.field.screens.saved import SavedScreen, SaveScreen
from tui.field.screens.sign_in import PassphraseScreen, StaffScreen
from tui.field.step import StepScreen

EVENTS = 250
FORWARD = ["enter"] * 8
KEYS = [
    *FORWARD,
    *("escape", "up", "down", "tab", "backspace", "left", "space", "pagedown"),
    *("f1", "f2", "f3", "f4", "f8", "f9"),
    *"1234567890abあ漢",
]
LIVENESS = (LivenessWayScreen, LivenessScreen, LivenessResultScreen, LivenessSkipScreen)
LEGAL: dict[VisitState, tuple[type[StepScreen], ...]] = {
    VisitState.NOTICE: (NoticeScreen, CardConsentScreen, FaceConsentScreen, ConsentGiverScreen),
    VisitState.CARD: (
        *(CardPlaceScreen, CardCodeScreen, CardConfirmScreen, CardPassScreen, CardReadingScreen),
        *(CardFrontScreen, FrontDigitsScreen),
    ),
    VisitState.FACE: (
        *(CardReadingScreen, CardShownScreen, CardAddressScreen, FaceScreen, FacePassScreen),
        *LIVENESS,
    ),
    VisitState.DECISION: (
        *(CardReadingScreen, CardShownScreen, CardAddressScreen, FaceScreen, FacePassScreen),
        *(FaceAdviceScreen, *LIVENESS, DecisionScreen, VisualReasonScreen),
    ),
    VisitState.PROGRAMMES: (
        *(
            FaceMarkScreen,
            AdviceScreen,
            AdviceStepsScreen,
            WishScreen,
            ChannelScreen,
            OutcomeScreen,
            SayerScreen,
        ),
        SaveScreen,
    ),
    VisitState.SAVED: (SaveScreen, SavedScreen),
}
"""Which screens may be up in each state; a worker may just have carried the state one step on."""


def step_of(walk: Walk) -> StepScreen | None:
    return next(
        (screen for screen in reversed(walk.app.screen_stack) if isinstance(screen, StepScreen)), None
    )


def check(walk: Walk) -> None:
    screen = step_of(walk)
    turn = walk.app.session.turn
    is_leaving = screen is None or screen._is_left or walk.app._next_step is not None
    if screen is None or is_leaving:
        return
    if screen.step is None:
        assert turn is None
    else:
        assert turn is not None
        assert turn is screen.turn
        assert isinstance(screen, LEGAL[turn.visit.enrollment.state]), type(screen).__name__
    assert (walk.app.session.day is None) == isinstance(screen, StaffScreen | PassphraseScreen)


async def one_event(walk: Walk, chance: random.Random) -> None:
    match chance.randrange(30):
        case 0:
            await walk.resize(chance.choice(SIZES))
        case 1:
            walk.app.post_message(events.Paste(chance.choice(["一二三あいう", "１８０５", "18051420354173"])))
        case 2:
            walk.rig.face_engine.band = chance.choice(list(FaceBand))
        case 3:
            walk.rig.reader.remove()
        case 5:
            walk.rig.clock.wind(1)
        case 4 if isinstance(walk.app.screen, CardCodeScreen):
            await walk.write(walk.rig.people[0].code_b)
        case _:
            await walk.press(chance.choice(KEYS))


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_breaks(rig: Rig, seed: int) -> None:
    chance = random.Random(seed)
    async with rig.running() as walk:
        for _ in range(EVENTS):
            for field in walk.app.screen.query(Input):
                field.value = PASSPHRASE
            await one_event(walk, chance)
            check(walk)
        await walk.pilot.pause()
        assert overflows(walk.app) == []
    saved = len(rig.store.rows)
    assert [row.sequence for row in rig.store.rows] == list(range(1, saved + 1))


@pytest.mark.parametrize("seed", range(2))
async def test_a_storm_of_keys_faster_than_the_screen_breaks_nothing(rig: Rig, seed: int) -> None:
    chance = random.Random(100 + seed)
    async with rig.running() as walk:
        await to_passphrase(walk)
        await walk.write(PASSPHRASE)
        for _ in range(12):
            for _ in range(20):
                walk.app.simulate_key(chance.choice(KEYS[:-2]))
            await walk.pilot.pause()
            check(walk)
        assert isinstance(walk.app.screen, StepScreen | ModalScreen)
