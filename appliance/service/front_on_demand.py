"""A front reader that is started by the first look and ended with the person's step, so that a typed code costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from appliance.domain.ephemeral import Frame
from appliance.domain.front_sight import FrontSight
from appliance.errors import CardReadingMissing, CardReadingSilent
from appliance.ports import FrontReader

StartReader = Callable[[], FrontReader]
"""Starts a reader and returns at once, while its engine still loads."""


class FrontReaderOnDemand:
    """Keeps the contract of `ports.FrontReader` over a reader that lives for one person's step."""

    def __init__(self, start: StartReader) -> None:
        """Start nothing yet."""
        self._start = start
        self._reader: FrontReader | None = None
        self._missing: CardReadingMissing | None = None
        self._is_closed = False
        self._changing = Lock()

    def look(self, frame: Frame) -> FrontSight:
        """Look at one frame; the first look of a step waits until the engine has loaded.

        Raises:
            CardReadingMissing: the reading engine is not installed; from then on nothing is started any more.
            CardReadingSilent: no answer before the deadline, the process died, or the unit is closed.
        """
        try:
            reader = self._started()
        except (CardReadingMissing, CardReadingSilent):
            frame.wipe()
            raise
        try:
            return reader.look(frame)
        except CardReadingMissing as missing:
            self._missing = missing
            raise

    def forget(self) -> None:
        """End a person's step: end the reader with its votes, also in the middle of a look; safe to call again."""
        with self._changing:
            reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def close(self) -> None:
        """End the reader for good; safe to call again."""
        self._is_closed = True
        self.forget()

    def _started(self) -> FrontReader:
        with self._changing:
            if self._is_closed:
                raise CardReadingSilent(0.0)
            if self._missing is not None:
                raise self._missing
            if self._reader is None:
                self._reader = self._start()
            return self._reader
