"""Files of an office or a unit: secrets for their owner alone, and never overwritten by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.errors import NotProvisioned
from mqtt.owned_files import make_folder, read_owned, replace_public, replace_secret, write_secret


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    open_folder = tmp_path / "open"
    open_folder.mkdir(mode=0o755)
    for folder in (tmp_path / "a" / "b", open_folder):
        make_folder(folder)
        assert mode(folder) == 0o700


def test_a_secret_is_written_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    write_secret(secret, b"first")
    assert mode(secret) == 0o600
    with pytest.raises(FileExistsError):
        write_secret(secret, b"second")
    assert secret.read_bytes() == b"first"


def test_replacing_a_secret_keeps_it_secret(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    for content in (b"first", b"second"):
        replace_secret(secret, content)
        assert secret.read_bytes() == content
        assert mode(secret) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


def test_what_a_cut_left_beside_a_file_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "key.new").write_bytes(b"half")
    replace_secret(tmp_path / "key", b"whole")
    assert (tmp_path / "key").read_bytes() == b"whole"


def test_a_public_file_may_be_read_by_others(tmp_path: Path) -> None:
    replace_public(tmp_path / "authority.crt", b"certificate")
    assert mode(tmp_path / "authority.crt") == 0o644


def test_what_was_never_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotProvisioned) as missing:
        read_owned(tmp_path / "sealing.key")
    assert missing.value.missing == "sealing.key"
