"""A camera that plays a short recording: someone arrives, sits down and looks (design D6).

It keeps the contract of `ports.Camera`. Frames are made from the training portraits when they are first needed; each
loan is a copy that is overwritten when it ends, as a real camera's buffer goes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from appliance.domain.ephemeral import Frame
from appliance.simulated.scenes import SITTING_DOWN, Recording, scene_frame
from appliance.simulated.troubled_camera import TroubledCamera

CAMERA_NAME: Final = "Recorded camera"


class RecordedCamera(TroubledCamera):
    """One camera; the training kit's hand shows people to it and troubles it."""

    def __init__(self, portrait: str | None = None, recording: Recording = SITTING_DOWN) -> None:
        """Attach the camera before a person who wears `portrait` (see `portraits.PORTRAITS`), or has no face shown."""
        super().__init__()
        self._portrait = portrait
        self._recording = recording
        self._next = 0
        self._prepared: dict[int, Frame] = {}
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
        with self._take() as lent:
            yield lent

    def _take(self) -> Frame:
        with self._turn:
            scenes = self._recording.arriving + self._recording.settled
            index = self._next
            self._next = index + 1 if index + 1 < len(scenes) else len(self._recording.arriving)
            if index not in self._prepared:
                self._prepared[index] = scene_frame(self._portrait, scenes[index], seed=index)
            kept = self._prepared[index]
            return Frame(kept.width, kept.height, bytearray(kept.rgb))

    def show(self, portrait: str | None, recording: Recording | None = None) -> None:
        """Let another person sit down; the recording begins again."""
        with self._turn:
            self._forget()
            self._portrait = portrait
            self._recording = recording or self._recording
            self._next = 0

    def close(self) -> None:
        """Let the camera go; safe to call again."""
        super().close()
        with self._turn:
            self._forget()

    def _forget(self) -> None:
        for frame in self._prepared.values():
            frame.wipe()
        self._prepared.clear()
