"""The weights of the face engine: found without importing their package, checked by hash, never without evidence.

`face_recognition_models` cannot be imported where setuptools is new or missing, and one of its files (68 landmarks)
may not be used in a commercial product; only the two files that the evidence names are opened (face.md §1).
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import FaceWeightsRefused
from appliance.face.evidence_file import (
    DEFAULT_EVIDENCE,
    Evidence,
    PinnedFile,
    WeightsDescription,
    read_description,
    read_evidence,
)


@dataclass(frozen=True, slots=True)
class WeightsFiles:
    """The files of a described weights set, each with the content that its description names."""

    description: WeightsDescription
    landmarks: Path
    embedding: Path
    cohort: Path


@dataclass(frozen=True, slots=True)
class FaceWeights:
    """A weights set whose files are what its evidence was measured with."""

    evidence: Evidence
    landmarks: Path
    embedding: Path
    cohort: Path


def find_weights(evidence_path: Path = DEFAULT_EVIDENCE) -> FaceWeights:
    """Find the files that the evidence names and check each against its hash.

    Raises:
        FaceEvidenceOutdated: the evidence is of an earlier format.
        FaceWeightsRefused: the evidence is missing or malformed, or a file is missing or altered.
    """
    evidence = read_evidence(evidence_path)
    files = _find_files(evidence, evidence_path.parent)
    return FaceWeights(evidence, files.landmarks, files.embedding, files.cohort)


def find_described_files(description_path: Path) -> WeightsFiles:
    """Find the files of a weights set that may not have been measured yet, and check each against its hash.

    Raises:
        FaceWeightsRefused: the description is missing or malformed, or a file is missing or altered.
    """
    return _find_files(read_description(description_path), description_path.parent)


def _find_files(description: WeightsDescription, beside: Path) -> WeightsFiles:
    folder = weights_folder(description, beside)
    return WeightsFiles(
        description=description,
        landmarks=_checked(folder, description.landmarks),
        embedding=_checked(folder, description.embedding),
        cohort=_checked(beside, description.cohort.pinned),
    )


def weights_folder(description: WeightsDescription, beside: Path) -> Path:
    """Return where the weights lie: in their package, or below the folder `beside` their description.

    Raises:
        FaceWeightsRefused: the package is not installed.
    """
    if not description.package:
        return beside / description.folder
    spec = importlib.util.find_spec(description.package)
    if spec is None or not spec.submodule_search_locations:
        raise FaceWeightsRefused(description.package)
    return Path(spec.submodule_search_locations[0]) / description.folder


def _checked(folder: Path, pinned: PinnedFile) -> Path:
    path = folder / pinned.file
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise FaceWeightsRefused(pinned.file) from error
    if digest != pinned.sha256:
        raise FaceWeightsRefused(pinned.file)
    return path
