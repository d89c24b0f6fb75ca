"""Weights are found without importing their package and are what their evidence was measured with."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.errors import FaceWeightsRefused
from appliance.face.evidence_file import DEFAULT_EVIDENCE
from appliance.face.weights import find_weights
from tests.face.conftest import altered_evidence


def test_the_installed_weights_are_found() -> None:
    weights = find_weights()
    assert weights.landmarks.name == "shape_predictor_5_face_landmarks.dat"
    assert weights.embedding.name == "dlib_face_recognition_resnet_model_v1.dat"
    assert weights.cohort.parent == DEFAULT_EVIDENCE.parent


@pytest.mark.parametrize(
    ("digest", "name"),
    [
        ("c4b1e980", "shape_predictor_5_face_landmarks.dat"),
        ("55533b28", "dlib_face_recognition_resnet_model_v1.dat"),
        ("f02d7a1d", "cohort_synthetic_1200x128_f16.npz"),
    ],
)
def test_an_altered_file_is_refused_by_name(tmp_path: Path, digest: str, name: str) -> None:
    path = altered_evidence(tmp_path, (digest, "00000000"))
    with pytest.raises(FaceWeightsRefused) as refused:
        find_weights(path)
    assert refused.value.name == name


def test_a_missing_package_is_refused_by_name(tmp_path: Path) -> None:
    path = altered_evidence(tmp_path, ('package = "face_recognition_models"', 'package = "no_such_models"'))
    with pytest.raises(FaceWeightsRefused) as refused:
        find_weights(path)
    assert refused.value.name == "no_such_models"


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    path = altered_evidence(tmp_path, ('folder = "models"', 'folder = "elsewhere"'))
    with pytest.raises(FaceWeightsRefused) as refused:
        find_weights(path)
    assert refused.value.name == "shape_predictor_5_face_landmarks.dat"


def test_other_weights_may_lie_beside_their_evidence(tmp_path: Path) -> None:
    default = find_weights()
    own = tmp_path / "own"
    own.mkdir()
    own_digest = hashlib.sha256(b"own embedding").hexdigest()
    (own / default.landmarks.name).write_bytes(default.landmarks.read_bytes())
    (own / "own.dat").write_bytes(b"own embedding")
    path = altered_evidence(
        tmp_path,
        ('package = "face_recognition_models"', ""),
        ('folder = "models"', 'folder = "own"'),
        ("dlib_face_recognition_resnet_model_v1.dat", "own.dat"),
        (default.evidence.embedding.sha256, own_digest),
    )
    assert find_weights(path).embedding == own / "own.dat"


OPENED = """
import sys
opened = []
sys.addaudithook(lambda event, words: opened.append(str(words[0])) if event == "open" else None)
from appliance.face.weights import find_weights
find_weights()
print("imported" if "face_recognition_models" in sys.modules else "not imported")
print(any("68_face_landmarks" in name for name in opened), any("5_face_landmarks" in name for name in opened))
"""


def test_the_package_is_not_imported_and_its_68_landmarks_are_not_opened() -> None:
    root = Path(__file__).parents[2]
    said = subprocess.run(
        [sys.executable, "-c", OPENED], cwd=root, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["not", "imported", "False", "True"]
