"""A unit's face step in a process of its own, so that its memory can be searched from outside.

Pictures come as a camera gives them, straight into buffers that are wiped; the process makes no further copy on
purpose. It tells after each step what came of it, and waits for a word before it goes on. Words: `look A`, `compare
CHIP A B`, `compare_live A B`, `hold CHIP A` (pictures stay in use until the next word), `pids`, `end`; A, B and CHIP are files.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path

from appliance.domain.ephemeral import Ephemeral, Frame
from appliance.errors import CameraTrouble
from appliance.face.worker import Deadlines, WorkerFaceEngine
from appliance.pictures.freed_memory import overwrite_freed_memory

WIDTH, HEIGHT = 1280, 720


def buffer_of(path: str) -> bytearray:
    size_bytes = Path(path).stat().st_size
    buffer = bytearray(size_bytes)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with memoryview(buffer) as room:
            taken = 0
            while taken < size_bytes:
                taken += os.readv(descriptor, [room[taken:]])
    finally:
        os.close(descriptor)
    return buffer


def frame_of(path: str) -> Frame:
    return Frame(WIDTH, HEIGHT, buffer_of(path))


def answer(engine: WorkerFaceEngine, words: list[str]) -> str:
    with ExitStack() as wiping:
        match words:
            case ["pids"]:
                return " ".join(str(process_id) for process_id in (os.getpid(), *engine.process_ids))
            case ["look", one]:
                return engine.look(wiping.enter_context(frame_of(one))).hint.value
            case ["compare", chip, *frames]:
                photo = wiping.enter_context(Ephemeral(buffer_of(chip)))
                lent = [wiping.enter_context(frame_of(frame)) for frame in frames]
                return engine.compare(photo.reveal(), lent).band.value
            case ["compare_live", before, after]:
                first, second = (wiping.enter_context(frame_of(frame)) for frame in (before, after))
                return engine.compare_live(first, second).band.value
            case ["hold", chip, one]:
                held = [wiping.enter_context(Ephemeral(buffer_of(chip))), wiping.enter_context(frame_of(one))]
                tell(f"held {len(held)}")
                sys.stdin.readline()
                return "released"
            case _:
                return "unknown"


def tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> None:
    overwrite_freed_memory()
    look_s, compare_s = (float(word) for word in sys.argv[1:3])
    with WorkerFaceEngine(deadlines=Deadlines(look_s=look_s, compare_s=compare_s)) as engine:
        engine.warm()
        tell("ready")
        for line in sys.stdin:
            if line.strip() == "end":
                return
            try:
                tell(answer(engine, line.split()))
            except CameraTrouble as trouble:
                tell(type(trouble).__name__)


if __name__ == "__main__":
    main()
