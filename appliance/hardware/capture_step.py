"""One step of a camera on a thread of its own, which may be left behind when the driver never comes back."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Thread

from appliance.domain.ephemeral import Frame
from appliance.errors import CameraSilent, CameraTrouble


class CaptureStep:
    """One call into a camera's library; begins at once."""

    def __init__(self, name: str, work: Callable[[], Frame | None]) -> None:
        """Run `work`, which raises nothing but `CameraTrouble`, on a thread called `name`."""
        self._work = work
        self._frame: Frame | None = None
        self._error: CameraTrouble | None = None
        self._is_abandoned = False
        self._border = Lock()
        # A daemon: a driver that never answers must not keep the program from ending.
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            frame = self._work()
        except CameraTrouble as error:
            self._error = error
            return
        with self._border:
            if self._is_abandoned and frame is not None:
                frame.wipe()
            else:
                self._frame = frame

    def is_over(self, wait_s: float) -> bool:
        """Tell whether the step has ended, waiting for it up to `wait_s`."""
        self._thread.join(max(0.0, wait_s))
        return not self._thread.is_alive()

    def result(self, wait_s: float, deadline_s: float) -> Frame:
        """Return the frame; a step that is late is left behind and wipes what it still brings.

        Raises:
            CameraTrouble: what the step raised; `CameraSilent` with `deadline_s` where it is late.
        """
        self.is_over(wait_s)
        with self._border:
            self._is_abandoned = True
            frame, self._frame = self._frame, None
        if frame is not None:
            return frame
        raise self._error or CameraSilent(deadline_s)
