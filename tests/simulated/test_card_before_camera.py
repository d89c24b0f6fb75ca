"""A card held before the training camera: its front or its back, the room again after it, the camera's troubles throughout."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.domain.ephemeral import Frame
from appliance.domain.front_sight import FrontSide
from appliance.errors import CameraSilent, NoCamera
from appliance.simulated.camera import RecordedCamera
from appliance.simulated.card_before_camera import VIEWS, CardBeforeCamera
from appliance.simulated.people import training_person

PERSON = training_person("p01")
DEADLINE_S = 0.05


@pytest.fixture
def behind() -> RecordedCamera:
    return RecordedCamera()


@pytest.fixture
def camera(behind: RecordedCamera) -> CardBeforeCamera:
    return CardBeforeCamera(behind)


def pixels(camera: CardBeforeCamera) -> bytes:
    with camera.frame(DEADLINE_S) as frame:
        assert (frame.width, frame.height) == (1280, 720)
        return bytes(frame.rgb)


def brightness(rgb: bytes) -> float:
    return float(np.frombuffer(rgb, dtype=np.uint8).mean())


def test_without_a_card_it_is_the_camera_behind(camera: CardBeforeCamera, behind: RecordedCamera) -> None:
    assert camera.name == behind.name
    with RecordedCamera().frame(DEADLINE_S) as expected:
        assert pixels(camera) == bytes(expected.rgb)


def test_front_and_back_are_two_pictures_and_gone_when_the_card_is_put_down(
    camera: CardBeforeCamera,
) -> None:
    room = pixels(camera)
    camera.hold_up(PERSON)
    front = pixels(camera)
    camera.hold_up(PERSON, FrontSide.BACK)
    back = pixels(camera)
    camera.lower()
    after = [pixels(camera) for _ in range(5)]
    assert len({room, front, back}) == 3
    assert not {front, back} & set(after)


def test_a_hand_is_never_still(camera: CardBeforeCamera) -> None:
    camera.hold_up(PERSON)
    seen = [pixels(camera) for _ in range(VIEWS + 1)]
    assert len(set(seen)) == VIEWS
    assert seen[0] == seen[VIEWS]


def test_a_lent_frame_is_overwritten_and_so_is_what_was_drawn(camera: CardBeforeCamera) -> None:
    camera.hold_up(PERSON)
    with camera.frame(DEADLINE_S) as lent:
        assert any(lent.rgb)
    assert not any(lent.rgb)
    drawn: list[Frame] = list(camera._views.values())
    card = camera._card
    camera.lower()
    assert drawn
    assert not any(any(view.rgb) for view in drawn)
    assert card is not None
    assert not card.any()


def test_the_cameras_troubles_are_not_hidden_by_a_card(
    camera: CardBeforeCamera, behind: RecordedCamera
) -> None:
    camera.hold_up(PERSON)
    behind.unplug()
    with pytest.raises(NoCamera), camera.frame(DEADLINE_S):
        pytest.fail("a frame from no camera")
    behind.plug()
    behind.hang()
    with pytest.raises(CameraSilent), camera.frame(DEADLINE_S):
        pytest.fail("a frame from a camera that hangs")
    behind.resume()
    assert brightness(pixels(camera)) > 10


def test_closing_closes_the_camera_behind(camera: CardBeforeCamera, behind: RecordedCamera) -> None:
    camera.hold_up(PERSON)
    camera.close()
    camera.close()
    for each in (camera, behind):
        with pytest.raises(NoCamera), each.frame(DEADLINE_S):
            pytest.fail("a frame from a closed camera")
