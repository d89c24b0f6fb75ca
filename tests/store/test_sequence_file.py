"""The small file that remembers the highest sequence (proof.md W5)."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.store.sequence_file import SequenceFile
from tests.seal.conftest import flipped


@pytest.fixture
def file(tmp_path: Path) -> SequenceFile:
    return SequenceFile(tmp_path / "sequence")


def test_a_missing_file_knows_nothing(file: SequenceFile) -> None:
    assert file.read() == 0


@pytest.mark.parametrize("sequence", [1, 9_999, 2**63 - 1])
def test_a_number_is_read_back_by_its_owner_only(file: SequenceFile, sequence: int) -> None:
    file.raise_to(sequence)
    file.sync()
    assert file.read() == sequence
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


@given(st.lists(st.integers(min_value=1, max_value=2**63 - 1), min_size=1, max_size=6))
def test_it_keeps_the_highest(tmp_path_factory: pytest.TempPathFactory, sequences: list[int]) -> None:
    file = SequenceFile(tmp_path_factory.mktemp("sequence") / "sequence")
    for sequence in sequences:
        file.raise_to(sequence)
    assert file.read() == max(sequences)


def test_a_damaged_file_knows_nothing_and_is_written_over(file: SequenceFile) -> None:
    file.raise_to(41)
    whole = file.path.read_bytes()
    damaged = [whole[:-1], whole + b"\n", b"", b"\0" * len(whole)]
    damaged += [flipped(whole, bit) for bit in range(len(whole) * 8)]
    for content in damaged:
        file.path.write_bytes(content)
        assert file.read() == 0
    file.path.write_bytes(damaged[0])
    file.raise_to(42)
    assert file.read() == 42
