"""The recorded camera: someone arrives, sits down and looks; the training kit's hand troubles it (design D6)."""

from __future__ import annotations

import threading

import pytest

from appliance.domain.face_advice import FrameHint
from appliance.errors import CameraSilent, NoCamera, PortraitMissing
from appliance.face.engine import DlibEngine, load_engine
from appliance.face.evidence_file import DEFAULT_EVIDENCE
from appliance.simulated.camera import RecordedCamera
from appliance.simulated.scenes import DARK_ROOM, SITTING_DOWN, Recording, Scene

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


def test_arriving_is_seen_once_and_settled_again_and_again() -> None:
    camera = RecordedCamera("hopper", SHORT)
    arriving, first, second, third, fourth = (take(camera) for _ in range(5))
    assert len({arriving, first, second}) == 3
    assert (third, fourth) == (first, second)


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
    assert max(take(camera)) < 120


def test_prepared_frames_are_overwritten_when_the_person_goes() -> None:
    camera = RecordedCamera("hopper", SHORT)
    take(camera)
    kept = camera._prepared[0]
    camera.show("astronaut")
    assert not any(kept.rgb)
    take(camera)
    kept = camera._prepared[0]
    camera.close()
    assert not any(kept.rgb)


def test_a_loan_is_a_copy() -> None:
    camera = RecordedCamera("hopper", Recording((), (Scene(),)))
    with camera.frame(PATIENCE_S) as lent:
        lent.wipe()
    assert any(take(camera))


def test_nothing_is_prepared_before_it_is_needed() -> None:
    assert RecordedCamera("nobody we know", SITTING_DOWN)._prepared == {}


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
