"""In training F8 offers what can happen before the camera, and an invented person does what the challenge asks (D6)."""

from __future__ import annotations

import pytest

from appliance.domain.liveness import Ask
from appliance.simulated.face_scenes import SceneName
from tests.screens.face_walks import to_face, to_liveness_result
from tests.screens.overflow import overflows
from tests.screens.rig import SIZES, Rig, Walk
from tests.screens.walks import to_today
from tui.catalogue import LANGUAGES, Language
from tui.field.dialogs.scenes import ScenesDialog
from tui.field.screens.face import FaceScreen
from tui.field.screens.today import TodayScreen


async def to_scenes(walk: Walk) -> ScenesDialog:
    await to_face(walk)
    await walk.press("f8")
    return await walk.on(ScenesDialog)


async def to_more_scenes(walk: Walk) -> ScenesDialog:
    first = await to_scenes(walk)
    await walk.press("9", "enter")
    await walk.until(lambda: walk.app.screen is not first and isinstance(walk.app.screen, ScenesDialog))
    return await walk.on(ScenesDialog)


@pytest.mark.parametrize(
    ("keys", "scene"),
    [
        (("enter",), SceneName.RIGHT_PERSON),
        (("2", "enter"), SceneName.STRANGER),
        (("8", "enter"), SceneName.TWO_PEOPLE),
    ],
)
async def test_a_scene_begins_before_the_camera(rig: Rig, keys: tuple[str, ...], scene: SceneName) -> None:
    async with rig.running() as walk:
        await to_scenes(walk)
        await walk.press(*keys)
        await walk.until(lambda: rig.hand.played, "scene")
        await walk.on(FaceScreen)
        assert rig.hand.played == [(rig.people[0].id, scene)]


async def test_the_other_page_holds_the_rest_and_leads_back(rig: Rig) -> None:
    async with rig.running() as walk:
        second = await to_more_scenes(walk)
        rest = [row for row in SceneName if row not in list(SceneName)[:8]]
        await walk.press(str(len(rest)), "enter")
        await walk.until(lambda: rig.hand.played, "scene")
        assert rig.hand.played == [(rig.people[0].id, rest[-1])]
        await walk.press("f8")
        await walk.until(lambda: isinstance(walk.app.screen, ScenesDialog) and walk.app.screen is not second)
        await walk.press("escape")
        await walk.on(FaceScreen)
        assert len(rig.hand.played) == 1


async def test_without_a_turn_or_outside_training_there_is_no_list(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_today(walk)
        await walk.press("f8")
        await walk.pilot.pause()
        await walk.on(TodayScreen)
    async with Rig(is_training=False).running() as walk:
        await to_face(walk)
        assert not walk.app.screen.query(".training")
        await walk.press("f8")
        await walk.pilot.pause()
        await walk.on(FaceScreen)


async def test_an_invented_person_is_told_each_ask_and_the_end(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_liveness_result(walk)
        told = list(dict.fromkeys(rig.hand.asked))
        assert set(told) == {*Ask} - {Ask.CLOSE_EYES} | {None}
        assert (told[0], told[-1]) == (Ask.LOOK_STRAIGHT, None)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", [to_scenes, to_more_scenes])
async def test_both_pages_fit_every_terminal(rig: Rig, way: object, language: Language) -> None:
    assert callable(way)
    async with rig.running(SIZES[0], language) as walk:
        await way(walk)
        for size in reversed(SIZES):
            await walk.resize(size)
            assert overflows(walk.app) == []
            assert [body.max_scroll_y for body in walk.app.screen.query("#said")] == [0]
