"""`mynavisit face compare` on files that nobody should give it: one line and status 1, no traceback, no answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.simulated.portraits import chip_photo
from tests.face.bad_pictures import bad_pictures

PROGRAM = Path(sys.executable).with_name("mynavisit")


def face(home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, "face", *words],
        env={**os.environ, "MYNAVISIT_HOME": str(home / "home")},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize(
    ("content", "is_reference", "error"),
    [
        ("hundred megapixels", True, "PictureRefused"),
        ("cut short", False, "PictureRefused"),
        ("black", False, "NoFace"),
    ],
)
def test_a_bad_file_is_told_in_one_line(tmp_path: Path, content: str, is_reference: bool, error: str) -> None:
    good, bad = tmp_path / "good.jp2", tmp_path / "bad"
    good.write_bytes(chip_photo("hopper"))
    bad.write_bytes(bad_pictures()[content])
    ended = face(tmp_path, "compare", *((bad, good) if is_reference else (good, bad)), "--json")
    said = json.loads(ended.stdout)
    assert (ended.returncode, said["ok"], said["error"]) == (1, False, error)
    assert "match" not in said
    assert ended.stderr.count("\n") == 1


def test_a_group_that_the_manifest_does_not_know_is_wrong_use(tmp_path: Path) -> None:
    rows = "reference_file,live_file,label,group\na.png,b.png,same,one\n"
    (tmp_path / "manifest.csv").write_text(rows, encoding="utf-8")
    ended = face(tmp_path, "evaluate", tmp_path, "--group", "two")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "--group" in ended.stderr
    assert ended.stderr.count("\n") == 1
