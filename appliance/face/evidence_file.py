"""Evidence of a weights set: its files, licence, cohort, thresholds and what was measured with them (face.md, Decisions).

Thresholds mean nothing apart from the weights, the cohort and the way of making templates that they were measured with,
so all come from one file, and weights without one are refused. A weights description is the same file without
thresholds: what `mynavisit face calibrate` measures and completes.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from appliance.domain.face_advice import FaceBand
from appliance.errors import FaceEvidenceOutdated, FaceWeightsRefused
from appliance.face.template_way import WAYS, TemplateWay

DEFAULT_EVIDENCE: Final = Path(__file__).parent / "evidence" / "default.toml"
"""Evidence of the weights that the ordinary installation brings."""

FORMAT: Final = 3
_FORMATS_BEFORE: Final = frozenset({1, 2})
"""Format 1 did not say how templates were made: one look at each face. Format 2 said nothing of two live pictures."""


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
class WeightsDescription:
    """A weights set before it is measured."""

    name: str
    source: str
    licence: str
    licence_note: str
    package: str
    """The installed package that holds the files; empty when they lie beside the evidence file."""
    version: str
    """The package's version."""
    folder: str
    landmarks: PinnedFile
    embedding: PinnedFile
    cohort: Cohort


@dataclass(frozen=True, slots=True)
class Evidence(WeightsDescription):
    """All that has to be known about a weights set before it may advise."""

    way: TemplateWay
    bands: Bands
    """For a chip photo against live frames."""
    measured: tuple[Measurement, ...]
    identity: Bands
    """For a live frame against a live frame: whether one person came before and after a challenge."""
    identity_measured: tuple[Measurement, ...]


def read_evidence(path: Path) -> Evidence:
    """Read and check an evidence file.

    Raises:
        FaceEvidenceOutdated: its templates were made in a way that this program does not know, or it is of an earlier
            format, which did not say.
        FaceWeightsRefused: the file is missing, malformed or says too little.
    """
    content = _read(path)
    if content.get("format") in _FORMATS_BEFORE:
        raise FaceEvidenceOutdated(path.name)
    try:
        evidence = _parse_evidence(content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FaceWeightsRefused(path.name) from error
    if not _is_sound(evidence):
        raise FaceWeightsRefused(path.name)
    if evidence.way != WAYS.get(evidence.way.looks):
        raise FaceEvidenceOutdated(path.name)
    return evidence


def read_description(path: Path) -> WeightsDescription:
    """Read a weights description; an evidence file of any format is one too.

    Raises:
        FaceWeightsRefused: the file is missing, malformed or says too little.
    """
    try:
        description = WeightsDescription(**_described(_read(path)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FaceWeightsRefused(path.name) from error
    if not _has_enough_strangers(description.cohort):
        raise FaceWeightsRefused(path.name)
    return description


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FaceWeightsRefused(path.name) from error


def _parse_evidence(content: dict[str, Any]) -> Evidence:
    if content["format"] != FORMAT:
        raise ValueError("format")
    way, bands, identity = content["template"], content["bands"], content["identity"]
    return Evidence(
        **_described(content),
        way=TemplateWay(_whole(way["looks"]), _whole(way["shift_px"]), _truth(way["mirrored"])),
        bands=Bands(float(bands["match_from"]), float(bands["look_closely_from"])),
        measured=tuple(_measurement(entry) for entry in content["measured"]),
        identity=Bands(float(identity["held_from"]), float(identity["unsure_from"])),
        identity_measured=tuple(_measurement(entry) for entry in identity["measured"]),
    )


def _described(content: dict[str, Any]) -> dict[str, Any]:
    """Read the fields of a `WeightsDescription`."""
    weights, cohort = content["weights"], content["cohort"]
    return {
        "name": _word(content["name"]),
        "source": _word(content["source"]),
        "licence": _word(weights["licence"]),
        "licence_note": str(weights.get("licence_note", "")),
        "package": _package(str(weights.get("package", ""))),
        "version": str(weights.get("version", "")),
        "folder": _inside(str(weights.get("folder", ""))),
        "landmarks": _pinned(weights["landmarks"]),
        "embedding": _pinned(weights["embedding"]),
        "cohort": Cohort(_pinned(cohort), _whole(cohort["templates"]), _whole(cohort["nearest"])),
    }


def _word(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("text")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("whole number")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _package(name: str) -> str:
    """Read a top-level package's name; looking for one with a dot would import what stands before it."""
    if name and not name.isidentifier():
        raise ValueError("package")
    return name


def _inside(folder: str) -> str:
    """Read a folder's name that leads nowhere else."""
    if Path(folder).is_absolute() or ".." in Path(folder).parts:
        raise ValueError("folder")
    return folder


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
        impostor_pairs=_whole(entry["impostor_pairs"]),
        genuine_pairs=_whole(entry["genuine_pairs"]),
        false_match_rate=float(entry["false_match_rate"]),
        false_match_rate_bounds=_bounds(entry["false_match_rate_bounds"]),
        false_non_match_rate=float(entry["false_non_match_rate"]),
        false_non_match_rate_bounds=_bounds(entry["false_non_match_rate_bounds"]),
    )


def _bounds(entry: list[Any]) -> tuple[float, float]:
    lower, upper = entry
    return float(lower), float(upper)


def _is_sound(evidence: Evidence) -> bool:
    """Tell whether thresholds are ordered and were measured, and the cohort is large enough."""
    return (
        _were_measured(evidence.bands, evidence.measured)
        and _were_measured(evidence.identity, evidence.identity_measured)
        and _has_enough_strangers(evidence.cohort)
    )


def _were_measured(bands: Bands, measured: tuple[Measurement, ...]) -> bool:
    return (
        math.isfinite(bands.match_from)
        and math.isfinite(bands.look_closely_from)
        and bands.look_closely_from <= bands.match_from
        and {bands.match_from, bands.look_closely_from} <= {row.threshold for row in measured}
        and all(_is_plausible(row) for row in measured)
    )


def _has_enough_strangers(cohort: Cohort) -> bool:
    return 1 <= cohort.nearest <= cohort.templates


def _is_plausible(row: Measurement) -> bool:
    match_low, match_high = row.false_match_rate_bounds
    miss_low, miss_high = row.false_non_match_rate_bounds
    return (
        row.impostor_pairs > 0
        and row.genuine_pairs > 0
        and 0 <= match_low <= row.false_match_rate <= match_high <= 1
        and 0 <= miss_low <= row.false_non_match_rate <= miss_high <= 1
    )
