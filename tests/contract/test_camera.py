"""What every camera must do.

The recorded camera runs as it ships. `PiCamera` cannot run without a Raspberry Pi: here it runs on a scripted stand-in
for the few calls of picamera2 that it makes, which proves its own mapping, deadlines and releases, and nothing about
picamera2 or a sensor.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from appliance.domain.ephemeral import Frame
from appliance.errors import CameraSilent, NoCamera
from appliance.hardware.camera_pi import PiCamera, PiDevice, PiJob, PiRequest
from appliance.ports import Camera
from appliance.simulated.camera import RecordedCamera

PATIENCE_S = 10.0


class ScriptedDevice:
    """Stands for `picamera2.Picamera2`: gives red frames with a blue corner until it is troubled."""

    def __init__(self, rig: PiRig) -> None:
        self.rig = rig
        self.calls: list[str] = []
        self.configured: object = None

    def create_video_configuration(self, main: dict[str, object], buffer_count: int) -> object:
        return {"main": main, "buffer_count": buffer_count}

    def configure(self, camera_config: object) -> None:
        self.calls.append("configure")
        self.configured = camera_config

    def start(self) -> None:
        self.calls.append("start")

    def capture_request(self, wait: bool) -> PiJob:
        assert not wait
        if self.rig.capture_error is not None:
            raise self.rig.capture_error
        return ScriptedJob(self.rig)

    def stop(self) -> None:
        self.calls.append("stop")
        self.rig.stops.wait(PATIENCE_S)
        if self.rig.stop_error is not None:
            raise self.rig.stop_error

    def close(self) -> None:
        self.calls.append("close")


class ScriptedJob:
    def __init__(self, rig: PiRig) -> None:
        self.rig = rig

    def get_result(self, timeout: float | None = None) -> PiRequest:
        if self.rig.ignores_timeout:
            self.rig.flows.wait(PATIENCE_S)
        elif not self.rig.flows.wait(timeout):
            raise TimeoutError
        request = ScriptedRequest(self.rig.array_error)
        self.rig.requests.append(request)
        return request


class ScriptedRequest:
    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.releases = 0
        self.array: NDArray[np.uint8] = np.zeros((720, 1280, 3), dtype=np.uint8)
        self.array[:, :] = (200, 10, 20)
        self.array[0, 0] = (0, 0, 255)

    def make_array(self, name: str) -> NDArray[np.uint8]:
        assert name == "main"
        if self.error is not None:
            raise self.error
        return self.array

    def release(self) -> None:
        self.releases += 1


class PiRig:
    """A scripted picamera2 with its troubles."""

    def __init__(self) -> None:
        self.devices: list[ScriptedDevice] = []
        self.requests: list[ScriptedRequest] = []
        self.flows = threading.Event()
        self.flows.set()
        self.stops = threading.Event()
        self.stops.set()
        self.ignores_timeout = False
        self.open_error: Exception | None = None
        self.capture_error: Exception | None = None
        self.array_error: Exception | None = None
        self.stop_error: Exception | None = None

    def open(self, index: int) -> PiDevice:
        if self.open_error is not None:
            raise self.open_error
        self.devices.append(ScriptedDevice(self))
        return self.devices[-1]

    def unplug(self) -> None:
        self.open_error = self.capture_error = RuntimeError("no camera")

    def plug(self) -> None:
        self.open_error = self.capture_error = None


@dataclass(frozen=True)
class Bench:
    """A camera with a hand that troubles it."""

    camera: Camera
    hang: Callable[[], None]
    resume: Callable[[], None]
    unplug: Callable[[], None]
    plug: Callable[[], None]


def recorded() -> Bench:
    camera = RecordedCamera("hopper")
    return Bench(camera, camera.hang, camera.resume, camera.unplug, camera.plug)


def pi() -> Bench:
    rig = PiRig()
    return Bench(PiCamera(0, rig.open), rig.flows.clear, rig.flows.set, rig.unplug, rig.plug)


@pytest.fixture(params=[recorded, pi], ids=["recorded", "pi on a scripted library"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    made: Bench = request.param()
    yield made
    made.resume()
    made.camera.close()


def take(camera: Camera, deadline_s: float = PATIENCE_S) -> Frame:
    with camera.frame(deadline_s) as frame:
        return Frame(frame.width, frame.height, bytearray(frame.rgb))


def test_it_has_a_name(bench: Bench) -> None:
    assert bench.camera.name


def test_a_frame_is_large_enough_and_shows_something(bench: Bench) -> None:
    frame = take(bench.camera)
    assert (frame.width, frame.height) == (1280, 720)
    assert any(frame.rgb)


def test_a_frame_is_overwritten_when_its_loan_ends(bench: Bench) -> None:
    with bench.camera.frame(PATIENCE_S) as frame:
        assert any(frame.rgb)
    assert not any(frame.rgb)


def test_a_frame_is_overwritten_when_its_user_fails(bench: Bench) -> None:
    loan = bench.camera.frame(PATIENCE_S)
    frame = loan.__enter__()
    assert any(frame.rgb)
    loan.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
    assert not any(frame.rgb)


def test_two_frames_may_be_held_at_once(bench: Bench) -> None:
    with bench.camera.frame(PATIENCE_S) as one, bench.camera.frame(PATIENCE_S) as other:
        assert one is not other
        assert any(one.rgb)
        assert any(other.rgb)


def test_many_frames_come_one_after_the_other(bench: Bench) -> None:
    assert all(any(take(bench.camera).rgb) for _ in range(8))


def test_a_hanging_camera_is_silent_after_its_deadline(bench: Bench) -> None:
    bench.hang()
    with pytest.raises(CameraSilent) as silent:
        take(bench.camera, 0.05)
    assert silent.value.deadline_s == 0.05


def test_a_camera_comes_back_after_hanging(bench: Bench) -> None:
    take(bench.camera)
    bench.hang()
    for _ in range(3):
        with pytest.raises(CameraSilent):
            take(bench.camera, 0.02)
    bench.resume()
    assert any(take(bench.camera).rgb)


def test_an_unplugged_camera_is_no_camera_and_comes_back(bench: Bench) -> None:
    take(bench.camera)
    bench.unplug()
    for _ in range(2):
        with pytest.raises(NoCamera):
            take(bench.camera)
    bench.plug()
    assert any(take(bench.camera).rgb)


def test_a_closed_camera_is_no_camera_and_may_be_closed_again(bench: Bench) -> None:
    take(bench.camera)
    bench.camera.close()
    bench.camera.close()
    with pytest.raises(NoCamera):
        take(bench.camera)


def test_a_camera_that_was_never_used_can_be_closed(bench: Bench) -> None:
    bench.camera.close()
    with pytest.raises(NoCamera):
        take(bench.camera)


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
