"""Scores kept while a long measurement runs, so that a stopped one goes on: a number for each pair, nothing else (D4).

The first line names the table and the engine by their hash; each further line is one pair in the table's order: its
score, or two letters for what became of reference and live picture.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from enum import Enum, unique
from pathlib import Path
from typing import Final

import numpy as np

from appliance.face.evaluation.gallery import PairScores

_FORMAT: Final = 1
_KIND: Final = "mynavisit face evaluate: scores"
_LETTERS: Final = "+fu"
"""By `Trouble`: fine, no face found, unreadable."""


@unique
class Continued(Enum):
    """How a measurement takes up its file."""

    NEW = "new"
    """There was none."""
    ON = "on"
    """It goes on after the scores that are there."""
    ANEW = "anew"
    """What was there belongs to another table or engine and is thrown away."""


class NotKeptScores(ValueError):
    """The file is something else, which is not overwritten."""


@dataclass(frozen=True, slots=True)
class KeptScores:
    """The file, ready to take further scores."""

    path: Path
    continued: Continued
    scores: PairScores
    """What is there already."""

    def append(self, scores: PairScores) -> None:
        """Write further scores and make them last.

        Raises:
            OSError: they cannot be written.
        """
        with self.path.open("a", encoding="ascii") as stream:
            stream.writelines(_lines(scores))
            stream.flush()
            os.fsync(stream.fileno())


def open_scores(path: Path, table: str, engine: str, pairs: int) -> KeptScores:
    """Take up the scores of a measurement, or begin; `table` and `engine` are hashes, `pairs` how many there will be.

    Raises:
        NotKeptScores: the file is there and is none of this kind.
        OSError: it cannot be read or written.
    """
    head = json.dumps({"kind": _KIND, "format": _FORMAT, "table": table, "engine": engine}) + "\n"
    found = path.read_bytes() if path.exists() else b""
    if found and not _is_ours(found):
        raise NotKeptScores(path.name)
    if not found.startswith(head.encode()):
        path.write_text(head, encoding="ascii")
        return KeptScores(path, Continued.ANEW if found else Continued.NEW, _scores_of([]))
    lines = found[len(head) :].decode("ascii", "replace").split("\n")[:-1][:pairs]
    scores = _scores_of(lines)
    # A line that a power cut left half written goes, and all after it.
    os.truncate(path, len(head) + sum(len(line) + 1 for line in lines[: len(scores)]))
    return KeptScores(path, Continued.ON, scores)


def _is_ours(found: bytes) -> bool:
    try:
        head = json.loads(found.split(b"\n", 1)[0])
    except ValueError:
        return False
    return isinstance(head, dict) and head.get("kind") == _KIND


def _lines(scores: PairScores) -> list[str]:
    rows = zip(scores.score.tolist(), scores.reference_trouble, scores.live_trouble, strict=True)
    return [
        f"{_LETTERS[reference]}{_LETTERS[live]}\n" if math.isnan(score) else f"{score!r}\n"
        for score, reference, live in rows
    ]


def _scores_of(lines: list[str]) -> PairScores:
    """Read lines up to the first that is damaged."""
    read: list[tuple[float, int, int]] = []
    for line in lines:
        row = _read(line)
        if row is None:
            break
        read.append(row)
    table = np.array(read, dtype=np.float64).reshape(-1, 3)
    return PairScores(table[:, 0], table[:, 1].astype(np.uint8), table[:, 2].astype(np.uint8))


def _read(line: str) -> tuple[float, int, int] | None:
    if len(line) == 2 and line != "++" and set(line) <= set(_LETTERS):
        return math.nan, _LETTERS.index(line[0]), _LETTERS.index(line[1])
    try:
        score = float(line)
    except ValueError:
        return None
    return (score, 0, 0) if math.isfinite(score) else None
