"""Evidence of a weights set: its files, licence, cohort, thresholds and what was measured with them (face.md, Decisions).

Thresholds mean nothing apart from the weights and the cohort they were measured with, so they come from one file, and
weights without one are refused.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from appliance.domain.face_advice import FaceBand
from appliance.errors import FaceWeightsRefused

DEFAULT_EVIDENCE: Final = Path(__file__).parent / "evidence" / "default.toml"
"""Evidence of the weights that the ordinary installation brings."""

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file by name and content."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Cohort:
    """Strangers that a pair is compared with."""

    pinned: PinnedFile
    templates: int
    nearest: int
    """How many of the nearest strangers count."""


@dataclass(frozen=True, slots=True)
class Bands:
    """Margins from which each advice begins."""

    match_from: float
    look_closely_from: float

    def band(self, score: float) -> FaceBand:
        """Return the advice for `score`; a score that is not a number is never alike."""
        if score >= self.match_from:
            return FaceBand.MATCH
        if score >= self.look_closely_from:
            return FaceBand.LOOK_CLOSELY
        return FaceBand.UNLIKE


@dataclass(frozen=True, slots=True)
class Measurement:
    """Error rates at one threshold on one set of pictures; bounds are 95 %."""

    data: str
    threshold: float
    impostor_pairs: int
    genuine_pairs: int
    false_match_rate: float
    false_match_rate_bounds: tuple[float, float]
    false_non_match_rate: float
    false_non_match_rate_bounds: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that has to be known about a weights set before it may advise."""

    name: str
    source: str
    licence: str
    package: str
    """The installed package that holds the files; empty when they lie beside the evidence file."""
    folder: str
    landmarks: PinnedFile
    embedding: PinnedFile
    cohort: Cohort
    bands: Bands
    measured: tuple[Measurement, ...]


def read_evidence(path: Path) -> Evidence:
    """Read and check an evidence file.

    Raises:
        FaceWeightsRefused: the file is missing, malformed or says too little.
    """
    try:
        evidence = _parse(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FaceWeightsRefused(path.name) from error
    if not _is_sound(evidence):
        raise FaceWeightsRefused(path.name)
    return evidence


def _parse(content: dict[str, Any]) -> Evidence:
    if content["format"] != _FORMAT:
        raise ValueError("format")
    weights, cohort = content["weights"], content["cohort"]
    return Evidence(
        name=_word(content["name"]),
        source=_word(content["source"]),
        licence=_word(weights["licence"]),
        package=str(weights.get("package", "")),
        folder=str(weights.get("folder", "")),
        landmarks=_pinned(weights["landmarks"]),
        embedding=_pinned(weights["embedding"]),
        cohort=Cohort(_pinned(cohort), int(cohort["templates"]), int(cohort["nearest"])),
        bands=Bands(float(content["bands"]["match_from"]), float(content["bands"]["look_closely_from"])),
        measured=tuple(_measurement(entry) for entry in content["measured"]),
    )


def _word(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("text")
    return value


def _pinned(entry: dict[str, Any]) -> PinnedFile:
    """Read a file name without any path in it, and its hash."""
    name, digest = _word(entry["file"]), _word(entry["sha256"])
    if Path(name).name != name or len(bytes.fromhex(digest)) != 32:
        raise ValueError("file")
    return PinnedFile(name, digest.lower())


def _measurement(entry: dict[str, Any]) -> Measurement:
    return Measurement(
        data=_word(entry["data"]),
        threshold=float(entry["threshold"]),
        impostor_pairs=int(entry["impostor_pairs"]),
        genuine_pairs=int(entry["genuine_pairs"]),
        false_match_rate=float(entry["false_match_rate"]),
        false_match_rate_bounds=_bounds(entry["false_match_rate_bounds"]),
        false_non_match_rate=float(entry["false_non_match_rate"]),
        false_non_match_rate_bounds=_bounds(entry["false_non_match_rate_bounds"]),
    )


def _bounds(entry: list[Any]) -> tuple[float, float]:
    lower, upper = entry
    return float(lower), float(upper)


def _is_sound(evidence: Evidence) -> bool:
    """Tell whether thresholds are ordered, the cohort is large enough, and the match threshold was measured."""
    bands, cohort = evidence.bands, evidence.cohort
    return (
        math.isfinite(bands.match_from)
        and math.isfinite(bands.look_closely_from)
        and bands.look_closely_from <= bands.match_from
        and 1 <= cohort.nearest <= cohort.templates
        and any(row.threshold == bands.match_from for row in evidence.measured)
        and all(_is_plausible(row) for row in evidence.measured)
    )


def _is_plausible(row: Measurement) -> bool:
    match_low, match_high = row.false_match_rate_bounds
    miss_low, miss_high = row.false_non_match_rate_bounds
    return (
        row.impostor_pairs > 0
        and row.genuine_pairs > 0
        and 0 <= match_low <= row.false_match_rate <= match_high <= 1
        and 0 <= miss_low <= row.false_non_match_rate <= miss_high <= 1
    )
