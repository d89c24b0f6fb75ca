"""Weights advise only with evidence: files, licence, cohort, thresholds and what was measured (face.md, Decisions)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.face_advice import FaceBand
from appliance.errors import FaceEvidenceOutdated, FaceWeightsRefused
from appliance.face.detection import CHIP_SHIFT_PX, LOOK_CHOICES, LOOKS
from appliance.face.evidence_file import DEFAULT_EVIDENCE, Bands, read_description, read_evidence
from appliance.face.template_way import WAYS, TemplateWay
from tests.face.conftest import altered_evidence


def test_the_shipped_evidence_says_what_was_measured() -> None:
    evidence = read_evidence(DEFAULT_EVIDENCE)
    assert evidence.bands == Bands(match_from=0.121, look_closely_from=0.074)
    assert (evidence.cohort.templates, evidence.cohort.nearest) == (1200, 60)
    at_match = [row for row in evidence.measured if row.threshold == evidence.bands.match_from]
    assert at_match[0].false_match_rate == pytest.approx(0.001, rel=0.05)
    assert at_match[0].impostor_pairs > 20_000
    closely = [row for row in evidence.measured if row.threshold == evidence.bands.look_closely_from]
    assert closely[0].false_match_rate == pytest.approx(0.01, rel=0.05)


def test_the_shipped_evidence_has_bands_of_its_own_for_two_live_pictures() -> None:
    evidence = read_evidence(DEFAULT_EVIDENCE)
    assert evidence.identity == Bands(match_from=0.12, look_closely_from=0.074)
    held = next(row for row in evidence.identity_measured if row.threshold == evidence.identity.match_from)
    assert held.false_match_rate == pytest.approx(0.001, rel=0.1)
    assert held.impostor_pairs > 10_000
    assert all("both pictures live" in row.data for row in evidence.identity_measured)


def test_the_shipped_evidence_hides_neither_the_worse_group_nor_the_label_error() -> None:
    evidence, text = read_evidence(DEFAULT_EVIDENCE), DEFAULT_EVIDENCE.read_text(encoding="utf-8")
    worst = max(
        row.false_match_rate for row in evidence.measured if row.threshold == evidence.bands.match_from
    )
    assert worst > 2 * evidence.measured[0].false_match_rate
    assert "Shinya_Taniguchi_0001" in text
    assert "Takahiro_Mori_0001" in text


def test_the_ways_are_those_that_the_engine_knows() -> None:
    assert tuple(WAYS) == LOOK_CHOICES
    assert (
        read_evidence(DEFAULT_EVIDENCE).way == WAYS[LOOKS] == TemplateWay(LOOKS, CHIP_SHIFT_PX, mirrored=True)
    )


@pytest.mark.parametrize(
    "change",
    [
        ("format = 3", "format = 1"),
        ("format = 3", "format = 2"),
        ("looks = 10", "looks = 5"),
        ("looks = 10", "looks = 7"),
        ("shift_px = 6", "shift_px = 5"),
        ("mirrored = true", "mirrored = false"),
    ],
)
def test_evidence_for_another_way_of_making_templates_is_outdated(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    path = altered_evidence(tmp_path, change)
    with pytest.raises(FaceEvidenceOutdated) as refused:
        read_evidence(path)
    assert refused.value.name == "altered.toml"


def test_a_description_needs_no_thresholds(tmp_path: Path) -> None:
    text = DEFAULT_EVIDENCE.read_text(encoding="utf-8")
    path = tmp_path / "weights.toml"
    path.write_text(text[: text.index("[template]")].replace("format = 3", ""), encoding="utf-8")
    description, evidence = read_description(path), read_evidence(DEFAULT_EVIDENCE)
    assert (description.licence, description.cohort) == (evidence.licence, evidence.cohort)
    assert "research terms" in description.licence_note
    with pytest.raises(FaceWeightsRefused):
        read_evidence(path)


@pytest.mark.parametrize(
    "change",
    [
        ('licence = "CC0-1.0"', ""),
        ("nearest = 60", "nearest = 0"),
        ("templates = 1200", "templates = true"),
        ('package = "face_recognition_models"', 'package = "os.path"'),
        ('folder = "models"', 'folder = "../models"'),
        ('folder = "models"', 'folder = "/models"'),
    ],
)
def test_a_description_that_says_too_little_or_leads_elsewhere_is_refused(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    with pytest.raises(FaceWeightsRefused):
        read_description(altered_evidence(tmp_path, change))


def test_the_shipped_evidence_never_names_the_file_with_68_landmarks() -> None:
    evidence = read_evidence(DEFAULT_EVIDENCE)
    assert "68" not in evidence.landmarks.file + evidence.embedding.file


@pytest.mark.parametrize(
    "change",
    [
        ("format = 3", "format = 4"),
        ("format = 3", ""),
        ("looks = 10", ""),
        ("looks = 10", 'looks = "10"'),
        ("mirrored = true", "mirrored = 1"),
        ("[template]", "[other]"),
        ('name = "dlib-default"', 'name = " "'),
        ('name = "dlib-default"', "name = 3"),
        ('source = "docs/face.md; face.md §0, §3"', ""),
        ('licence = "CC0-1.0"', ""),
        ("[weights.embedding]", "[weights.other]"),
        ('file = "shape_predictor', 'file = "../shape_predictor'),
        ('sha256 = "c4b1', 'sha256 = "c4'),
        ('sha256 = "c4b1', 'sha256 = "zzzz'),
        ("nearest = 60", "nearest = 0"),
        ("nearest = 60", "nearest = 1201"),
        ("match_from = 0.121", "match_from = 0.04"),
        ("match_from = 0.121", "match_from = nan"),
        ("match_from = 0.121", "match_from = 0.09"),
        ("look_closely_from = 0.074", "look_closely_from = -inf"),
        ("look_closely_from = 0.074", "look_closely_from = 0.06"),
        ("look_closely_from = 0.074", ""),
        ("held_from = 0.12", "held_from = 0.05"),
        ("held_from = 0.12", "held_from = nan"),
        ("held_from = 0.12", "held_from = 0.13"),
        ("held_from = 0.12", ""),
        ("unsure_from = 0.074", "unsure_from = 0.07"),
        ("unsure_from = 0.074", ""),
        ("[identity]", "[other]"),
        ("[[identity.measured]]", "[[identity.remembered]]"),
        ("impostor_pairs = 11715", "impostor_pairs = 0"),
        ("impostor_pairs = 23430", "impostor_pairs = 0"),
        ("genuine_pairs = 132", "genuine_pairs = -1"),
        ("false_match_rate = 0.000982", "false_match_rate = 0.5"),
        ("false_non_match_rate = 0.05303", "false_non_match_rate = 0.5"),
        ("[0.000135, 0.002552]", "[0.000135]"),
        ("[0.000135, 0.002552]", "[0.000135, 1.5]"),
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
