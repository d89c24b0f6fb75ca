"""The face engine as the unit uses it: in a worker process, with deadlines, replaced when it dies (H11, H12, design D4).

The embedding holds the interpreter's lock for a tenth of a second and more, so in the unit's own process it would
freeze the screen. The worker loads while the staff do other things; each call has a deadline, after which the worker
is killed and a new one starts to load. Nothing heavy is imported on this side.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Final, Self, TypeVar

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FaceBand, FaceComparison, FrameHint, FrameQuality
from appliance.errors import CameraTrouble, FaceEngineSilent, FaceWeightsRefused, PictureRefused
from appliance.face.evidence_file import DEFAULT_EVIDENCE
from appliance.pictures.confinement import Cause, Confinement, Limits, Lost, Message, remaining_s
from appliance.pictures.exchange import ExchangeFull, Stage
from appliance.pictures.header import CHIP_BOUNDS, FILE_BOUNDS, read_header
from appliance.pictures.travelling_errors import rebuild_error

_LIMITS: Final = Limits(memory_bytes=1_024 * 1_048_576, cpu_s=20, exchange_bytes=64 * 1_048_576)
"""The loaded engine takes about 280 MiB of address space beside the exchange; the largest picture file 400 more."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long the unit waits for the engine, in seconds."""

    start_s: float = 30.0
    """Loading and warming: 0.5 s on a desk, 1.5 to 2.8 s and the memory card's time on a Pi 4 (face.md §2)."""
    look_s: float = 2.0
    compare_s: float = 8.0
    """A chip photo and three frames take about 3.5 s on a Pi 4 at worst (face.md §2)."""
    pictures_s: float = 30.0
    """Picture files may be thirty times as large as a frame."""


