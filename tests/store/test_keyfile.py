"""A private key at rest: written once and whole, and read only when nobody else could (proof.md §3)."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.errors import NotProvisioned, SealBroken, StepNotAllowed, StoreDamaged
from appliance.seal.keys import SoftwareUnitKey
from appliance.store.keyfile import (
    SECRET_LIMIT_BYTES,
    read_secret,
    read_unit_key,
    write_secret,
    write_unit_key,
)
from tests.seal.conftest import seeded

KEY = SoftwareUnitKey.generate(seeded(1))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "unit.key"


def test_a_key_is_read_back_and_is_its_owners_alone(path: Path) -> None:
    write_unit_key(path, KEY)
    assert read_unit_key(path).public == KEY.public
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["unit.key"]


def test_the_mode_does_not_depend_on_the_process(path: Path) -> None:
    before = os.umask(0)
    try:
        write_unit_key(path, KEY)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_unit_keeps_its_key(path: Path) -> None:
    write_unit_key(path, KEY)
    with pytest.raises(StepNotAllowed):
        write_unit_key(path, SoftwareUnitKey.generate(seeded(2)))
    assert read_unit_key(path).public == KEY.public
    assert [file.name for file in path.parent.iterdir()] == ["unit.key"]


def test_what_a_cut_left_behind_does_not_stand_in_the_way(path: Path) -> None:
    path.with_name(f".unit.key.{os.getpid()}.new").write_bytes(b"half a k")
    write_unit_key(path, KEY)
    assert read_unit_key(path).public == KEY.public


def test_without_a_key_the_unit_is_not_provisioned(path: Path) -> None:
    with pytest.raises(NotProvisioned) as missing:
        read_unit_key(path)
    assert missing.value.missing == "unit.key"


def test_a_folder_that_is_not_there_is_a_broken_disk(tmp_path: Path) -> None:
    with pytest.raises(StoreDamaged) as damaged:
        write_secret(tmp_path / "missing" / "unit.key", b"secret")
    assert damaged.value.check == "disk"


def open_to_group(path: Path) -> None:
    path.chmod(0o640)


def open_to_all(path: Path) -> None:
    path.chmod(0o604)


def make_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir(mode=0o700)


def make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def grow(path: Path) -> None:
    path.write_bytes(bytes(SECRET_LIMIT_BYTES + 1))


@pytest.mark.parametrize(
    "change", [open_to_group, open_to_all, make_link, make_folder, make_pipe, grow], ids=lambda c: c.__name__
)
def test_a_file_that_may_be_known_to_others_is_not_used(path: Path, change: Callable[[Path], None]) -> None:
    write_unit_key(path, KEY)
    change(path)
    with pytest.raises(StoreDamaged) as damaged:
        read_unit_key(path)
    assert damaged.value.check == "key_file"


def test_a_file_of_another_owner_is_not_used(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_unit_key(path, KEY)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(StoreDamaged):
        read_secret(path)


@pytest.mark.parametrize("content", [b"", b"not a key", KEY.to_private_bytes()[:-1], KEY.public.to_bytes()])
def test_bytes_that_are_no_key_are_refused(path: Path, content: bytes) -> None:
    write_secret(path, content)
    with pytest.raises(SealBroken):
        read_unit_key(path)
