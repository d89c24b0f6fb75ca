"""The weights sets that a unit knows, and which one it uses: the shipped one, or one that was checked and taken in.

A set is copied whole into the unit's own folder, under the hash of its evidence, so that the unit depends on no stick
and no other folder; what lies in an installed package stays there. The choice names the evidence by its hash: an
evidence file that is altered later is refused like an altered weights file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.domain.face_advice import FaceBand
from appliance.errors import FaceEvidenceOutdated, FaceWeightsRefused, NoFace
from appliance.face.evidence_file import DEFAULT_EVIDENCE, Evidence
from appliance.face.weights import FaceWeights, WeightsFiles, find_weights
from appliance.face.worker import WorkerFaceEngine

_CHOICE: Final = "in_use.toml"
_ARRIVING: Final = ".new"


@dataclass(frozen=True, slots=True)
class KnownWeights:
    """One weights set on the shelf, looked at afresh."""

    path: Path
    """Its evidence file."""
    sha256: str
    """Of the evidence file; empty when it cannot be read."""
    is_in_use: bool
    evidence: Evidence | None
    """None when it is refused."""
    trouble: str
    """What is refused: the name of a file or package; empty when all is sound."""


@dataclass(frozen=True, slots=True)
class WeightsShelf:
    """The folder of a unit in which taken weights sets stand."""

    folder: Path

    @property
    def choice_file(self) -> Path:
        """Which set is in use; the shipped one where it is absent."""
        return self.folder / _CHOICE

    def in_use(self) -> Path:
        """Return the evidence file in use.

        Raises:
            FaceWeightsRefused: the choice is malformed, or its evidence is missing or altered.
        """
        chosen = self._chosen()
        if chosen is None:
            return DEFAULT_EVIDENCE
        path, digest = chosen
        if _digest(path) != digest:
            raise FaceWeightsRefused(path.name)
        return path

    def known(self) -> list[KnownWeights]:
        """Return what stands on the shelf, the shipped set first."""
        try:
            used: Path | None = self.in_use()
        except FaceWeightsRefused:
            used = None
        return [_look_at(path, is_in_use=path == used) for path in self._paths()]

    def use(self, evidence_path: Path) -> Path:
        """Check a weights set to the bottom, take it in and choose it; return its evidence file.

        Raises:
            FaceEvidenceOutdated: its thresholds belong to another way of making templates.
            FaceWeightsRefused: evidence or files are missing or altered, or the engine finds no likeness with them.
            FaceEngineSilent: the engine does not load them.
            OSError: the unit's folder cannot be written.
        """
        try_weights(evidence_path)
        if evidence_path.resolve() == DEFAULT_EVIDENCE.resolve():
            self.choice_file.unlink(missing_ok=True)
            return DEFAULT_EVIDENCE
        digest = _digest(evidence_path)
        taken = self._take_in(evidence_path, digest)
        self._choose(taken, digest)
        return taken

    def _take_in(self, evidence_path: Path, digest: str) -> Path:
        """Copy a set under a passing name, check the copy, and only then give it its own."""
        folder = self.folder / digest[:16]
        if not folder.exists():
            arriving = self.folder / f"{digest[:16]}{_ARRIVING}"
            shutil.rmtree(arriving, ignore_errors=True)
            arriving.mkdir(parents=True)
            copy_files_beside(find_weights(evidence_path), evidence_path, arriving)
            shutil.copyfile(evidence_path, arriving / evidence_path.name)
            find_weights(arriving / evidence_path.name)
            arriving.rename(folder)
        find_weights(folder / evidence_path.name)
        return folder / evidence_path.name

    def _choose(self, taken: Path, digest: str) -> None:
        text = f'folder = "{taken.parent.name}"\nfile = "{taken.name}"\nsha256 = "{digest}"\n'
        written = self.choice_file.with_suffix(".new")
        with written.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        written.replace(self.choice_file)

    def _chosen(self) -> tuple[Path, str] | None:
        """Return the evidence file that was chosen, and its hash at that time."""
        try:
            content = tomllib.loads(self.choice_file.read_text(encoding="utf-8"))
            folder, file = Path(content["folder"]).name, Path(content["file"]).name
            return self.folder / folder / file, str(content["sha256"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FaceWeightsRefused(_CHOICE) from error

    def _paths(self) -> Iterator[Path]:
        yield DEFAULT_EVIDENCE
        for path in sorted(self.folder.glob("*/*.toml")):
            if path.parent.suffix != _ARRIVING:
                yield path


def _look_at(path: Path, *, is_in_use: bool) -> KnownWeights:
    digest = ""
    try:
        digest = _digest(path)
        return KnownWeights(path, digest, is_in_use, find_weights(path).evidence, "")
    except (FaceWeightsRefused, FaceEvidenceOutdated) as error:
        return KnownWeights(path, digest, is_in_use, None, error.name)


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise FaceWeightsRefused(path.name) from error


def try_weights(evidence_path: Path) -> None:
    """Load weights as the unit would, and compare a drawn face with itself.

    Raises:
        FaceEvidenceOutdated, FaceWeightsRefused, FaceEngineSilent: as `WeightsShelf.use`.
    """
    from appliance.face.drawn_face import drawn_face

    picture = drawn_face()
    with WorkerFaceEngine(evidence_path) as engine:
        engine.warm()
        try:
            comparison = engine.compare_pictures(picture, picture)
        except NoFace as error:
            raise FaceWeightsRefused(evidence_path.name) from error
    if comparison.band is not FaceBand.MATCH:
        raise FaceWeightsRefused(evidence_path.name)


def copy_files_beside(weights: WeightsFiles | FaceWeights, evidence_path: Path, folder: Path) -> None:
    """Copy the files that lie beside an evidence file, not those in a package, to the same places in `folder`.

    Raises:
        OSError: they cannot be written.
    """
    beside = evidence_path.parent.resolve()
    for file in (weights.cohort, weights.landmarks, weights.embedding):
        if file.resolve().is_relative_to(beside):
            target = folder / file.resolve().relative_to(beside)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not (target.exists() and target.samefile(file)):
                shutil.copyfile(file, target)
