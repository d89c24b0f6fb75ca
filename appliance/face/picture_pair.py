"""Two picture files compared once: what `mynavisit face compare` shows (design §4)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from appliance.domain.face_advice import FaceBand, FrameQuality
from appliance.errors import PictureRefused
from appliance.face.worker import WorkerFaceEngine
from appliance.pictures.header import FILE_BOUNDS


@dataclass(frozen=True, slots=True)
class PairComparison:
    """Score and advice for one pair of picture files."""

    score: float
    threshold: float
    match: bool
    """True when the score reaches the threshold; advice as always (design D4)."""
    quality: FrameQuality
    """Of the live picture."""
    seconds: float
    """For this comparison, with the engine already loaded."""


def compare_files(
    engine: WorkerFaceEngine, reference: Path, live: Path, monotonic_s: Callable[[], float] = time.monotonic
) -> PairComparison:
    """Compare the largest face of two files (PNG, JPEG or JPEG 2000).

    Raises:
        OSError: a file cannot be read.
        PictureRefused, NoFace, FaceEngineSilent, FaceWeightsRefused: as `WorkerFaceEngine.compare_pictures`.
    """
    contents = read_picture(reference), read_picture(live)
    engine.warm()
    began_s = monotonic_s()
    comparison = engine.compare_pictures(*contents)
    return PairComparison(
        score=comparison.score,
        threshold=comparison.threshold,
        match=comparison.band is FaceBand.MATCH,
        quality=comparison.quality,
        seconds=monotonic_s() - began_s,
    )


def read_picture(path: Path) -> bytes:
    """Read a picture file, never more than one in bounds holds.

    Raises:
        OSError: it cannot be read.
        PictureRefused: it is larger than any picture in bounds.
    """
    with path.open("rb") as stream:
        content = stream.read(FILE_BOUNDS.size_bytes + 1)
    if len(content) > FILE_BOUNDS.size_bytes:
        raise PictureRefused("size")
    return content
