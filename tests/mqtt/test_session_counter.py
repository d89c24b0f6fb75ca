"""The number of each connection: always a new one, also after a power cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.errors import NotProvisioned
from mqtt.messages import LARGEST_COUNT
from mqtt.session_counter import next_session


def test_sessions_count_up_from_one(tmp_path: Path) -> None:
    path = tmp_path / "session"
    assert [next_session(path) for _ in range(3)] == [1, 2, 3]
    assert path.read_text("ascii") == "3\n"


@pytest.mark.parametrize("damaged", [b"", b"x\n", b"-5\n", b"\xff\n", b"9" * 100])
def test_a_damaged_file_starts_again(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "session"
    path.write_bytes(damaged)
    assert next_session(path) == 1


def test_the_largest_number_is_followed_by_one(tmp_path: Path) -> None:
    path = tmp_path / "session"
    path.write_text(f"{LARGEST_COUNT}\n", "ascii")
    assert next_session(path) == 1


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    next_session(tmp_path / "session")
    assert [file.name for file in tmp_path.iterdir()] == ["session"]


def test_a_unit_without_a_home_has_no_sessions(tmp_path: Path) -> None:
    with pytest.raises(NotProvisioned):
        next_session(tmp_path / "nowhere" / "session")
