"""Scores kept on the way: a stopped run goes on, another table begins anew, and nobody's file is overwritten."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.face.evaluation.crew import Trouble
from appliance.face.evaluation.gallery import PairScores
from appliance.face.evaluation.kept_scores import Continued, KeptScores, NotKeptScores, open_scores
from tests.face.made_sets import scored


def opened(path: Path, table: str = "t", engine: str = "e", pairs: int = 10) -> KeptScores:
    return open_scores(path, table, engine, pairs)


def test_a_stopped_run_goes_on_with_every_number_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "scores"
    first = opened(path)
    assert (first.continued, len(first.scores)) == (Continued.NEW, 0)
    first.append(scored(0.1, 1 / 3))
    first.append(scored(-0.25))
    again = opened(path)
    assert again.continued is Continued.ON
    assert again.scores.score.tolist() == [0.1, 1 / 3, -0.25]


def test_what_became_of_both_pictures_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "scores"
    troubles = [(a, b) for a in Trouble for b in Trouble if a or b]
    scores = PairScores(
        np.full(len(troubles), math.nan),
        np.array([a for a, _ in troubles], np.uint8),
        np.array([b for _, b in troubles], np.uint8),
    )
    opened(path).append(scores)
    kept = opened(path).scores
    assert np.isnan(kept.score).all()
    assert list(zip(kept.reference_trouble, kept.live_trouble, strict=True)) == troubles


@pytest.mark.parametrize("changed", [{"table": "other"}, {"engine": "other"}])
def test_another_table_or_engine_begins_anew(tmp_path: Path, changed: dict[str, Any]) -> None:
    path = tmp_path / "scores"
    opened(path).append(scored(0.1))
    again = opened(path, **changed)
    assert (again.continued, len(again.scores)) == (Continued.ANEW, 0)
    assert len(path.read_text().splitlines()) == 1


@pytest.mark.parametrize("content", [b"reference,live,same\n", b"{}\n", b"[1]\n", b"\x89PNG\r\n", b"{"])
def test_a_file_of_another_kind_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "scores"
    path.write_bytes(content)
    with pytest.raises(NotKeptScores):
        opened(path)
    assert path.read_bytes() == content


@given(cut=st.integers(1, 60))
def test_a_file_cut_anywhere_keeps_whole_lines_and_goes_on(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("cut") / "scores"
    scores = [0.125, 0.25, 0.5, -0.125, 0.0625]
    opened(path).append(scored(*scores))
    whole = path.read_bytes()
    head = whole.index(b"\n") + 1
    path.write_bytes(whole[: max(head, len(whole) - cut)])
    kept = opened(path)
    known = len(kept.scores)
    assert kept.scores.score.tolist() == scores[:known]
    kept.append(scored(*scores[known:]))
    assert path.read_bytes() == whole


@pytest.mark.parametrize("line", ["nonsense", "nan", "inf", "+x", "++", "0.1 0.2", ""])
def test_a_damaged_line_and_all_after_it_are_done_again(tmp_path: Path, line: str) -> None:
    path = tmp_path / "scores"
    opened(path).append(scored(0.5))
    with path.open("a") as stream:
        stream.write(f"{line}\n0.25\n")
    kept = opened(path)
    assert kept.scores.score.tolist() == [0.5]
    kept.append(scored(0.75))
    assert opened(path).scores.score.tolist() == [0.5, 0.75]


def test_more_lines_than_pairs_are_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "scores"
    opened(path).append(scored(0.1, 0.2, 0.3))
    assert len(opened(path, pairs=2).scores) == 2
