"""A clock for recorded scenes: each look at it lets one frame's time pass, however long the frame takes to be drawn.

So a scene ends the same way on a fast machine and on a busy one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from appliance.ports import Clock

FRAME_EVERY_S: Final = 0.12
"""Between the frames of a Raspberry Pi 4 (face.md §2)."""


class FilmClock:
    """Tells the true day, and film time for whatever is measured in seconds; implements `ports.Clock`."""

    def __init__(self, true: Clock) -> None:
        """Take the day from `true`."""
        self._true = true
        self._passed_s = true.monotonic_s()

    def now(self) -> datetime:
        """Return the present instant."""
        return self._true.now()

    def monotonic_s(self) -> float:
        """Return seconds that are one frame further each time."""
        self._passed_s += FRAME_EVERY_S
        return self._passed_s
