"""A camera that plays a short recording: someone arrives, sits down and looks (design D6).

It keeps the contract of `ports.Camera`. Frames are made from the training portraits when they are first needed; each
loan is a copy that is overwritten when it ends, as a real camera's buffer goes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Lock
from typing import Final

from appliance.domain.ephemeral import Frame
from appliance.errors import CameraSilent, NoCamera
from appliance.simulated.portraits import live_frame

CAMERA_NAME: Final = "Recorded camera"


@dataclass(frozen=True, slots=True)
class Scene:
    """How the person is seen for one frame; see `live_frame` for the units."""

    light: float = 1.0
    angle_deg: float = 0.0
    distance: float = 1.0


@dataclass(frozen=True, slots=True)
class Recording:
    """What the camera sees after a person is shown."""

    arriving: tuple[Scene, ...]
    """Seen once, in order."""
    settled: tuple[Scene, ...]
    """Seen from then on, again and again."""


SITTING_DOWN: Final = Recording(
    arriving=(Scene(distance=2.3), Scene(light=0.25, distance=1.2)),
    settled=(Scene(angle_deg=3.0), Scene(light=0.95, angle_deg=-2.0, distance=1.05), Scene(distance=0.95)),
)
"""First too far away, then too dark, then good."""

DARK_ROOM: Final = Recording(arriving=(), settled=(Scene(light=0.12),))
"""Nobody finds the lamp."""


class RecordedCamera:
    """One camera; the training kit's hand shows people to it and troubles it."""

    def __init__(self, portrait: str | None = None, recording: Recording = SITTING_DOWN) -> None:
        """Attach the camera before a person who wears `portrait` (see `portraits.PORTRAITS`), or has no face shown."""
        self._portrait = portrait
        self._recording = recording
        self._next = 0
        self._prepared: dict[int, Frame] = {}
        self._turn = Lock()
        self._flows = Event()
        self._flows.set()
        self._is_attached = True
        self._is_closed = False

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
        self._require_attached()
        if not self._flows.wait(deadline_s):
            raise CameraSilent(deadline_s)
        self._require_attached()
        with self._take() as lent:
            yield lent

    def _require_attached(self) -> None:
        if self._is_closed or not self._is_attached:
            raise NoCamera

    def _take(self) -> Frame:
        with self._turn:
            scenes = self._recording.arriving + self._recording.settled
            index = self._next
            self._next = index + 1 if index + 1 < len(scenes) else len(self._recording.arriving)
            if index not in self._prepared:
                scene = scenes[index]
                self._prepared[index] = live_frame(
                    self._portrait, scene.light, scene.angle_deg, scene.distance, seed=index
                )
            kept = self._prepared[index]
            return Frame(kept.width, kept.height, bytearray(kept.rgb))

    def show(self, portrait: str | None, recording: Recording | None = None) -> None:
        """Let another person sit down; the recording begins again."""
        with self._turn:
            self._forget()
            self._portrait = portrait
            self._recording = recording or self._recording
            self._next = 0

    def unplug(self) -> None:
        """Pull the cable."""
        self._is_attached = False

    def plug(self) -> None:
        """Put the cable back."""
        self._is_attached = True

    def hang(self) -> None:
        """Stop giving frames, as a real camera does when its driver is stuck."""
        self._flows.clear()

    def resume(self) -> None:
        """Give frames again."""
        self._flows.set()

    def close(self) -> None:
        """Let the camera go; safe to call again."""
        self._is_closed = True
        with self._turn:
            self._forget()

    def _forget(self) -> None:
        for frame in self._prepared.values():
            frame.wipe()
        self._prepared.clear()
