"""The front reader as the unit uses it: in a confined process, with deadlines, replaced when it dies (H11, H12, design D4).

Frames go to the process and votes come back through shared memory that is wiped after each look; nothing is written to
a file. At the end of a person's step the process is ended, so that what the engine's library copied goes with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from threading import Lock
from types import TracebackType
from typing import Final, Self

from appliance.card_front.ballot import VOTE_BYTES, Ballot
from appliance.domain.ephemeral import Frame
from appliance.domain.front_sight import FrontHint, FrontSide, FrontSight, Point
from appliance.errors import CardReadingMissing, CardReadingSilent
from appliance.pictures.confinement import Confinement, Limits, Lost, Message, remaining_s
from appliance.pictures.exchange import ExchangeFull
from appliance.pictures.travelling_errors import rebuild_error

_PROCESS: Final = "appliance.card_front.worker_process"
_LIMITS: Final = Limits(memory_bytes=1_024 * 1_048_576, cpu_s=20, exchange_bytes=16 * 1_048_576)
"""Both networks and the arithmetic take under 500 MiB of address space; a frame of 1280 x 720 takes 2.7 MiB."""
START_DEADLINE_S: Final = 20.0
"""A start takes half a second on a desk and a few from a slow memory card."""
LOOK_DEADLINE_S: Final = 5.0
"""A look takes half a second on a desk."""
_KEPT: Final = frozenset({FrontSide.FRONT, FrontSide.NOTHING})
"""Frames of these are left to the caller; all others are overwritten."""


class WorkerFrontReader:
    """The `FrontReader` port over a confined process; usable from several threads, which then wait for each other."""

    def __init__(
        self, today: Callable[[], date], deadline_s: float = LOOK_DEADLINE_S, module: str = _PROCESS
    ) -> None:
        """Start the process `module`, which loads the engine; return at once. `today` is the day in Japan."""
        self._today = today
        self._deadline_s = deadline_s
        self._confinement = Confinement(module, _LIMITS)
        self._ballot = Ballot()
        self._turn = Lock()
        self._is_ready = False
        self._is_closed = False
        self._missing: CardReadingMissing | None = None
        self._started_at = 0.0
        self._start()

    @property
    def process_id(self) -> int | None:
        """The process that reads, or None while there is none; for health pages and tests."""
        return self._confinement.process_id

    def look(self, frame: Frame) -> FrontSight:
        """Look at one frame and add what a front says to this step's proposal.

        Raises:
            CardReadingMissing: the reading engine is not installed.
            CardReadingSilent: no answer before the deadline, or the process died.
        """
        side = FrontSide.UNCLEAR
        try:
            sight = self._look(frame)
            side = sight.side
            return sight
        finally:
            if side not in _KEPT:
                frame.wipe()

    def _look(self, frame: Frame) -> FrontSight:
        if not self._turn.acquire(timeout=self._deadline_s):
            raise CardReadingSilent(self._deadline_s)
        try:
            self._await_ready()
            deadline_at = time.monotonic() + self._deadline_s
            offset = self._confinement.exchange.put(frame.rgb)
            self._confinement.send({"job": "look", "frame": [offset, frame.width, frame.height]})
            answer = self._require(self._confinement.receive(remaining_s(deadline_at)))
            return self._understand(answer)
        except ExchangeFull as error:
            raise CardReadingSilent(self._deadline_s) from error
        finally:
            self._confinement.wipe()
            self._turn.release()

    def _understand(self, answer: Message) -> FrontSight:
        """Read an answer; a process that talks nonsense is replaced like a dead one."""
        try:
            side, hint = FrontSide(answer["side"]), FrontHint(answer["hint"])
            outline = _outline(answer["outline"])
            if side is not FrontSide.FRONT:
                return FrontSight(side, hint, outline)
            with self._confinement.exchange.view(0, VOTE_BYTES) as votes:
                self._ballot.add(votes)
        except (KeyError, TypeError, ValueError) as error:
            self._start_anew()
            raise CardReadingSilent(self._deadline_s) from error
        proposal = self._ballot.proposal(self._today())
        is_done = proposal is not None and proposal.is_complete and not proposal.doubtful
        return FrontSight(side, FrontHint.DONE if is_done else hint, outline, proposal)

    def forget(self) -> None:
        """End a person's step: overwrite the votes and replace the process that saw the card."""
        with self._turn:
            self._ballot.wipe()
            if not self._is_closed and self._missing is None:
                self._start_anew()

    def close(self) -> None:
        """End the process; a call in progress ends with `CardReadingSilent`. Safe to call again."""
        self._is_closed = True
        self._confinement.interrupt()
        with self._turn:
            self._confinement.end()
            self._ballot.wipe()
            self._is_ready = False

    def _start(self) -> None:
        self._is_ready = False
        self._started_at = time.monotonic()
        self._confinement.start()

    def _start_anew(self) -> None:
        self._confinement.end()
        self._start()

    def _await_ready(self) -> None:
        """Wait for the process to load; one that could not says why, even when it has ended by then."""
        if self._missing is not None:
            raise self._missing
        if self._is_closed:
            raise CardReadingSilent(0.0)
        if self._is_ready:
            return
        self._require(self._confinement.receive(remaining_s(self._started_at + START_DEADLINE_S)))
        self._is_ready = True

    def _require(self, answer: Message | Lost) -> Message:
        """Return a true answer; replace a lost process at once, so that it loads while staff go on."""
        if isinstance(answer, Lost):
            if not self._is_closed:
                self._start()
            raise CardReadingSilent(self._deadline_s)
        if "error" not in answer:
            return answer
        error = rebuild_error(answer)
        if isinstance(error, CardReadingMissing):
            self._missing = error
        raise error or CardReadingSilent(self._deadline_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _outline(value: object) -> tuple[Point, ...]:
    if not isinstance(value, list) or len(value) not in {0, 4}:
        raise TypeError("outline")
    return tuple(_point(each) for each in value)


def _point(value: object) -> Point:
    match value:
        case [int() | float() as x, int() | float() as y]:
            return float(x), float(y)
        case _:
            raise TypeError("point")
