"""Ways to the screens of face and liveness."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from appliance.domain.face_advice import FrameHint, FrameQuality
from appliance.domain.liveness import Ask
from appliance.errors import CameraSilent
from tests.screens.rig import Walk, quality
from tests.screens.walks import to_shown
from tui.field.screens.decision import DecisionScreen
from tui.field.screens.face import FaceAdviceScreen, FacePassScreen, FaceScreen
from tui.field.screens.liveness import (
    LivenessResultScreen,
    LivenessScreen,
    LivenessSkipScreen,
    LivenessWayScreen,
)
from tui.widgets.prose import Prose


async def to_face(walk: Walk) -> FaceScreen:
    await to_shown(walk)
    await walk.press("enter")
    return await walk.on(FaceScreen)


async def to_face_dark(walk: Walk) -> None:
    walk.rig.face_engine.hints = [FrameHint.TOO_DARK]
    screen = await to_face(walk)
    await walk.until(
        lambda: "暗" in str(screen.query_one("#hint").render()) or walk.app.session.texts.language == "en"
    )
    await walk.pilot.pause()


async def to_face_pass(walk: Walk) -> None:
    await to_face(walk)
    await walk.press("f3")
    await walk.on(FacePassScreen)


async def to_advice_on_face(walk: Walk) -> FaceAdviceScreen:
    await to_face(walk)
    await walk.press("enter")
    return await walk.on(FaceAdviceScreen)


async def to_face_lying(walk: Walk) -> None:
    walk.rig.face_engine.qualities = [replace(quality(FrameHint.GOOD), rotation_deg=90)] * 999
    screen = await to_face(walk)
    await walk.until(lambda: screen.query_one("#camera", Prose).text, "lying")
    await walk.pilot.pause()


async def to_face_covered(walk: Walk) -> None:
    walk.rig.face_engine.hints = [FrameHint.COVERED]
    screen = await to_face(walk)
    waiting = walk.app.session.texts("face.hint.waiting")
    await walk.until(lambda: screen.query_one("#hint", Prose).text != waiting, "covered")
    await walk.pilot.pause()


async def to_face_in_trouble(walk: Walk) -> FaceScreen:
    walk.rig.camera.trouble = CameraSilent(2.5)
    screen = await to_face(walk)
    await walk.until(lambda: screen.query("#hint.-attention"), "trouble")
    await walk.pilot.pause()
    return screen


async def to_liveness_way(walk: Walk) -> LivenessWayScreen:
    await to_advice_on_face(walk)
    await walk.press("f4")
    return await walk.on(LivenessWayScreen)


async def to_liveness(walk: Walk) -> LivenessScreen:
    """Stop at the first turn of the head, which nobody makes."""
    await to_liveness_way(walk)
    await walk.press("1", "enter")
    screen = await walk.on(LivenessScreen)
    turns = {walk.app.session.texts(f"liveness_run.ask.turn_{side}") for side in ("left", "right")}
    await walk.until(lambda: screen.query_one("#ask", Prose).text in turns, "turn")
    await walk.pilot.pause()
    return screen


async def to_liveness_skip(walk: Walk) -> LivenessSkipScreen:
    await to_liveness(walk)
    await walk.press("f3")
    return await walk.on(LivenessSkipScreen)


STRAIGHT = quality(FrameHint.GOOD)


def turned(change: float) -> FrameQuality:
    return replace(STRAIGHT, hint=FrameHint.LOOK_STRAIGHT, turn=change)


class ObedientPerson:
    """Does what is asked, and looks straight for a moment between two asks."""

    CHANGES: ClassVar = {Ask.TURN_LEFT: 0.16, Ask.TURN_RIGHT: -0.16}

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._asked: Ask | None = None

    def __call__(self) -> FrameQuality:
        check = self._walk.app.session.open_turn.visit._liveness
        before, self._asked = self._asked, None if check is None else check.ask
        if self._asked is None or self._asked is not before or self._asked not in self.CHANGES:
            return STRAIGHT
        return turned(self.CHANGES[self._asked])


async def to_liveness_result(walk: Walk) -> LivenessResultScreen:
    await to_liveness_way(walk)
    walk.rig.face_engine.person = ObedientPerson(walk)
    await walk.press("1", "enter")
    return await walk.on(LivenessResultScreen)


async def to_decision_after_liveness(walk: Walk) -> DecisionScreen:
    await to_liveness_result(walk)
    await walk.press("enter")
    await walk.on(FaceAdviceScreen)
    await walk.press("enter")
    return await walk.on(DecisionScreen)
