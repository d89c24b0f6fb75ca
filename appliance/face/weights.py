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
from appliance.face.evidence_file import DEFAULT_EVIDENCE, Evidence, PinnedFile, read_evidence


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
        FaceWeightsRefused: the evidence is missing or malformed, or a file is missing or altered.
    """
    evidence = read_evidence(evidence_path)
    folder = _weights_folder(evidence, evidence_path.parent)
    return FaceWeights(
        evidence=evidence,
        landmarks=_checked(folder, evidence.landmarks),
        embedding=_checked(folder, evidence.embedding),
        cohort=_checked(evidence_path.parent, evidence.cohort.pinned),
    )


def _weights_folder(evidence: Evidence, beside: Path) -> Path:
    if not evidence.package:
        return beside / evidence.folder
    spec = importlib.util.find_spec(evidence.package)
    if spec is None or not spec.submodule_search_locations:
        raise FaceWeightsRefused(evidence.package)
    return Path(spec.submodule_search_locations[0]) / evidence.folder


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
