"""What `face compare` tells about two files."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.errors import NoFace, PictureRefused
from appliance.face.picture_pair import compare_files, read_picture
from appliance.face.worker import WorkerFaceEngine
from appliance.pictures.header import FILE_BOUNDS
from tests.face.conftest import seen
from tests.face.test_engine import as_file


@pytest.fixture
def files(tmp_path: Path, chips: dict[str | None, bytes]) -> Path:
    (tmp_path / "chip.jp2").write_bytes(chips["hopper"])
    (tmp_path / "same.jpg").write_bytes(as_file(seen("hopper"), "JPEG"))
    (tmp_path / "other.png").write_bytes(as_file(seen("astronaut"), "PNG"))
    (tmp_path / "nobody.png").write_bytes(as_file(seen(None), "PNG"))
    (tmp_path / "words.txt").write_bytes(b"words")
    return tmp_path


@pytest.mark.parametrize(("live", "match"), [("same.jpg", True), ("other.png", False)])
def test_a_pair_of_files_is_compared(worker: WorkerFaceEngine, files: Path, live: str, match: bool) -> None:
    instants = iter([10.0, 10.25])
    comparison = compare_files(worker, files / "chip.jp2", files / live, lambda: next(instants))
    assert comparison.match is match
    assert (comparison.score >= comparison.threshold) is match
    assert comparison.seconds == 0.25
    assert comparison.quality.is_good


@pytest.mark.parametrize(
    ("reference", "live", "error"),
    [
        ("chip.jp2", "nobody.png", NoFace),
        ("nobody.png", "same.jpg", NoFace),
        ("chip.jp2", "words.txt", PictureRefused),
        ("words.txt", "same.jpg", PictureRefused),
        ("chip.jp2", "missing.png", FileNotFoundError),
    ],
)
def test_what_cannot_be_compared_is_a_typed_error(
    worker: WorkerFaceEngine, files: Path, reference: str, live: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        compare_files(worker, files / reference, files / live)


def test_a_file_larger_than_any_picture_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as stream:
        stream.truncate(FILE_BOUNDS.size_bytes + 1)
    with pytest.raises(PictureRefused) as refused:
        read_picture(path)
    assert refused.value.reason == "size"
