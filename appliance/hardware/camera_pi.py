"""The Raspberry Pi's camera through picamera2, kept at arm's length.

Opening, capturing and even stopping may block for ever inside the driver when a cable is loose, so each step runs on a
thread of its own that is waited for with a deadline. A thread that is stuck keeps the camera; until it comes back the
camera counts as silent, and afterwards the camera is opened anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from typing import Any, Final, Protocol

from appliance.domain.ephemeral import Frame
from appliance.errors import CameraSilent, NoCamera
from appliance.hardware.capture_step import CaptureStep

_FRAME_SIZE_PX: Final = (1280, 720)
_BUFFER_COUNT: Final = 3

# picamera2 names formats by libcamera's little-endian words: its "BGR888" lies in memory as R, G, B.
_RGB_IN_MEMORY: Final = "BGR888"

_LIBRARY_ERRORS: Final = (ImportError, RuntimeError, OSError, LookupError, CancelledError)
"""What picamera2 raises without a camera, with a camera taken by another process, or when it goes away."""


class PiRequest(Protocol):
    """One filled buffer, held until released."""

    def make_array(self, name: str) -> Any:  # noqa: ANN401 - a numpy array, which this file need not import
        """Return a copy of the stream's pixels, height x width x 3."""

    def release(self) -> None:
        """Give the buffer back to the camera."""


class PiJob(Protocol):
    """A capture that will be done."""

    def get_result(self, timeout: float | None = None) -> PiRequest:
        """Wait for it; raise TimeoutError after `timeout` seconds."""


class PiDevice(Protocol):
    """The few calls of `picamera2.Picamera2` that are used."""

    def create_video_configuration(self, main: dict[str, object], buffer_count: int) -> Any:  # noqa: ANN401
        """Describe a stream."""

    def configure(self, camera_config: Any) -> None:  # noqa: ANN401
        """Set the stream up."""

    def start(self) -> None:
        """Let frames flow."""

    def capture_request(self, wait: bool) -> PiJob:  # noqa: FBT001 - the library's own signature
        """Ask for the next frame."""

    def stop(self) -> None:
        """Stop the flow."""

    def close(self) -> None:
        """Let the device go."""


def open_device(index: int) -> PiDevice:
    """Open camera `index` with picamera2, which exists on a Raspberry Pi only."""
    from picamera2 import Picamera2

    device: PiDevice = Picamera2(index)
    return device


class PiCamera:
    """The camera at one connector; opened with the first frame."""

    def __init__(self, index: int = 0, open_device: Callable[[int], PiDevice] = open_device) -> None:
        """Use connector `index`; `open_device` stands for picamera2."""
        self._index = index
        self._open_device = open_device
        self._device: PiDevice | None = None
        self._step: CaptureStep | None = None
        self._turn = Lock()
        self._is_closed = False

    @property
    def name(self) -> str:
        """The camera's name for the self-test."""
        return f"Raspberry Pi camera {self._index}"

    @contextmanager
    def frame(self, deadline_s: float) -> Iterator[Frame]:
        """Lend one RGB frame; its pixels are overwritten when the context ends.

        Raises:
            NoCamera: picamera2 or the camera is missing, in use elsewhere, or closed.
            CameraSilent: no frame came before `deadline_s`, or an earlier capture is still stuck.
        """
        with self._capture_within(deadline_s) as lent:
            yield lent

    def _capture_within(self, deadline_s: float) -> Frame:
        deadline_at = monotonic() + deadline_s
        if not self._turn.acquire(timeout=deadline_s):
            raise CameraSilent(deadline_s)
        try:
            self._wait_for_stuck_step(deadline_s)
            if self._is_closed:
                raise NoCamera
            self._step = CaptureStep("pi-camera", lambda: self._capture(deadline_at, deadline_s))
            return self._step.result(deadline_at - monotonic(), deadline_s)
        finally:
            self._turn.release()

    def _wait_for_stuck_step(self, deadline_s: float) -> None:
        if self._step is not None and not self._step.is_over(deadline_s):
            raise CameraSilent(deadline_s)

    def _capture(self, deadline_at: float, deadline_s: float) -> Frame:
        """Open the device if need be and take one frame; runs on a step's thread."""
        try:
            if self._device is None:
                self._device = self._opened()
            job = self._device.capture_request(wait=False)
            return _copy(job.get_result(timeout=max(0.001, deadline_at - monotonic())))
        except TimeoutError as error:
            self._let_go()
            raise CameraSilent(deadline_s) from error
        except _LIBRARY_ERRORS as error:
            self._let_go()
            raise NoCamera from error

    def _opened(self) -> PiDevice:
        device = self._open_device(self._index)
        stream: dict[str, object] = {"size": _FRAME_SIZE_PX, "format": _RGB_IN_MEMORY}
        device.configure(device.create_video_configuration(main=stream, buffer_count=_BUFFER_COUNT))
        device.start()
        return device

    def _let_go(self) -> None:
        """Stop and close the device, so that the next frame opens it anew; may block, so only on a step's thread."""
        device, self._device = self._device, None
        if device is None:
            return
        for ending in (device.stop, device.close):
            try:
                ending()
            except _LIBRARY_ERRORS:
                # A device that is gone cannot be stopped; closing must still be tried.
                continue

    def close(self) -> None:
        """Let the camera go, waiting a moment for a capture in progress; safe to call again."""
        self._is_closed = True
        with self._turn:
            if self._step is None or self._step.is_over(_CLOSE_WAIT_S):
                self._step = CaptureStep("pi-camera", self._let_go)
                self._step.is_over(_CLOSE_WAIT_S)


_CLOSE_WAIT_S: Final = 2.0
"""A healthy camera stops within two frames; a stuck one is left to the end of the process."""


def _copy(request: PiRequest) -> Frame:
    """Copy the pixels once and give the buffer back at once; the library's own copy is overwritten."""
    try:
        pixels = request.make_array("main")
    finally:
        request.release()
    height, width = pixels.shape[:2]
    frame = Frame(width, height, bytearray(memoryview(pixels).cast("B")))
    pixels.fill(0)
    return frame
