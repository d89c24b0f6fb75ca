"""The face engine as the unit uses it: in two worker processes, with deadlines, replaced when they die (H11, H12, D4).

One process looks at live frames, several times a second; one compares, which takes longer and needs four times the
memory. So advice on the picture goes on while faces are compared, and the loss of one leaves the other. They load while
the staff do other things; each call has a deadline, after which the process is killed and a new one starts to load.
Nothing heavy is imported on this side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FaceComparison, FrameQuality
from appliance.face.evidence_file import DEFAULT_EVIDENCE
from appliance.face.messages import (
    compare_question,
    live_question,
    look_question,
    pictures_question,
    read_comparison,
    read_quality,
)
from appliance.face.supervision import SupervisedWorker
from appliance.pictures.confinement import Limits
from appliance.pictures.header import CHIP_BOUNDS, FILE_BOUNDS, read_header

_COMPARING: Final = Limits(memory_bytes=1_280 * 1_048_576, cpu_s=20, exchange_bytes=64 * 1_048_576)
"""The loaded engine takes about 400 MiB of address space beside the exchange; the largest picture file 400 more."""
_WATCHING: Final = Limits(memory_bytes=512 * 1_048_576, cpu_s=5, exchange_bytes=16 * 1_048_576)
"""The detector takes about 200 MiB of address space and the search of a frame 60 more; a frame has 2.8 MB."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long the unit waits for the engine, in seconds."""

    start_s: float = 30.0
    """Loading and warming: a second on a desk, a few and the memory card's time on a Pi 4 (face.md §2)."""
    look_s: float = 2.0
    compare_s: float = 2.5
    """So that the visual check is offered within three seconds (proof.md G2); a Pi 4 needs about 1.5."""
    pictures_s: float = 30.0
    """Picture files may be thirty times as large as a frame."""


class WorkerFaceEngine:
    """The `FaceEngine` port over worker processes; usable from several threads."""

    def __init__(self, evidence: Path = DEFAULT_EVIDENCE, deadlines: Deadlines | None = None) -> None:
        """Start the workers, which load the weights that `evidence` names; return at once."""
        self._deadlines = deadlines or Deadlines()
        words, start_s = [str(evidence.resolve())], self._deadlines.start_s
        self._watching = SupervisedWorker("appliance.face.watcher_process", _WATCHING, words, start_s)
        self._comparing = SupervisedWorker("appliance.face.worker_process", _COMPARING, words, start_s)

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The processes that run: the one that looks and the one that compares; for health pages and tests."""
        workers = (self._watching.process_id, self._comparing.process_id)
        return tuple(process_id for process_id in workers if process_id is not None)

    def warm(self) -> None:
        """Wait until the workers have loaded.

        Raises:
            FaceWeightsRefused, FaceEvidenceOutdated: the weights are missing, altered or without fitting evidence.
            FaceEngineSilent: a worker did not load in time.
        """
        self._watching.warm()
        self._comparing.warm()

    def look(self, frame: Frame) -> FrameQuality:
        """Measure one frame.

        Raises:
            FaceEngineSilent: no answer in time, or the worker died.
            FaceWeightsRefused, FaceEvidenceOutdated: the weights are missing, altered or without fitting evidence.
        """
        # Looks come several times a second, so a comparing worker that was lost is loaded before it is needed.
        self._comparing.revive()
        return self._watching.ask(partial(look_question, frame=frame), self._deadlines.look_s, read_quality)

    def compare(self, chip_photo: bytes | memoryview, frames: Sequence[Frame]) -> FaceComparison:
        """Compare the chip's photo with live frames of one person.

        Raises:
            NoFace: no face on the photo or on any frame.
            SeveralFaces: no frame shows one person alone.
            PictureRefused: the photo's bytes are no acceptable picture.
            FaceEngineSilent: no answer in time, or the worker died.
            FaceWeightsRefused, FaceEvidenceOutdated: the weights are missing, altered or without fitting evidence.
        """
        read_header(chip_photo, CHIP_BOUNDS)
        question = partial(compare_question, photo=chip_photo, frames=frames)
        return self._comparing.ask(question, self._deadlines.compare_s, read_comparison)

    def compare_live(self, before: Frame, after: Frame) -> FaceComparison:
        """Compare two live frames, taken before and after a liveness challenge, by the bands of live pictures.

        Raises:
            NoFace: a frame shows no face.
            SeveralFaces: a frame shows more than one person.
            FaceEngineSilent: no answer in time, or the worker died.
            FaceWeightsRefused, FaceEvidenceOutdated: the weights are missing, altered or without fitting evidence.
        """
        question = partial(live_question, before=before, after=after)
        return self._comparing.ask(question, self._deadlines.compare_s, read_comparison)

    def compare_pictures(self, reference: bytes, live: bytes) -> FaceComparison:
        """Compare two picture files (PNG, JPEG or JPEG 2000), the largest face of each.

        Raises:
            NoFace: one of them shows no face.
            PictureRefused: one of them is no acceptable picture.
            FaceEngineSilent: no answer in time, or the worker died.
            FaceWeightsRefused, FaceEvidenceOutdated: the weights are missing, altered or without fitting evidence.
        """
        read_header(reference, FILE_BOUNDS)
        read_header(live, FILE_BOUNDS)
        question = partial(pictures_question, reference=reference, live=live)
        return self._comparing.ask(question, self._deadlines.pictures_s, read_comparison)

    def close(self) -> None:
        """End the workers and with them every template; a call in progress ends with `FaceEngineSilent`."""
        self._watching.close()
        self._comparing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
