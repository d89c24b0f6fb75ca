"""Which weights a unit uses: the shipped ones, or a set that was checked, copied whole, and chosen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from appliance.errors import FaceEvidenceOutdated, FaceWeightsRefused
from appliance.face.detection import Detector
from appliance.face.drawn_face import drawn_face
from appliance.face.engine import DlibEngine
from appliance.face.evidence_file import DEFAULT_EVIDENCE
from appliance.face.weights import find_weights
from appliance.face.weights_report import known_as_json
from appliance.face.weights_shelf import WeightsShelf, copy_files_beside, try_weights
from tests.face.conftest import altered_evidence


@pytest.fixture
def shelf(tmp_path: Path) -> WeightsShelf:
    return WeightsShelf(tmp_path / "unit" / "face")


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """An evidence file on somebody's stick."""
    stick = tmp_path / "stick"
    stick.mkdir()
    return altered_evidence(stick, ('name = "dlib-default"', 'name = "measured-here"'))


def test_without_a_choice_the_shipped_weights_are_in_use(shelf: WeightsShelf) -> None:
    assert shelf.in_use() == DEFAULT_EVIDENCE
    (known,) = shelf.known()
    assert known.is_in_use
    said = known_as_json(known)
    assert (said["shipped"], said["licence"], said["sound"]) == (True, "CC0-1.0", True)
    assert said["thresholds"] == {"match_from": 0.121, "look_closely_from": 0.074}
    assert said["identity_thresholds"] == {"held_from": 0.12, "unsure_from": 0.074}
    assert not shelf.folder.exists()


def test_a_chosen_set_is_copied_whole_and_needs_the_stick_no_more(shelf: WeightsShelf, given: Path) -> None:
    used = shelf.use(given)
    for path in given.parent.iterdir():
        path.unlink()
    assert used.is_relative_to(shelf.folder)
    assert shelf.in_use() == used
    assert find_weights(used).evidence.name == "measured-here"
    assert [known.is_in_use for known in shelf.known()] == [False, True]
    assert not list(shelf.folder.glob("*.new"))


def test_a_set_can_be_chosen_again_and_the_shipped_one_too(shelf: WeightsShelf, given: Path) -> None:
    assert shelf.use(given) == shelf.use(given)
    assert shelf.use(DEFAULT_EVIDENCE) == DEFAULT_EVIDENCE
    assert shelf.in_use() == DEFAULT_EVIDENCE
    assert [known.is_in_use for known in shelf.known()] == [True, False]


@pytest.mark.parametrize(
    ("change", "error", "name"),
    [
        (("c4b1e980", "00000000"), FaceWeightsRefused, "shape_predictor_5_face_landmarks.dat"),
        (("f02d7a1d", "00000000"), FaceWeightsRefused, "cohort_synthetic_1200x128_f16.npz"),
        (("[[measured]]", "[[remembered]]"), FaceWeightsRefused, "altered.toml"),
        (("format = 3", "format = 2"), FaceEvidenceOutdated, "altered.toml"),
        (("looks = 10", "looks = 5"), FaceEvidenceOutdated, "altered.toml"),
    ],
)
def test_what_is_missing_or_altered_is_refused_and_changes_nothing(
    shelf: WeightsShelf, tmp_path: Path, change: tuple[str, str], error: type[Exception], name: str
) -> None:
    with pytest.raises(error) as refused:
        shelf.use(altered_evidence(tmp_path, change))
    assert refused.value.name == name  # type: ignore[attr-defined]
    assert shelf.in_use() == DEFAULT_EVIDENCE
    assert len(shelf.known()) == 1


def test_thresholds_that_not_even_the_same_picture_reaches_are_refused(tmp_path: Path) -> None:
    path = altered_evidence(
        tmp_path,
        ("match_from = 0.121", "match_from = 5.0"),
        ("threshold = 0.121", "threshold = 5.0"),
    )
    with pytest.raises(FaceWeightsRefused):
        try_weights(path)


def test_evidence_altered_after_it_was_chosen_is_refused(shelf: WeightsShelf, given: Path) -> None:
    used = shelf.use(given)
    used.write_text(used.read_text("utf-8").replace("0.121", "-5.0"), encoding="utf-8")
    with pytest.raises(FaceWeightsRefused) as refused:
        shelf.in_use()
    assert refused.value.name == used.name
    assert not any(known.is_in_use for known in shelf.known())


def test_a_cohort_that_vanished_is_named(shelf: WeightsShelf, given: Path) -> None:
    used = shelf.use(given)
    next(used.parent.glob("*.npz")).unlink()
    known = shelf.known()[1]
    assert (known.evidence, known.trouble) == (None, "cohort_synthetic_1200x128_f16.npz")
    assert known_as_json(known)["refused"] == "cohort_synthetic_1200x128_f16.npz"


@pytest.mark.parametrize(
    "choice",
    ["", "folder = 3", "nonsense [", 'folder = "x"\nfile = "y"', 'folder = "x"\nfile = "y"\nsha256 = "z"'],
)
def test_a_damaged_choice_is_refused_and_never_replaced_by_the_shipped_weights(
    shelf: WeightsShelf, choice: str
) -> None:
    shelf.folder.mkdir(parents=True)
    shelf.choice_file.write_text(choice, encoding="utf-8")
    with pytest.raises(FaceWeightsRefused):
        shelf.in_use()


def test_a_choice_cannot_lead_out_of_the_shelf(shelf: WeightsShelf, given: Path) -> None:
    shelf.folder.mkdir(parents=True)
    shelf.choice_file.write_text(
        f'folder = "../../stick"\nfile = "{given}"\nsha256 = "00"\n', encoding="utf-8"
    )
    chosen = shelf._chosen()
    assert chosen is not None
    assert chosen[0] == shelf.folder / "stick" / given.name


def test_files_in_a_package_are_not_copied(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    copy_files_beside(find_weights(), DEFAULT_EVIDENCE, there)
    assert [path.name for path in there.iterdir()] == ["cohort_synthetic_1200x128_f16.npz"]
    copy_files_beside(find_weights(), DEFAULT_EVIDENCE, there)
    assert len(list(there.iterdir())) == 1


def test_the_drawn_face_is_a_face_and_like_itself_only(
    engine: DlibEngine, chips: dict[str | None, bytes]
) -> None:
    drawn, hopper = drawn_face(), chips["hopper"]
    own = engine.compare_pictures(drawn, drawn)
    assert own.score > 2 * own.threshold
    assert engine.compare_pictures(hopper, drawn).score < own.threshold


def test_the_drawn_face_has_one_face() -> None:
    import io

    from PIL import Image

    with Image.open(io.BytesIO(drawn_face())) as picture:
        faces = Detector(find_weights().landmarks).find_in_picture(np.asarray(picture))
    assert [face.is_sure for face in faces] == [True]
