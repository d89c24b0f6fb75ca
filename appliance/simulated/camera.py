"""A camera that plays a short recording: someone arrives, sits down and looks (design D6).

It keeps the contract of `ports.Camera`. A scene is drawn when it is first needed; each frame of it has noise of its own, as
a sensor's has, so that only a camera that froze repeats itself. Each loan is overwritten when it ends, as a real camera's
buffer goes back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

from appliance.domain.ephemeral import Frame
from appliance.simulated.scenes import SITTING_DOWN, Recording, Scene, drawn_scene
from appliance.simulated.sensor import expose
from appliance.simulated.troubled_camera import TroubledCamera

if TYPE_CHECKING:
    from PIL import Image

CAMERA_NAME: Final = "Recorded camera"


class RecordedCamera(TroubledCamera):
    """One camera; the training kit's hand shows people to it and troubles it."""

    def __init__(
        self,
        portrait: str | None = None,
        recording: Recording = SITTING_DOWN,
        lamp: Callable[[], bool] = lambda: False,
    ) -> None:
        """Attach the camera before a person who wears `portrait` (see `portraits.PORTRAITS`), or has no face shown.

        `lamp` tells whether the panel's lamp is on.
        """
        super().__init__()
        self._portrait = portrait
        self._recording = recording
        self._follows: Recording | None = None
        self._lamp = lamp
        self._next = 0
        self._frames = 0
        """Seeds the noise: frames since the person was shown."""
        self._drawn: dict[Scene, Image.Image] = {}
        self._turn = Lock()

    @property
    def name(self) -> str:
        """The camera's name for the self-test."""
        return CAMERA_NAME

    @contextmanager
    def frame(self, deadline_s: float) -> Iterator[Frame]:
        """Lend the next frame of the recording; its pixels are overwritten when the context ends.

        Raises:
            NoCamera: the camera is unplugged or closed.
            CameraSilent: the camera hangs.
            PortraitMissing: the portrait's package is not installed.
        """
        self._await_frame(deadline_s)
        with self._turn:
            lent = self._next_or_stuck(self._take)
        with lent:
            yield lent

    def _take(self) -> Frame:
        follows, self._follows = self._follows, None
        if follows is not None:
            self._recording, self._next = follows, 0
        recorded = self._recording.arriving + self._recording.settled
        scene, after = recorded[self._next], self._next + 1
        if scene not in self._drawn:
            self._drawn[scene] = drawn_scene(self._portrait, scene)
        frame = expose(self._drawn[scene], scene.light_with(lamp=self._lamp()), self._frames)
        self._next = after if after < len(recorded) else len(self._recording.arriving)
        self._frames += 1
        return frame

    def show(self, portrait: str | None, recording: Recording | None = None) -> None:
        """Let another person sit down; the recording begins again."""
        with self._turn:
            self._forget()
            self._portrait = portrait
            self._recording = recording or self._recording
            self._follows = None
            self._next = self._frames = 0

    def go_on(self, recording: Recording) -> None:
        """Let the person who sits there do something else from the next frame on; never waits for a frame."""
        self._follows = recording

    def close(self) -> None:
        """Let the camera go; safe to call again."""
        super().close()
        with self._turn:
            self._forget()

    def _forget(self) -> None:
        self._forget_stuck()
        for picture in self._drawn.values():
            picture.paste(0, (0, 0, *picture.size))
        self._drawn.clear()
