"""One measurement of the engine on a set of pairs: which pictures are acquired when, and what is kept on the way.

Pairs are taken in order, in batches that need few new pictures, so that the scores of a long run can be kept as they
come. Nothing but scores is ever written.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np

from appliance.face.comparison import Strangers
from appliance.face.evaluation.acquisition import Side
from appliance.face.evaluation.crew import Crew, Sitter
from appliance.face.evaluation.gallery import Gallery, PairScores, joined, nothing_scored
from appliance.face.evaluation.kept_scores import KeptScores
from appliance.face.evaluation.pairs import PairTable
from appliance.face.template_way import WAYS
from appliance.face.weights import WeightsFiles, find_described_files

_SITTERS_AT_ONCE: Final = 64
"""About three seconds of work are lost at most when a run is stopped."""
_PACKAGES: Final = ("dlib-bin", "numpy", "onnxruntime", "pillow")
"""What a score may depend on besides the weights."""

Progress = Callable[[int, int], None]
"""Is told how many pictures are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Plan:
    """With what a set is measured."""

    weights: Path
    """Evidence file or weights description."""
    looks: int
    processes: int = 0
    """How many pictures are worked on at once; 0 for as many as there are processors."""


def measure(table: PairTable, plan: Plan, kept: KeptScores | None, progress: Progress) -> PairScores:
    """Return the scores of all pairs of `table`, going on after those that are `kept`.

    Raises:
        FaceWeightsRefused: the weights are missing or altered.
        FaceEngineSilent: the engine's processes do not start.
        OSError: scores cannot be kept.
    """
    files = find_described_files(plan.weights)
    scores = kept.scores if kept is not None else nothing_scored()
    if len(scores) == len(table):
        return scores
    batches = list(_batches(table, len(scores)))
    gallery = Gallery(len(table.pictures), Strangers.load(files.cohort, files.description.cohort))
    total = sum(len(batch.sitters) for batch in batches)
    done = 0
    with Crew(plan.weights, plan.looks, plan.processes or os.cpu_count() or 1) as crew:
        for batch in batches:
            for acquired in crew.acquire(table.pictures, batch.sitters):
                gallery.add(acquired)
                done += 1
                progress(done, total)
            part = gallery.score(
                table.reference[batch.pairs], table.live[batch.pairs], _reference_side(table)
            )
            if kept is not None:
                kept.append(part)
            scores = joined(scores, part)
    gallery.forget()
    return scores


@dataclass(frozen=True, slots=True)
class _Batch:
    """Consecutive pairs, and the pictures that are needed for the first time among them."""

    pairs: slice
    sitters: tuple[Sitter, ...]


def _batches(table: PairTable, start: int) -> Iterator[_Batch]:
    needed = np.column_stack([2 * table.reference + _reference_side(table), 2 * table.live + Side.LIVE])[
        start:
    ]
    codes, first = np.unique(needed, return_index=True)
    pair_of = first // needed.shape[1]
    order = np.argsort(pair_of, kind="stable")
    begin = 0
    for at in range(0, len(order), _SITTERS_AT_ONCE):
        chosen = order[at : at + _SITTERS_AT_ONCE]
        following = order[at + _SITTERS_AT_ONCE :]
        end = int(pair_of[following[0]]) if len(following) else len(needed)
        sitters = tuple(Sitter(int(code) // 2, Side(int(code) % 2)) for code in codes[chosen])
        yield _Batch(slice(start + begin, start + end), sitters)
        begin = end


def _reference_side(table: PairTable) -> Side:
    return Side.LIVE if table.are_both_live else Side.REFERENCE


def fingerprint_table(table: PairTable, folder: Path) -> str:
    """Return a hash of the pairs and of which pictures they name, by size and time; names are relative to `folder`."""
    content = hashlib.sha256()
    for array in (table.reference, table.live, table.is_same):
        content.update(f"{array.shape}".encode() + array.tobytes())
    content.update(f"{_reference_side(table)}".encode())
    for picture in table.pictures:
        content.update(json.dumps([os.path.relpath(picture, folder), *_size_and_time(picture)]).encode())
    return content.hexdigest()


def _size_and_time(picture: Path) -> tuple[int, int]:
    try:
        status = picture.stat()
    except (OSError, ValueError):
        return -1, -1
    return status.st_size, status.st_mtime_ns


def fingerprint_engine(files: WeightsFiles, looks: int) -> str:
    """Return a hash of all that scores depend on: weights, cohort, way of making templates, and versions."""
    description, way = files.description, WAYS[looks]
    parts = [
        *(pinned.sha256 for pinned in (description.landmarks, description.embedding)),
        description.cohort.pinned.sha256,
        description.cohort.nearest,
        [way.looks, way.shift_px, way.mirrored],
        [version(package) for package in _PACKAGES],
        "chip photo 240x320, 8000 bytes",
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
