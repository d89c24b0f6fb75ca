"""A unit's look at a card's front in a process of its own, so that its memory can be searched from outside.

Words: `look A` (A is a file with one frame), `hold A` (as `look`, and the step stays open until the next word), `leave`,
`pids`. It tells after each word what came of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from types import SimpleNamespace
from typing import cast

from appliance.card_front.worker import WorkerFrontReader
from appliance.domain.ephemeral import Frame
from appliance.errors import CameraTrouble
from appliance.pictures.freed_memory import overwrite_freed_memory
from appliance.service.front_on_demand import FrontReaderOnDemand
from appliance.service.front_watch import FrontWatch
from appliance.service.unit import Unit
from tests.privacy.face_step import frame_of, tell

TODAY = date(2026, 11, 23)
PATIENT_S = 100.0


class FileCamera:
    """Lends the frame of a file."""

    name = "File"
    file = ""

    @contextmanager
    def frame(self, deadline_s: float) -> Iterator[Frame]:
        with frame_of(self.file) as lent:
            yield lent

    def close(self) -> None:
        pass


class Step:
    """The watch, and the process that reads for it."""

    def __init__(self) -> None:
        self.camera = FileCamera()
        self.readers: list[WorkerFrontReader] = []
        unit = SimpleNamespace(camera=self.camera, front_reader=FrontReaderOnDemand(self._start))
        self.watch = FrontWatch(cast("Unit", unit))

    def _start(self) -> WorkerFrontReader:
        self.readers.append(WorkerFrontReader(lambda: TODAY, PATIENT_S))
        return self.readers[-1]

    def answer(self, words: list[str]) -> str:
        match words:
            case ["look", file]:
                side = self._look(file)
                self.watch.end()
                return side
            case ["hold", file]:
                return self._look(file)
            case ["leave"]:
                self.watch.end()
                return "left"
            case ["pids"]:
                reading = [reader.process_id for reader in self.readers if reader.process_id is not None]
                return " ".join(map(str, [os.getpid(), *reading]))
            case _:
                return "unknown"

    def _look(self, file: str) -> str:
        self.camera.file = file
        return self.watch.look(shows_room=True).side.value


def main() -> None:
    overwrite_freed_memory()
    step = Step()
    tell("ready")
    for line in sys.stdin:
        try:
            tell(step.answer(line.split()))
        except CameraTrouble as trouble:
            tell(type(trouble).__name__)
    step.watch.end()


if __name__ == "__main__":
    main()
