"""Weights advise only with evidence: files, licence, cohort, thresholds and what was measured (face.md, Decisions)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.face_advice import FaceBand
from appliance.errors import FaceWeightsRefused
from appliance.face.evidence_file import DEFAULT_EVIDENCE, Bands, read_evidence
from tests.face.conftest import altered_evidence


def test_the_shipped_evidence_says_what_the_facts_say() -> None:
    evidence = read_evidence(DEFAULT_EVIDENCE)
    assert evidence.bands == Bands(match_from=0.10, look_closely_from=0.05)
    assert (evidence.cohort.templates, evidence.cohort.nearest) == (1200, 60)
    at_match = [row for row in evidence.measured if row.threshold == evidence.bands.match_from]
    assert at_match[0].false_match_rate == 0.0021
    assert at_match[0].false_match_rate_bounds == (0.0012, 0.0032)


def test_the_shipped_evidence_never_names_the_file_with_68_landmarks() -> None:
    evidence = read_evidence(DEFAULT_EVIDENCE)
    assert "68" not in evidence.landmarks.file + evidence.embedding.file


@pytest.mark.parametrize(
    "change",
    [
        ("format = 1", "format = 2"),
        ("format = 1", ""),
        ('name = "dlib-default"', 'name = " "'),
        ('name = "dlib-default"', "name = 3"),
        ('source = "face.md §0, §3"', ""),
        ('licence = "CC0-1.0"', ""),
        ("[weights.embedding]", "[weights.other]"),
        ('file = "shape_predictor', 'file = "../shape_predictor'),
        ('sha256 = "c4b1', 'sha256 = "c4'),
        ('sha256 = "c4b1', 'sha256 = "zzzz'),
        ("nearest = 60", "nearest = 0"),
        ("nearest = 60", "nearest = 1201"),
        ("match_from = 0.10", "match_from = 0.04"),
        ("match_from = 0.10", "match_from = nan"),
        ("match_from = 0.10", "match_from = 0.09"),
        ("look_closely_from = 0.05", "look_closely_from = -inf"),
        ("look_closely_from = 0.05", ""),
        ("impostor_pairs = 8532", "impostor_pairs = 0"),
        ("genuine_pairs = 249", "genuine_pairs = -1"),
        ("false_match_rate = 0.0021", "false_match_rate = 0.5"),
        ("false_non_match_rate = 0.166", "false_non_match_rate = 0.01"),
        ("[0.0012, 0.0032]", "[0.0012]"),
        ("[0.0012, 0.0032]", "[0.0012, 1.5]"),
        ("[[measured]]", "[[remembered]]"),
        ("[bands]", "[bands"),
    ],
)
def test_evidence_that_says_too_little_is_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    path = altered_evidence(tmp_path, change)
    with pytest.raises(FaceWeightsRefused) as refused:
        read_evidence(path)
    assert refused.value.name == "altered.toml"


def test_weights_without_evidence_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FaceWeightsRefused) as refused:
        read_evidence(tmp_path / "none.toml")
    assert refused.value.name == "none.toml"


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (0.11, FaceBand.MATCH),
        (0.10, FaceBand.MATCH),
        (0.0999, FaceBand.LOOK_CLOSELY),
        (0.05, FaceBand.LOOK_CLOSELY),
        (0.0499, FaceBand.UNLIKE),
        (-1.0, FaceBand.UNLIKE),
        (float("nan"), FaceBand.UNLIKE),
        (float("-inf"), FaceBand.UNLIKE),
    ],
)
def test_each_score_has_one_band(score: float, band: FaceBand) -> None:
    assert Bands(match_from=0.10, look_closely_from=0.05).band(score) is band


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_a_higher_score_never_has_a_lower_band(one: float, other: float) -> None:
    order = [FaceBand.UNLIKE, FaceBand.LOOK_CLOSELY, FaceBand.MATCH]
    bands = Bands(match_from=0.10, look_closely_from=0.05)
    low, high = sorted((one, other))
    assert order.index(bands.band(low)) <= order.index(bands.band(high))
