"""Confined processes, one for each processor, that make templates of many picture files at once (H11).

A picture that brings its process down, or keeps it too long, costs itself and nothing more: it counts as unreadable and
a new process takes the next one. Templates come back in memory and are never written anywhere (design D4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from enum import IntEnum, unique
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Final, Self

import numpy as np

from appliance.errors import FaceEngineSilent, PictureRefused, UnitError
from appliance.face.comparison import TEMPLATE_LENGTH, Template
from appliance.face.evaluation.acquisition import Side
from appliance.face.picture_pair import read_picture
from appliance.pictures.confinement import Confinement, Limits, Lost, Message
from appliance.pictures.header import FILE_BOUNDS, read_header
from appliance.pictures.travelling_errors import rebuild_error

_LIMITS: Final = Limits(memory_bytes=1_024 * 1_048_576, cpu_s=30, exchange_bytes=FILE_BOUNDS.size_bytes)
_START_DEADLINE_S: Final = 60.0
"""All processes load at once, on slow machines from a memory card."""
_PICTURE_DEADLINE_S: Final = 60.0
"""The largest picture in bounds takes a few seconds."""


@unique
class Trouble(IntEnum):
    """Why a picture has no template."""

    NONE = 0
    """It has one."""
    NO_FACE = 1
    """No face was found on it."""
    UNREADABLE = 2
    """It is missing, malformed, out of bounds, or brought the decoder down."""


@dataclass(frozen=True, slots=True)
class Sitter:
    """One picture in one of its two parts."""

    picture: int
    """Position in the table's pictures."""
    side: Side


@dataclass(frozen=True, slots=True)
class Acquired:
    """What came of one picture."""

    sitter: Sitter
    trouble: Trouble
    template: Template | None


class Crew:
    """The processes; to be closed, which ends them and with them all that they hold."""

    def __init__(self, description: Path, looks: int, processes: int) -> None:
        """Start `processes`, each of which loads the weights that `description` names.

        Raises:
            FaceWeightsRefused: description or files are missing or altered.
            FaceEngineSilent: a process does not load.
        """
        arguments = [str(description.resolve()), str(looks)]
        self._members = [
            Confinement("appliance.face.evaluation.acquisition_process", _LIMITS, arguments)
            for _ in range(processes)
        ]
        with ExitStack() as ending:
            ending.callback(self.close)
            for member in self._members:
                member.start()
            for member in self._members:
                _await_ready(member)
            ending.pop_all()
        self._free: SimpleQueue[Confinement] = SimpleQueue()
        for member in self._members:
            self._free.put(member)

    def acquire(self, pictures: Sequence[Path], sitters: Sequence[Sitter]) -> Iterator[Acquired]:
        """Return what comes of each sitter, in order, all processes at work.

        Raises:
            FaceWeightsRefused, FaceEngineSilent: a process that died could not be replaced.
        """
        with ThreadPoolExecutor(len(self._members)) as pool:
            yield from pool.map(lambda sitter: self._acquire(pictures[sitter.picture], sitter), sitters)

    def _acquire(self, picture: Path, sitter: Sitter) -> Acquired:
        member = self._free.get()
        try:
            return _ask(member, picture, sitter)
        finally:
            self._free.put(member)

    def close(self) -> None:
        """End the processes; safe to call again."""
        for member in self._members:
            member.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _ask(member: Confinement, picture: Path, sitter: Sitter) -> Acquired:
    try:
        content = read_picture(picture)
        read_header(content, FILE_BOUNDS)
    except (OSError, PictureRefused):
        return Acquired(sitter, Trouble.UNREADABLE, None)
    if member.process_id is None:
        member.start()
        _await_ready(member)
    member.exchange.put(content)
    member.send({"job": "acquire", "side": int(sitter.side), "size_bytes": len(content)})
    answer = member.receive(_PICTURE_DEADLINE_S)
    member.wipe()
    return _understood(answer, sitter)


def _understood(answer: Message | Lost, sitter: Sitter) -> Acquired:
    """Read an answer from a process that a hostile picture may have taken over."""
    match answer:
        case {"template": [*numbers]} if all(isinstance(number, float) for number in numbers):
            with np.errstate(over="ignore"):
                template = np.array(numbers, dtype=np.float32)
            if template.shape == (TEMPLATE_LENGTH,) and np.isfinite(template).all():
                return Acquired(sitter, Trouble.NONE, template)
        case {"error": "NoFace"}:
            return Acquired(sitter, Trouble.NO_FACE, None)
    return Acquired(sitter, Trouble.UNREADABLE, None)


def _await_ready(member: Confinement) -> None:
    answer = member.receive(_START_DEADLINE_S)
    if isinstance(answer, Lost):
        raise FaceEngineSilent(_START_DEADLINE_S)
    if "error" in answer:
        error: UnitError | None = rebuild_error(answer)
        raise error or FaceEngineSilent(_START_DEADLINE_S)
