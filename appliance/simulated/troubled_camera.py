"""What recorded cameras have in common: the training kit's hand troubles them as a true camera is troubled."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from appliance.domain.ephemeral import Frame
from appliance.errors import CameraSilent, NoCamera


class TroubledCamera:
    """Whether frames flow; a camera of this kind waits here before each of them."""

    def __init__(self) -> None:
        """Attach the camera; frames flow."""
        self._flows = Event()
        self._flows.set()
        self._is_attached = True
        self._is_closed = False
        self._is_frozen = False
        self._stuck: Frame | None = None

    def _await_frame(self, deadline_s: float) -> None:
        """Wait until a frame may come.

        Raises:
            NoCamera: the camera is unplugged or closed.
            CameraSilent: the camera hangs.
        """
        self._require_attached()
        if not self._flows.wait(deadline_s):
            raise CameraSilent(deadline_s)
        self._require_attached()

    def _require_attached(self) -> None:
        if self._is_closed or not self._is_attached:
            raise NoCamera

    def _next_or_stuck(self, next_frame: Callable[[], Frame]) -> Frame:
        """Return the next frame, or, of a frozen camera, a copy of the one it is stuck at; one thread at a time calls."""
        if not self._is_frozen:
            self._forget_stuck()
            return next_frame()
        if self._stuck is None:
            self._stuck = next_frame()
        return Frame(self._stuck.width, self._stuck.height, bytearray(self._stuck.rgb))

    def _forget_stuck(self) -> None:
        if self._stuck is not None:
            self._stuck.wipe()
            self._stuck = None

    def unplug(self) -> None:
        """Pull the cable."""
        self._is_attached = False

    def plug(self) -> None:
        """Put the cable back."""
        self._is_attached = True

    def hang(self) -> None:
        """Stop giving frames, as a real camera does when its driver is stuck."""
        self._flows.clear()

    def freeze(self) -> None:
        """Give one frame again and again, as a camera whose picture stands still."""
        self._is_frozen = True

    def resume(self) -> None:
        """Give new frames again."""
        self._is_frozen = False
        self._flows.set()

    def close(self) -> None:
        """Let the camera go; safe to call again."""
        self._is_closed = True