class WorkerFaceEngine:
    """The `FaceEngine` port over a worker process; usable from several threads, which then wait for each other."""

    def __init__(self, evidence: Path = DEFAULT_EVIDENCE, deadlines: Deadlines | None = None) -> None:
        """Start the worker, which loads the weights that `evidence` names; return at once."""
        self._deadlines = deadlines or Deadlines()
        self._confinement = Confinement("appliance.face.worker_process", _LIMITS, [str(evidence.resolve())])
        self._turn = Lock()
        self._is_ready = False
        self._is_closed = False
        self._refused_weights: str | None = None
        self._started_at = 0.0
        self._start()

    @property
    def process_id(self) -> int | None:
        """The worker, or None while there is none; for health pages and tests."""
        return self._confinement.process_id

    def warm(self) -> None:
        """Wait until the worker has loaded.

        Raises:
            FaceWeightsRefused: the weights are missing, altered or without evidence.
            FaceEngineSilent: the worker did not load in time.
        """
        self._take_turn(self._deadlines.start_s)
        try:
            self._await_ready()
        finally:
            self._turn.release()

    def look(self, frame: Frame) -> FrameQuality:
        """Measure one frame.

        Raises:
            FaceEngineSilent: no answer in time, or the worker died.
            FaceWeightsRefused: the weights are missing, altered or without evidence.
        """
        return self._ask(lambda: _look_question(self._confinement, frame), self._deadlines.look_s, _quality)

    def compare(self, chip_photo: bytes, frames: Sequence[Frame]) -> FaceComparison:
        """Compare the chip's photo with live frames of one person.

        Raises:
            NoFace: no face on the photo or on any frame.
            SeveralFaces: no frame shows one person alone.
            PictureRefused: the photo's bytes are no acceptable picture.
            FaceEngineSilent: no answer in time, or the worker died.
            FaceWeightsRefused: the weights are missing, altered or without evidence.
        """
        read_header(chip_photo, CHIP_BOUNDS)
        return self._ask(
            lambda: _compare_question(self._confinement, chip_photo, frames),
            self._deadlines.compare_s,
            _comparison,
        )

    def compare_pictures(self, reference: bytes, live: bytes) -> FaceComparison:
        """Compare two picture files (PNG, JPEG or JPEG 2000), the largest face of each.

        Raises:
            NoFace: one of them shows no face.
            PictureRefused: one of them is no acceptable picture.
            FaceEngineSilent: no answer in time, or the worker died.
            FaceWeightsRefused: the weights are missing, altered or without evidence.
        """
        read_header(reference, FILE_BOUNDS)
        read_header(live, FILE_BOUNDS)
        return self._ask(
            lambda: _pictures_question(self._confinement, reference, live),
            self._deadlines.pictures_s,
            _comparison,
        )

    def close(self) -> None:
        """End the worker and with it every template; a call in progress ends with `FaceEngineSilent`."""
        self._is_closed = True
        self._confinement.interrupt()
        with self._turn:
            self._confinement.end()
            self._is_ready = False

    def _ask(
        self, question: Callable[[], Message], deadline_s: float, read: Callable[[Message], Answer]
    ) -> Answer:
        """Put one question and read its answer; the exchange is wiped on every way out."""
        deadline_at = time.monotonic() + deadline_s
        self._take_turn(deadline_s)
        try:
            if not self._is_ready:
                self._await_ready()
                deadline_at = time.monotonic() + deadline_s
            self._confinement.send(question())
            answer = self._require(self._confinement.receive(remaining_s(deadline_at)), deadline_s)
            return self._understand(answer, deadline_s, read)
        except ExchangeFull as error:
            raise PictureRefused("size") from error
        finally:
            self._confinement.wipe()
            self._turn.release()

    def _understand(self, answer: Message, deadline_s: float, read: Callable[[Message], Answer]) -> Answer:
        """Read an answer; a worker that talks nonsense is replaced like a dead one."""
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

    def _await_ready(self) -> None:
        """Wait for the worker to load, starting one if there is none."""
        if self._refused_weights is not None:
            raise FaceWeightsRefused(self._refused_weights)
        if self._is_closed:
            raise FaceEngineSilent(0.0)
        if self._is_ready:
            return
        if self._confinement.process_id is None:
            self._start()
        deadline_s = self._deadlines.start_s
        self._require(self._confinement.receive(remaining_s(self._started_at + deadline_s)), deadline_s)
        self._is_ready = True

    def _require(self, answer: Message | Lost, deadline_s: float) -> Message:
        """Return a true answer; replace a lost worker at once, so that it loads while the staff go on."""
        if isinstance(answer, Lost):
            if not self._is_closed:
                self._start()
            raise _loss(answer, deadline_s)
        if "error" not in answer:
            return answer
        error = rebuild_error(answer)
        if isinstance(error, FaceWeightsRefused):
            self._refused_weights = error.name
        raise error or FaceEngineSilent(deadline_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _loss(lost: Lost, deadline_s: float) -> CameraTrouble:
    """Blame the picture when the worker was lost inside its decoder, else the engine."""
    if lost.stage is not Stage.DECODING:
        return FaceEngineSilent(deadline_s)
    return PictureRefused("time" if lost.cause in (Cause.LATE, Cause.OVERTIME) else "decode")


def _look_question(confinement: Confinement, frame: Frame) -> Message:
    return {"job": "look", "frames": [_put_frame(confinement, frame)]}


def _compare_question(confinement: Confinement, photo: bytes, frames: Sequence[Frame]) -> Message:
    return {
        "job": "compare",
        "photo": [confinement.exchange.put(photo), len(photo)],
        "frames": [_put_frame(confinement, frame) for frame in frames],
    }


def _pictures_question(confinement: Confinement, reference: bytes, live: bytes) -> Message:
    return {
        "job": "compare_pictures",
        "reference": [confinement.exchange.put(reference), len(reference)],
        "live": [confinement.exchange.put(live), len(live)],
    }


def _put_frame(confinement: Confinement, frame: Frame) -> list[int]:
    return [confinement.exchange.put(frame.rgb), frame.width, frame.height]


def _quality(answer: Message) -> FrameQuality:
    return FrameQuality(
        hint=FrameHint(answer["hint"]),
        faces=_whole(answer["faces"]),
        face_height_px=_whole(answer["face_height_px"]),
        luma=_number(answer["luma"]),
        sharpness=_number(answer["sharpness"]),
        turn=_number(answer["turn"]),
    )


def _comparison(answer: Message) -> FaceComparison:
    quality = answer["quality"]
    if not isinstance(quality, dict):
        raise TypeError("quality")
    return FaceComparison(
        score=_number(answer["score"]),
        threshold=_number(answer["threshold"]),
        band=FaceBand(answer["band"]),
        quality=_quality(quality),
        frames_used=_whole(answer["frames_used"]),
    )


def _number(value: object) -> float:
    if not isinstance(value, (int, float)):
        raise TypeError("number")
    return float(value)


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("whole number")
    return value
