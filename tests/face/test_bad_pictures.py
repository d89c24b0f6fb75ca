"""A bad picture on either side of a comparison is a typed error, never a match, and the worker goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.errors import NoFace, PictureRefused
from appliance.face.picture_pair import compare_files
from appliance.face.worker import WorkerFaceEngine
from appliance.simulated.portraits import chip_photo
from tests.face.bad_pictures import bad_pictures

BAD = bad_pictures()


@pytest.mark.parametrize("content", BAD)
def test_it_is_refused_or_shows_no_face(worker: WorkerFaceEngine, tmp_path: Path, content: str) -> None:
    good, bad = tmp_path / "good.jp2", tmp_path / "bad"
    good.write_bytes(chip_photo("hopper"))
    bad.write_bytes(BAD[content])
    for reference, live in ((bad, good), (good, bad)):
        with pytest.raises((NoFace, PictureRefused)):
            compare_files(worker, reference, live)
    assert compare_files(worker, good, good).match
