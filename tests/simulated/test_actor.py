"""The actor comes in as a scene says and does what is asked, at the pace of the asking."""

from __future__ import annotations

import pytest

from appliance.domain.liveness import Ask
from appliance.errors import CameraSilent, NoCamera
from appliance.simulated.actor import TURN_DEG, Actor
from appliance.simulated.camera import RecordedCamera
from appliance.simulated.face_scenes import FACE_SCENES, CameraState, FaceScene, SceneName, scene_named
from appliance.simulated.scenes import Recording

PATIENCE_S = 5.0
TURNS = {Ask.TURN_LEFT, Ask.TURN_RIGHT}


class WatchedCamera(RecordedCamera):
    """Draws nothing and notes what it is told to show."""

    def __init__(self) -> None:
        super().__init__(None)
        self.shown: list[Recording] = []
        self.portraits: list[str | None] = []

    def show(self, portrait: str | None, recording: Recording | None = None) -> None:
        assert recording is not None
        self.portraits.append(portrait)
        self.shown.append(recording)
        super().show(None, recording)

    def go_on(self, recording: Recording) -> None:
        self.shown.append(recording)
        super().go_on(recording)


def furthest(recording: Recording) -> float:
    return max((scene.turn_deg for scene in recording.arriving), key=abs)


@pytest.mark.parametrize("sides", [(Ask.TURN_LEFT, Ask.TURN_RIGHT), (Ask.TURN_RIGHT, Ask.TURN_LEFT)])
@pytest.mark.parametrize("name", [SceneName.RIGHT_PERSON, SceneName.STRANGER, SceneName.TURNED_PRINT])
def test_who_can_turn_turns_to_the_side_that_is_asked(name: SceneName, sides: tuple[Ask, Ask]) -> None:
    camera, scene = WatchedCamera(), scene_named(name)
    actor = Actor(camera)
    actor.begin(scene, "hopper")
    for ask in (
        Ask.LOOK_STRAIGHT,
        Ask.LOOK_STRAIGHT,
        sides[0],
        sides[0],
        sides[1],
        Ask.LOOK_STRAIGHT_AGAIN,
        None,
    ):
        actor.obey(ask)
    began, straight, first, second, again, over = camera.shown
    degrees = [TURN_DEG if side is Ask.TURN_LEFT else -TURN_DEG for side in sides]
    assert began == scene.recording
    assert furthest(straight) == 0.0
    assert furthest(first) == degrees[0]
    assert second.arriving[-3].turn_deg == degrees[1]
    assert {each.turn_deg for each in again.arriving[-4:]} == {0.0}
    assert over == Recording((), scene.recording.settled)
    assert {each.sheet for moved in camera.shown for each in moved.settled} == {
        scene.recording.settled[0].sheet
    }


def test_who_cannot_turn_closes_the_eyes_and_nothing_else() -> None:
    camera = WatchedCamera()
    actor = Actor(camera)
    actor.begin(scene_named(SceneName.CLOSED_EYES), "hopper")
    for ask in (Ask.TURN_LEFT, Ask.TURN_RIGHT):
        actor.obey(ask)
    assert len(camera.shown) == 1
    actor.obey(Ask.CLOSE_EYES)
    assert max(scene.eyes_closed for scene in camera.shown[-1].arriving) == 1.0


@pytest.mark.parametrize("ask", [*Ask, None])
@pytest.mark.parametrize(
    "scene", [each for each in FACE_SCENES if not each.obeys], ids=lambda each: each.name.value
)
def test_who_obeys_nothing_stays_as_the_scene_is(scene: FaceScene, ask: Ask | None) -> None:
    camera = WatchedCamera()
    actor = Actor(camera)
    actor.begin(scene, "hopper")
    actor.obey(ask)
    assert camera.shown == [scene.recording]


def test_nobody_obeys_before_the_first_scene() -> None:
    camera = WatchedCamera()
    Actor(camera).obey(Ask.TURN_LEFT)
    assert camera.shown == []


def test_each_scene_mends_what_the_last_did_to_the_camera() -> None:
    camera = RecordedCamera(None)
    actor = Actor(camera)
    troubles = [each for each in FACE_SCENES if each.camera is not CameraState.RUNS]
    for scene in (*troubles, *reversed(troubles)):
        actor.begin(scene, None)
        if scene.camera is CameraState.FROZEN:
            with camera.frame(PATIENCE_S) as one, camera.frame(PATIENCE_S) as other:
                assert one.rgb == other.rgb
        else:
            expected = NoCamera if scene.camera is CameraState.UNPLUGGED else CameraSilent
            with pytest.raises(expected), camera.frame(0.01):
                pass
        actor.begin(scene_named(SceneName.RIGHT_PERSON), None)
        with camera.frame(PATIENCE_S) as one, camera.frame(PATIENCE_S) as other:
            assert one.rgb != other.rgb


def test_each_scene_has_one_name_and_what_must_come_of_it() -> None:
    assert [scene.name for scene in FACE_SCENES] == list(SceneName)
    for scene in FACE_SCENES:
        assert scene.faces
        assert scene.verdicts
        assert (scene.way is None) == (not scene.obeys)
