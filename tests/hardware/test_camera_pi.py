"""The Raspberry Pi's camera on a scripted stand-in for picamera2: mapping, deadlines and releases, nothing of a sensor."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import CancelledError

import pytest

from appliance.domain.ephemeral import Frame
from appliance.errors import CameraSilent, NoCamera
from appliance.hardware.camera_pi import PiCamera
from tests.contract.camera_rigs import PATIENCE_S, PiRig, take


@pytest.fixture
def rig() -> Iterator[PiRig]:
    made = PiRig()
    yield made
    made.flows.set()
    made.stops.set()


def test_pi_asks_for_rgb_in_memory_order_and_copies_it_unchanged(rig: PiRig) -> None:
    camera = PiCamera(1, rig.open)
    frame = take(camera)
    assert rig.devices[0].configured == {"main": {"size": (1280, 720), "format": "BGR888"}, "buffer_count": 3}
    assert bytes(frame.rgb[:6]) == bytes([0, 0, 255, 200, 10, 20])
    assert camera.name == "Raspberry Pi camera 1"


def test_pi_gives_each_buffer_back_once_and_overwrites_the_library_s_copy(rig: PiRig) -> None:
    camera = PiCamera(0, rig.open)
    for _ in range(3):
        take(camera)
    assert [request.releases for request in rig.requests] == [1, 1, 1]
    assert not any(request.array.any() for request in rig.requests)


def test_pi_opens_once_for_many_frames_and_not_before_the_first(rig: PiRig) -> None:
    camera = PiCamera(0, rig.open)
    assert rig.devices == []
    for _ in range(3):
        take(camera)
    assert [device.calls for device in rig.devices] == [["configure", "start"]]


def test_pi_gives_the_buffer_back_when_it_cannot_be_read(rig: PiRig) -> None:
    camera = PiCamera(0, rig.open)
    rig.array_error = RuntimeError("stream")
    with pytest.raises(NoCamera):
        take(camera)
    assert rig.requests[0].releases == 1


def test_pi_is_opened_anew_after_a_silence(rig: PiRig) -> None:
    camera = PiCamera(0, rig.open)
    take(camera)
    rig.flows.clear()
    with pytest.raises(CameraSilent):
        take(camera, 0.02)
    step = camera._step
    assert step is not None
    assert step.is_over(PATIENCE_S)
    rig.flows.set()
    take(camera)
    assert [device.calls for device in rig.devices] == [
        ["configure", "start", "stop", "close"],
        ["configure", "start"],
    ]


@pytest.mark.parametrize(
    "error", [RuntimeError("gone"), OSError("gone"), IndexError("none"), CancelledError()]
)
def test_pi_that_fails_in_any_way_of_the_library_is_no_camera(rig: PiRig, error: Exception) -> None:
    camera = PiCamera(0, rig.open)
    rig.open_error = error
    with pytest.raises(NoCamera):
        take(camera)
    rig.open_error = None
    rig.capture_error = rig.stop_error = error
    with pytest.raises(NoCamera):
        take(camera)
    assert rig.devices[0].calls == ["configure", "start", "stop", "close"]


def test_pi_stuck_inside_the_library_is_silent_until_the_library_comes_back(rig: PiRig) -> None:
    camera = PiCamera(0, rig.open)
    rig.ignores_timeout = True
    rig.flows.clear()
    for _ in range(2):
        with pytest.raises(CameraSilent):
            take(camera, 0.02)
    assert len(rig.devices) == 1
    rig.flows.set()
    assert any(take(camera).rgb)
    assert len(rig.devices) == 1


def test_pi_overwrites_a_frame_that_comes_too_late(rig: PiRig, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Frame] = []

    def make(width: int, height: int, rgb: bytearray) -> Frame:
        made.append(Frame(width, height, rgb))
        return made[-1]

    monkeypatch.setattr("appliance.hardware.camera_pi.Frame", make)
    camera = PiCamera(0, rig.open)
    rig.ignores_timeout = True
    rig.flows.clear()
    with pytest.raises(CameraSilent):
        take(camera, 0.02)
    rig.flows.set()
    camera.close()
    assert len(made) == 1
    assert not any(made[0].rgb)


def test_pi_whose_driver_never_stops_does_not_hold_up_the_end(
    rig: PiRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.hardware.camera_pi._CLOSE_WAIT_S", 0.02)
    camera = PiCamera(0, rig.open)
    take(camera)
    rig.stops.clear()
    camera.close()
    with pytest.raises(CameraSilent):
        take(camera, 0.02)
    camera.close()


def test_pi_without_picamera2_is_no_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(NoCamera):
        take(PiCamera())
