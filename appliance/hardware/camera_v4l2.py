"""A USB camera through OpenCV's Video4Linux capture, kept at arm's length.

Reading may block inside the driver, so each step runs on a thread that is waited for with a deadline. A step that stays
stuck is left behind with its device, and the camera is looked for anew: pulled and plugged in again it comes back under
another node while the old one is still held.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, Final, Protocol

import numpy as np

from appliance.domain.ephemeral import Frame
from appliance.errors import CameraSilent, NoCamera
from appliance.hardware.attached_cameras import AttachedCamera, list_cameras
from appliance.hardware.capture_step import CaptureStep

_FRAME_SIZE_PX: Final = (1280, 720)
_BUFFERS: Final = 1
"""Asked for; a driver may keep more, up to OpenCV's four."""
_STALE_AFTER_S: Final = 0.5
_STALE_FRAMES: Final = 4
"""After a pause the driver's buffers hold the past, perhaps another person."""
_SELECT_TIMEOUT_S: Final = 2
"""OpenCV's own wait for a frame, ten seconds unless told; the camera is to be back within ten."""
_GIVE_UP_AFTER_S: Final = 4.0
_LEFT_BEHIND_MOST: Final = 3
"""Threads that a driver may keep for ever before the camera counts as silent until one comes back."""
_CLOSE_WAIT_S: Final = 2.0


class Capture(Protocol):
    """The few calls of `cv2.VideoCapture` that are used, its errors turned into OSError."""

    def grab(self) -> bool:
        """Take one frame and throw it away; False when none came."""

    def read(self) -> Any:  # noqa: ANN401 - a numpy array or None
        """Return the next frame's pixels, height x width x 3 in blue, green, red; None when none came."""

    def release(self) -> None:
        """Let the device go."""


class OpenCvCapture:
    """`cv2.VideoCapture` on a device node or, for tests and training, on a file."""

    def __init__(self, source: Path) -> None:
        """Open `source`.

        Raises:
            OSError: OpenCV is missing, or the source does not open.
        """
        # Read by OpenCV when the first capture begins; there is no call for it.
        os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", str(_SELECT_TIMEOUT_S))
        try:
            import cv2
        except ImportError as error:
            raise OSError("cv2") from error
        # OpenCV writes warnings over the staff's screen.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        self._error: type[Exception] = cv2.error
        is_device = source.is_char_device()
        self._capture = cv2.VideoCapture(str(source), cv2.CAP_V4L2 if is_device else cv2.CAP_ANY)
        if not self._capture.isOpened():
            self._capture.release()
            raise OSError("open")
        if is_device:
            self._ask_for_format(cv2)

    def _ask_for_format(self, cv2: Any) -> None:  # noqa: ANN401 - the untyped module itself
        # Uncompressed, USB 2 carries ten frames of this size per second.
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, _FRAME_SIZE_PX[0])
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, _FRAME_SIZE_PX[1])
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, _BUFFERS)

    def grab(self) -> bool:
        """Take one frame and throw it away; False when none came."""
        try:
            return bool(self._capture.grab())
        except self._error as error:
            raise OSError("grab") from error

    def read(self) -> Any:  # noqa: ANN401 - a numpy array or None
        """Return the next frame's pixels in blue, green, red; None when none came."""
        try:
            came, pixels = self._capture.read()
        except self._error as error:
            raise OSError("read") from error
        return pixels if came else None

    def release(self) -> None:
        """Let the device go."""
        try:
            self._capture.release()
        except self._error as error:
            raise OSError("release") from error


class _Line:
    """One opened device, which one step at a time works on and takes with it when it is left behind."""

    def __init__(self) -> None:
        self.capture: Capture | None = None
        self.read_at: float | None = None
        self.is_left_behind = False

    def let_go(self) -> None:
        """Release the device; may block, so only on a step's thread."""
        capture, self.capture = self.capture, None
        if capture is not None:
            try:
                capture.release()
            except OSError:
                # A device that is gone cannot be released; its memory goes with the object.
                return


