"""The optional challenge on the screen: offered, asked aloud, skipped with a reason, told as a hint with its honest label."""

from __future__ import annotations

import pytest

from appliance.domain.enrollment import VisitState
from appliance.domain.face_advice import FaceBand
from appliance.domain.liveness import HONEST_LABEL_JA, Ask, LivenessResult, LivenessVerdict, SkipReason
from appliance.errors import CameraSilent
from tests.screens.face_walks import (
    STRAIGHT,
    to_decision_after_liveness,
    to_face,
    to_liveness,
    to_liveness_result,
    to_liveness_skip,
    to_liveness_way,
    turned,
)
from tests.screens.rig import Rig, Walk
from tui.field.dialogs.trouble import TroubleDialog
from tui.field.screens.face import FaceAdviceScreen, FaceScreen
from tui.field.screens.liveness import (
    LivenessResultScreen,
    LivenessScreen,
    LivenessSkipScreen,
    LivenessWayScreen,
)
from tui.widgets.prose import Prose


def hint_of(walk: Walk) -> LivenessResult | None:
    return walk.app.session.open_turn.visit.enrollment.liveness


def told(walk: Walk) -> str:
    return "\n".join(prose.text for prose in walk.app.screen.query(Prose))


async def test_nobody_has_to_and_the_offer_says_what_it_is_not(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_liveness_way(walk)
        assert "しなくてもかまいません" in told(walk)
        assert HONEST_LABEL_JA in told(walk)
        await walk.press("escape")
        await walk.on(FaceAdviceScreen)
        assert hint_of(walk) is None


async def test_who_does_what_is_asked_leaves_a_hint_and_nothing_is_decided_by_it(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_liveness_result(walk)
        assert HONEST_LABEL_JA in told(walk)
        result = hint_of(walk)
        assert result is not None
        assert result.verdict is LivenessVerdict.DONE
        assert result.asks[0] is Ask.LOOK_STRAIGHT
        assert set(result.asks[1:3]) == {Ask.TURN_LEFT, Ask.TURN_RIGHT}
        assert walk.app.session.open_turn.visit.enrollment.state is VisitState.DECISION


async def test_before_the_comparison_it_returns_to_the_camera(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_face(walk)
        await walk.press("f4")
        await walk.on(LivenessWayScreen)
        await walk.press("3", "enter")
        await walk.on(LivenessSkipScreen)
        await walk.press("3", "enter")
        await walk.on(FaceScreen)
        assert hint_of(walk) == LivenessResult(LivenessVerdict.SKIPPED, (), SkipReason.TIRED)


async def test_eyes_that_close_are_another_way(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_liveness_way(walk)
        await walk.press("2", "enter")
        screen = await walk.on(LivenessScreen)
        await walk.until(lambda: "目を閉じて" in screen.query_one("#ask", Prose).text, "eyes")


@pytest.mark.parametrize(("digit", "reason"), list(enumerate(SkipReason, start=1)))
async def test_it_can_be_skipped_while_it_runs_with_every_reason(
    rig: Rig, digit: int, reason: SkipReason
) -> None:
    async with rig.running() as walk:
        await to_liveness_skip(walk)
        await walk.press(str(digit), "enter")
        await walk.on(FaceAdviceScreen)
        result = hint_of(walk)
        assert result is not None
        assert (result.verdict, result.skip_reason, len(result.asks)) == (LivenessVerdict.SKIPPED, reason, 4)


async def test_the_wrong_side_is_told_calmly_and_may_be_tried_again(rig: Rig) -> None:
    async with rig.running() as walk:
        screen = await to_liveness(walk)
        is_left = screen.query_one("#ask", Prose).text == walk.app.session.texts("liveness_run.ask.turn_left")
        rig.face_engine.qualities = [turned(-0.16 if is_left else 0.16)] * 3 + [STRAIGHT] * 99
        await walk.on(LivenessResultScreen)
        assert "よくあります" in told(walk)
        await walk.press("f3")
        await walk.on(LivenessWayScreen)
        result = hint_of(walk)
        assert result is not None
        assert result.verdict is LivenessVerdict.WRONG_SIDE


async def test_another_person_at_the_end_is_a_hint_to_look(rig: Rig) -> None:
    rig.face_engine.continuity = FaceBand.LOOK_CLOSELY
    async with rig.running() as walk:
        await to_liveness_result(walk)
        result = hint_of(walk)
        assert result is not None
        assert result.verdict is LivenessVerdict.ANOTHER_PERSON
        assert "ご自分の目で" in told(walk)


async def test_time_runs_out_without_harm(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_liveness(walk)
        rig.clock.wind(11.0)
        await walk.on(LivenessResultScreen)
        await walk.press("enter")
        await walk.on(FaceAdviceScreen)
        result = hint_of(walk)
        assert result is not None
        assert result.verdict is LivenessVerdict.TIME_OVER


async def test_a_camera_that_fails_meanwhile_is_the_devices_fault(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_liveness(walk)
        rig.camera.trouble = CameraSilent(2.5)
        await walk.on(TroubleDialog)
        await walk.press("2", "enter")
        await walk.on(FaceAdviceScreen)
        result = hint_of(walk)
        assert result is not None
        assert result.skip_reason is SkipReason.DEVICE


async def test_the_decision_shows_the_hint_beside_the_advice(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_decision_after_liveness(walk)
        assert f"動き：お願いした動きが見えました\n{HONEST_LABEL_JA}" in told(walk)
