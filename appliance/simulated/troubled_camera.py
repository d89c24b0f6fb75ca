"""What recorded cameras have in common: the training kit's hand troubles them as a true camera is troubled."""

from __future__ import annotations

from threading import Event

from appliance.errors import CameraSilent, NoCamera


class TroubledCamera:
    """Whether frames flow; a camera of this kind waits here before each of them."""

    def __init__(self) -> None:
        """Attach the camera; frames flow."""
        self._flows = Event()
        self._flows.set()
        self._is_attached = True
        self._is_closed = False

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
