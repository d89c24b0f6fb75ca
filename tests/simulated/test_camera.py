"""The recorded camera: someone arrives, sits down and looks; the training kit's hand troubles it (design D6)."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from appliance.domain.face_advice import FrameHint
from appliance.errors import CameraSilent, NoCamera, PortraitMissing
from appliance.face.engine import DlibEngine, load_engine
from appliance.face.evidence_file import DEFAULT_EVIDENCE
from appliance.face.stillness import FROZEN_AFTER_S, Stillness
from appliance.simulated.camera import RecordedCamera
from appliance.simulated.scenes import DARK_ROOM, SITTING_DOWN, Recording, Scene
from appliance.simulated.sheet_view import PRINT

SHORT = Recording(arriving=(Scene(light=0.5),), settled=(Scene(), Scene(angle_deg=5.0)))
PATIENCE_S = 5.0


@pytest.fixture(scope="module")
def engine() -> DlibEngine:
    return load_engine(DEFAULT_EVIDENCE)


def take(camera: RecordedCamera) -> bytes:
    with camera.frame(PATIENCE_S) as frame:
        return bytes(frame.rgb)


def hints(camera: RecordedCamera, engine: DlibEngine, count: int) -> list[FrameHint]:
    seen = []
    for _ in range(count):
        with camera.frame(PATIENCE_S) as frame:
            seen.append(engine.look(frame).hint)
    return seen


@pytest.mark.parametrize("portrait", ["astronaut", "hopper"])
def test_a_person_comes_from_too_far_through_too_dark_to_good(engine: DlibEngine, portrait: str) -> None:
    seen = hints(RecordedCamera(portrait), engine, 6)
    assert seen == [FrameHint.COME_CLOSER, FrameHint.TOO_DARK, *[FrameHint.GOOD] * 4]


def test_in_a_dark_room_it_stays_dark(engine: DlibEngine) -> None:
    seen = hints(RecordedCamera("hopper", DARK_ROOM), engine, 3)
    assert set(seen) <= {FrameHint.TOO_DARK, FrameHint.NO_FACE}


def test_a_person_without_a_portrait_shows_no_face(engine: DlibEngine) -> None:
    assert set(hints(RecordedCamera(None), engine, 5)) == {FrameHint.NO_FACE}


def apart(one: bytes, other: bytes) -> float:
    """Return the mean difference of two frames: about 2 levels by noise alone."""
    return float(np.abs(np.frombuffer(one, np.uint8).astype(int) - np.frombuffer(other, np.uint8)).mean())


def test_arriving_is_seen_once_and_settled_again_and_again() -> None:
    camera = RecordedCamera("hopper", SHORT)
    arriving, first, second, third, fourth = (take(camera) for _ in range(5))
    assert min(apart(arriving, first), apart(first, second)) > 4.0
    assert max(apart(first, third), apart(second, fourth)) < 3.0


@pytest.mark.parametrize("scene", [Scene(), Scene(light=0.12), Scene(eyes_closed=1.0), Scene(sheet=PRINT)])
def test_a_person_who_keeps_still_is_no_frozen_camera(engine: DlibEngine, scene: Scene) -> None:
    camera, seen = RecordedCamera("hopper", Recording((), (scene,))), Stillness()
    frames = set()
    for number in range(5):
        with camera.frame(PATIENCE_S) as frame:
            frames.add(bytes(frame.rgb))
            seen = seen.see(engine.look(frame), number * FROZEN_AFTER_S)
        assert not seen.is_frozen
    assert len(frames) == 5


def test_a_frozen_camera_repeats_one_frame_until_it_resumes(engine: DlibEngine) -> None:
    camera, seen = RecordedCamera("hopper", Recording((), (Scene(),))), Stillness()
    camera.freeze()
    with camera.frame(PATIENCE_S) as first, camera.frame(PATIENCE_S) as second:
        assert first.rgb == second.rgb
        seen = seen.see(engine.look(first), 0.0).see(engine.look(second), FROZEN_AFTER_S)
    assert seen.is_frozen
    stuck = take(camera)
    camera.resume()
    assert take(camera) != stuck


def test_a_frozen_frame_is_overwritten_when_the_camera_is_closed_or_the_person_goes() -> None:
    for leave in (RecordedCamera.close, lambda camera: camera.show("astronaut")):
        camera = RecordedCamera("hopper", SHORT)
        camera.freeze()
        take(camera)
        stuck = camera._stuck
        leave(camera)
        assert stuck is not None
        assert not any(stuck.rgb)


def test_the_same_recording_gives_the_same_frames() -> None:
    one, other = RecordedCamera("hopper", SHORT), RecordedCamera("hopper", SHORT)
    assert [take(one) for _ in range(4)] == [take(other) for _ in range(4)]


def test_who_sits_there_can_do_something_else() -> None:
    camera = RecordedCamera("hopper", SHORT)
    bright = take(camera)
    camera.go_on(DARK_ROOM)
    assert np.frombuffer(take(camera), np.uint8).mean() < np.frombuffer(bright, np.uint8).mean() / 2


def test_another_person_begins_from_the_start() -> None:
    camera = RecordedCamera("hopper", SHORT)
    first = take(camera)
    take(camera)
    camera.show("astronaut")
    assert take(camera) != first
    camera.show("hopper")
    assert take(camera) == first


def test_another_recording_may_come_with_the_person() -> None:
    camera = RecordedCamera("hopper", SHORT)
    camera.show("hopper", DARK_ROOM)
    assert np.percentile(np.frombuffer(take(camera), np.uint8), 99) < 60


def test_drawn_scenes_are_overwritten_when_the_person_goes() -> None:
    camera = RecordedCamera("hopper", SHORT)
    take(camera)
    (kept,) = camera._drawn.values()
    camera.show("astronaut")
    assert kept.getbbox() is None
    take(camera)
    (kept,) = camera._drawn.values()
    camera.close()
    assert kept.getbbox() is None


def test_a_loan_is_a_copy() -> None:
    camera = RecordedCamera("hopper", Recording((), (Scene(),)))
    with camera.frame(PATIENCE_S) as lent:
        lent.wipe()
    assert any(take(camera))


def test_nothing_is_prepared_before_it_is_needed() -> None:
    assert RecordedCamera("nobody we know", SITTING_DOWN)._drawn == {}


def test_an_unknown_portrait_is_named_with_the_first_frame() -> None:
    with pytest.raises(PortraitMissing):
        take(RecordedCamera("nobody we know"))


def test_it_can_be_unplugged_and_plugged_in() -> None:
    camera = RecordedCamera(None, SHORT)
    camera.unplug()
    with pytest.raises(NoCamera):
        take(camera)
    camera.plug()
    assert any(take(camera))


def test_it_can_hang_and_resume() -> None:
    camera = RecordedCamera(None, SHORT)
    camera.hang()
    with pytest.raises(CameraSilent) as silent, camera.frame(0.01):
        pass
    assert silent.value.deadline_s == 0.01
    camera.resume()
    assert any(take(camera))


def test_a_frame_that_is_waited_for_comes_when_the_camera_resumes() -> None:
    camera = RecordedCamera(None, SHORT)
    camera.hang()
    frames: list[bytes] = []
    waiting = threading.Thread(target=lambda: frames.append(take(camera)))
    waiting.start()
    camera.resume()
    waiting.join(PATIENCE_S)
    assert len(frames) == 1


def test_a_cable_pulled_while_it_hangs_is_noticed() -> None:
    camera = RecordedCamera(None, SHORT)
    camera.hang()
    errors: list[type[BaseException]] = []

    def wait() -> None:
        try:
            take(camera)
        except NoCamera as error:
            errors.append(type(error))

    waiting = threading.Thread(target=wait)
    waiting.start()
    camera.unplug()
    camera.resume()
    waiting.join(PATIENCE_S)
    assert errors == [NoCamera]