class V4l2Camera:
    """The first USB camera of this machine; looked for and opened with the first frame."""

    def __init__(
        self,
        cameras: Callable[[], list[AttachedCamera]] = list_cameras,
        open_capture: Callable[[Path], Capture] = OpenCvCapture,
        monotonic_s: Callable[[], float] = monotonic,
    ) -> None:
        """Look for cameras with `cameras` and open one with `open_capture`."""
        self._cameras = cameras
        self._open_capture = open_capture
        self._monotonic_s = monotonic_s
        self._line = _Line()
        self._step: CaptureStep | None = None
        self._step_began_at = 0.0
        self._left_behind: list[CaptureStep] = []
        self._turn = Lock()
        self._is_closed = False

    @property
    def name(self) -> str:
        """The camera's name for the self-test."""
        attached = self._cameras()
        return attached[0].name or "USB camera" if attached else "USB camera"

    @contextmanager
    def frame(self, deadline_s: float) -> Iterator[Frame]:
        """Lend one RGB frame; its pixels are overwritten when the context ends.

        Raises:
            NoCamera: no camera is attached, it is in use elsewhere, went away or is closed.
            CameraSilent: no frame came before `deadline_s`, or an earlier step is still stuck.
        """
        with self._capture_within(deadline_s) as lent:
            yield lent

    def _capture_within(self, deadline_s: float) -> Frame:
        deadline_at = self._monotonic_s() + deadline_s
        if not self._turn.acquire(timeout=deadline_s):
            raise CameraSilent(deadline_s)
        try:
            if self._is_closed:
                raise NoCamera
            self._end_or_leave_last_step(deadline_s)
            line = self._line
            self._step_began_at = self._monotonic_s()
            self._step = CaptureStep("usb-camera", lambda: self._capture(line))
            return self._step.result(deadline_at - self._monotonic_s(), deadline_s)
        finally:
            self._turn.release()

    def _end_or_leave_last_step(self, deadline_s: float) -> None:
        """Wait for a stuck step; leave it behind once it has been stuck for long.

        Raises:
            CameraSilent: it is stuck, and not for long yet, or too many are.
        """
        if self._step is None or self._step.is_over(0.0):
            return
        self._left_behind = [step for step in self._left_behind if not step.is_over(0.0)]
        is_given_up = self._monotonic_s() - self._step_began_at >= _GIVE_UP_AFTER_S
        if is_given_up and len(self._left_behind) < _LEFT_BEHIND_MOST:
            self._line.is_left_behind = True
            self._left_behind.append(self._step)
            self._line, self._step = _Line(), None
        elif not self._step.is_over(deadline_s):
            raise CameraSilent(deadline_s)

    def _capture(self, line: _Line) -> Frame:
        """Open the device if need be and take one frame; runs on a step's thread."""
        try:
            return self._read(line)
        except (OSError, ValueError) as error:
            line.let_go()
            raise NoCamera from error
        finally:
            if line.is_left_behind or self._is_closed:
                line.let_go()

    def _read(self, line: _Line) -> Frame:
        if line.capture is None:
            line.capture = self._opened()
        elif line.read_at is not None and self._monotonic_s() - line.read_at > _STALE_AFTER_S:
            _drop_stale(line.capture)
        pixels = line.capture.read()
        if pixels is None:
            raise OSError("read")
        line.read_at = self._monotonic_s()
        return _copy(pixels)

    def _opened(self) -> Capture:
        attached = self._cameras()
        if not attached:
            raise OSError("none")
        return self._open_capture(attached[0].node)

    def close(self) -> None:
        """Let the camera go, waiting a moment for a step in progress; safe to call again."""
        self._is_closed = True
        if not self._turn.acquire(timeout=_CLOSE_WAIT_S):
            return
        try:
            if self._step is None or self._step.is_over(_CLOSE_WAIT_S):
                line = self._line
                self._step = CaptureStep("usb-camera", line.let_go)
                self._step.is_over(_CLOSE_WAIT_S)
        finally:
            self._turn.release()


def _drop_stale(capture: Capture) -> None:
    for _ in range(_STALE_FRAMES):
        if not capture.grab():
            return


def _copy(pixels: Any) -> Frame:  # noqa: ANN401 - a numpy array
    """Turn blue, green, red into a frame of its own; the library's copy is overwritten.

    Raises:
        ValueError: the pixels have no three colours.
    """
    height, width, colours = pixels.shape
    if colours != 3:
        raise ValueError("colours")
    rgb = bytearray(height * width * 3)
    # No copy is made that nobody could overwrite.
    np.frombuffer(rgb, dtype=np.uint8).reshape(height, width, 3)[:] = pixels[:, :, ::-1]
    pixels.fill(0)
    return Frame(width, height, rgb)
