"""One worker process of the face engine, kept alive: asked with a deadline, replaced at once when it is lost (H12)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final, TypeVar

from appliance.errors import (
    CameraTrouble,
    FaceEngineSilent,
    FaceEvidenceOutdated,
    FaceWeightsRefused,
    PictureRefused,
)
from appliance.pictures.confinement import Cause, Confinement, Limits, Lost, Message, remaining_s
from appliance.pictures.exchange import ExchangeFull, Stage
from appliance.pictures.travelling_errors import rebuild_error

Answer = TypeVar("Answer")
Question = Callable[[Confinement], Message]
"""Puts pictures into the exchange and returns the words that go with them."""

_LASTING: Final = (FaceWeightsRefused, FaceEvidenceOutdated)
"""Refusals that a new worker would only repeat."""

_ENOUGH: Final = 0.7
"""Share of a deadline that has to be left when the question is put."""


class SupervisedWorker:
    """A worker process that loads while staff do other things; usable from several threads, which take turns."""

    def __init__(self, module: str, limits: Limits, arguments: Sequence[str], start_s: float) -> None:
        """Start the process, which has `start_s` to load; return at once."""
        self._confinement = Confinement(module, limits, arguments)
        self._start_s = start_s
        self._turn = Lock()
        self._is_ready = False
        self._is_closed = False
        self._refusal: Message | None = None
        self._started_at = 0.0
        self._start()

    @property
    def process_id(self) -> int | None:
        """The process, or None while there is none."""
        return self._confinement.process_id

    def warm(self) -> None:
        """Wait until the process has loaded.

        Raises:
            FaceWeightsRefused, FaceEvidenceOutdated: the weights may not be used.
            FaceEngineSilent: it did not load in time.
        """
        self._take_turn(self._start_s)
        try:
            self._await_ready(self._start_s)
        finally:
            self._turn.release()

    def ask(self, question: Question, deadline_s: float, read: Callable[[Message], Answer]) -> Answer:
        """Put one question and read its answer; the exchange is wiped on every way out.

        The deadline counts from the call, whatever the process is doing; one that still loads goes on loading.

        Raises:
            FaceEngineSilent: no answer in time, or the process died.
            CameraTrouble: what the process answered.
        """
        deadline_at = time.monotonic() + deadline_s
        self._take_turn(deadline_s)
        try:
            self._await_ready(remaining_s(deadline_at))
            if remaining_s(deadline_at) < deadline_s * _ENOUGH:
                # A process that has just loaded would be late through no fault of its own, and be ended for it.
                raise FaceEngineSilent(deadline_s)
            self._confinement.send(question(self._confinement))
            answer = self._require(self._confinement.receive(remaining_s(deadline_at)), deadline_s)
            return self._understand(answer, deadline_s, read)
        except ExchangeFull as error:
            raise PictureRefused("size") from error
        finally:
            self._confinement.wipe()
            self._turn.release()

    def revive(self) -> None:
        """Start a new process if the present one died while nobody asked it; return at once."""
        if not self._turn.acquire(blocking=False):
            return
        try:
            if self._confinement.process_id is None and self._refusal is None and not self._is_closed:
                self._start()
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the process and all that it holds; a call in progress ends with `FaceEngineSilent`."""
        self._is_closed = True
        self._confinement.interrupt()
        with self._turn:
            self._confinement.end()
            self._is_ready = False

    def _understand(self, answer: Message, deadline_s: float, read: Callable[[Message], Answer]) -> Answer:
        """Read an answer; a process that talks nonsense is replaced like a dead one."""
        try:
            return read(answer)
        except (KeyError, TypeError, ValueError) as error:
            self._confinement.end()
            self._start()
            raise FaceEngineSilent(deadline_s) from error

    def _take_turn(self, deadline_s: float) -> None:
        if not self._turn.acquire(timeout=deadline_s):
            raise FaceEngineSilent(deadline_s)

    def _start(self) -> None:
        self._is_ready = False
        self._started_at = time.monotonic()
        self._confinement.start()

    def _await_ready(self, within_s: float) -> None:
        """Wait for the process to load, starting one if there is none."""
        if self._refusal is not None:
            raise rebuild_error(self._refusal) or FaceEngineSilent(0.0)
        if self._is_closed:
            raise FaceEngineSilent(0.0)
        if self._confinement.process_id is None:
            self._start()
        if self._is_ready:
            return
        load_s = remaining_s(self._started_at + self._start_s)
        if within_s < load_s and not self._confinement.has_answered(within_s):
            raise FaceEngineSilent(within_s)
        self._require(self._confinement.receive(load_s), self._start_s)
        self._is_ready = True

    def _require(self, answer: Message | Lost, deadline_s: float) -> Message:
        """Return a true answer; replace a lost process at once, so that it loads while the staff go on."""
        if isinstance(answer, Lost):
            if not self._is_closed:
                self._start()
            raise _loss(answer, deadline_s)
        if "error" not in answer:
            return answer
        if isinstance(rebuild_error(answer), _LASTING):
            self._refusal = answer
        # Raised without a name: a name in this frame would keep the error, and the pictures asked about, in a circle.
        raise rebuild_error(answer) or FaceEngineSilent(deadline_s)


def _loss(lost: Lost, deadline_s: float) -> CameraTrouble:
    """Blame the picture when the process was lost inside its decoder, else the engine."""
    if lost.stage is not Stage.DECODING:
        return FaceEngineSilent(deadline_s)
    return PictureRefused("time" if lost.cause in (Cause.LATE, Cause.OVERTIME) else "decode")
