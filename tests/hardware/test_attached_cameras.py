"""Cameras as sysfs lists them."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.hardware.attached_cameras import AttachedCamera, list_cameras


def node(sysfs: Path, entry: str, index: str | None, name: str = "A camera\n") -> None:
    (sysfs / entry).mkdir()
    (sysfs / entry / "name").write_text(name, encoding="utf-8")
    if index is not None:
        (sysfs / entry / "index").write_text(index, encoding="utf-8")


def test_nodes_that_give_pictures_are_listed_by_number(tmp_path: Path) -> None:
    node(tmp_path, "video10", "0\n", "Second\n")
    node(tmp_path, "video2", "0\n", "First\n")
    assert list_cameras(tmp_path, Path("/dev")) == [
        AttachedCamera(Path("/dev/video2"), "First"),
        AttachedCamera(Path("/dev/video10"), "Second"),
    ]


@pytest.mark.parametrize(
    ("entry", "index"), [("video1", "1\n"), ("video1", None), ("videos", "0\n"), ("radio0", "0\n")]
)
def test_other_nodes_are_not(tmp_path: Path, entry: str, index: str | None) -> None:
    node(tmp_path, entry, index)
    assert list_cameras(tmp_path) == []


def test_a_machine_without_cameras_lists_none(tmp_path: Path) -> None:
    assert list_cameras(tmp_path / "nothing there") == []


def test_a_name_may_be_missing_or_malformed(tmp_path: Path) -> None:
    node(tmp_path, "video0", "0\n")
    (tmp_path / "video0" / "name").write_bytes(b"\xff\xfe")
    assert list_cameras(tmp_path)[0].name == "\ufffd\ufffd"
    (tmp_path / "video0" / "name").unlink()
    assert list_cameras(tmp_path)[0].name == ""
