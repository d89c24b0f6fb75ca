"""Cameras of every kind with a hand that troubles them.

The recorded camera and the film run as they ship. A Raspberry Pi's camera and a USB camera cannot run without hardware: they
run on scripted stand-ins for the few calls of picamera2 and OpenCV that they make, and the USB camera's class also runs on
OpenCV itself with a video file in the device's place. That proves mapping, deadlines and releases, and nothing about
drivers or sensors.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from appliance.domain.ephemeral import Frame
from appliance.hardware.attached_cameras import AttachedCamera
from appliance.hardware.camera_pi import PiCamera, PiDevice, PiJob, PiRequest
from appliance.hardware.camera_v4l2 import Capture, OpenCvCapture, V4l2Camera
from appliance.ports import Camera
from appliance.simulated.camera import RecordedCamera
from appliance.simulated.card_before_camera import CardBeforeCamera
from appliance.simulated.film import FilmCamera
from appliance.simulated.people import training_person

PATIENCE_S = 10.0


def take(camera: Camera, deadline_s: float = PATIENCE_S) -> Frame:
    with camera.frame(deadline_s) as frame:
        return Frame(frame.width, frame.height, bytearray(frame.rgb))


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


class ScriptedCapture:
    """Stands for `cv2.VideoCapture`: blue frames with a red corner, until it is troubled."""

    def __init__(self, rig: UsbRig, node: Path) -> None:
        self.rig = rig
        self.node = node
        self.grabs = 0
        self.releases = 0
        self.given: list[NDArray[np.uint8]] = []

    def grab(self) -> bool:
        self.grabs += 1
        return True

    def read(self) -> Any:  # noqa: ANN401 - as the protocol
        flows = self.rig.flows
        flows.wait(PATIENCE_S)
        if self.rig.read_error is not None:
            raise self.rig.read_error
        if self.node not in [camera.node for camera in self.rig.attached]:
            return None
        pixels: NDArray[np.uint8] = np.zeros(self.rig.shape, dtype=np.uint8)
        pixels[:, :] = (200, 10, 20)[: self.rig.shape[2]]
        pixels[0, 0] = (0, 0, 255)[: self.rig.shape[2]]
        self.given.append(pixels)
        return pixels

    def release(self) -> None:
        self.releases += 1
        if self.rig.release_error is not None:
            raise self.rig.release_error


class UsbRig:
    """A scripted OpenCV with its troubles."""

    def __init__(self) -> None:
        self.attached = [AttachedCamera(Path("/dev/video0"), "Desk camera")]
        self.captures: list[ScriptedCapture] = []
        self.flows = threading.Event()
        self.flows.set()
        self.shape: tuple[int, int, int] = (720, 1280, 3)
        self.read_error: OSError | None = None
        self.release_error: OSError | None = None
        self.now_s = 100.0

    def cameras(self) -> list[AttachedCamera]:
        return self.attached

    def open(self, node: Path) -> Capture:
        self.captures.append(ScriptedCapture(self, node))
        return self.captures[-1]

    def camera(self) -> V4l2Camera:
        return V4l2Camera(self.cameras, self.open, lambda: self.now_s)

    def unplug(self) -> None:
        self.attached = []

    def plug(self, number: int = 0) -> None:
        self.attached = [AttachedCamera(Path(f"/dev/video{number}"), "Desk camera")]


class FileRig(UsbRig):
    """OpenCV itself on a video file, whose reading can be held up."""

    def __init__(self, film: Path) -> None:
        super().__init__()
        self.film = film
        self.plug()

    def plug(self, number: int = 0) -> None:
        self.attached = [AttachedCamera(self.film, "Film")]

    def open(self, node: Path) -> Capture:
        return HeldCapture(self, OpenCvCapture(node))


class HeldCapture:
    def __init__(self, rig: UsbRig, capture: OpenCvCapture) -> None:
        self.rig = rig
        self.capture = capture

    def grab(self) -> bool:
        return self.capture.grab()

    def read(self) -> Any:  # noqa: ANN401 - as the protocol
        self.rig.flows.wait(PATIENCE_S)
        return self.capture.read() if self.rig.attached else None

    def release(self) -> None:
        self.capture.release()


def write_film(file: Path, frames: int = 60, size_px: tuple[int, int] = (1280, 720)) -> Path:
    """Write a short video that grows brighter."""
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 30.0, size_px)
    for index in range(frames):
        writer.write(np.full((size_px[1], size_px[0], 3), 60 + index, dtype=np.uint8))
    writer.release()
    return file


def write_pictures(folder: Path, sizes_px: tuple[tuple[int, int], ...] = ((640, 480), (300, 900))) -> Path:
    """Write a folder of pictures of different sizes."""
    folder.mkdir()
    for index, size_px in enumerate(sizes_px):
        Image.new("RGB", size_px, (200, 120, 40 + index)).save(folder / f"{index}.png")
    return folder


@dataclass(frozen=True)
class Bench:
    """A camera with a hand that troubles it."""

    camera: Camera
    hang: Callable[[], None]
    resume: Callable[[], None]
    unplug: Callable[[], None]
    plug: Callable[[], None]


def recorded(_: Path) -> Bench:
    return _with_own_hand(RecordedCamera("hopper"))


def card_held_up(_: Path) -> Bench:
    """Stand before the recorded camera with a card; the troubles are that camera's."""
    behind = RecordedCamera("hopper")
    camera = CardBeforeCamera(behind)
    camera.hold_up(training_person("p01"))
    return Bench(camera, behind.hang, behind.resume, behind.unplug, behind.plug)


def film_of_pictures(folder: Path) -> Bench:
    return _with_own_hand(FilmCamera(write_pictures(folder / "pictures")))


def film_of_video(folder: Path) -> Bench:
    return _with_own_hand(FilmCamera(write_film(folder / "film.avi")))


def _with_own_hand(camera: RecordedCamera | FilmCamera) -> Bench:
    return Bench(camera, camera.hang, camera.resume, camera.unplug, camera.plug)


def pi(_: Path) -> Bench:
    rig = PiRig()
    return Bench(PiCamera(0, rig.open), rig.flows.clear, rig.flows.set, rig.unplug, rig.plug)


def usb(_: Path) -> Bench:
    rig = UsbRig()
    return Bench(rig.camera(), rig.flows.clear, rig.flows.set, rig.unplug, rig.plug)


def usb_on_a_file(folder: Path) -> Bench:
    rig = FileRig(write_film(folder / "film.avi"))
    return Bench(V4l2Camera(rig.cameras, rig.open), rig.flows.clear, rig.flows.set, rig.unplug, rig.plug)


BENCHES = {
    "recorded": recorded,
    "card held up": card_held_up,
    "film of pictures": film_of_pictures,
    "film of a video": film_of_video,
    "pi on a scripted library": pi,
    "usb on a scripted library": usb,
    "usb on OpenCV with a file": usb_on_a_file,
}
