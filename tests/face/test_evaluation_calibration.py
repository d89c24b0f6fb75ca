"""An evidence file made from scores: thresholds by principle, honest bounds, and a set too small is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from appliance.errors import PairsTooFew
from appliance.face.evaluation.calibration import (
    NamedFindings,
    WantedRates,
    calibrate,
    evidence_as_toml,
    measurement_at,
)
from appliance.face.evaluation.det_plot import draw_det
from appliance.face.evaluation.findings import Findings, as_json, find
from appliance.face.evaluation.pairs import PairTable
from appliance.face.evidence_file import DEFAULT_EVIDENCE, Evidence, read_description, read_evidence
from appliance.face.template_way import WAYS
from tests.face.conftest import altered_evidence
from tests.face.made_sets import scored

WANTED = WantedRates(match=0.01, look_closely=0.1)


def findings(impostor: int = 1_000, genuine: int = 100, *, with_people: bool = False) -> Findings:
    """Return findings whose impostors score 0.0001, 0.0002, ... and whose genuine pairs are spread above and below."""
    score = np.concatenate([np.arange(1, impostor + 1) / 10_000, np.linspace(0.05, 0.5, genuine)])
    count = len(score)
    pictures = tuple(Path(f"P{place}_1.png") for place in range(count))
    places = np.arange(count, dtype=np.int32)
    people = (places % 50).astype(np.int32) if with_people else None
    is_same = places >= impostor
    return find(PairTable(pictures, places, places[::-1, np.newaxis].copy(), is_same, people), scored(*score))


def made(of: Findings, live: Findings | None = None) -> Evidence:
    with_photo = NamedFindings("made, one live picture", of)
    both_live = NamedFindings("made, both pictures live", live or findings())
    return calibrate(with_photo, both_live, read_description(DEFAULT_EVIDENCE), WAYS[10], WANTED)


def test_thresholds_are_where_the_wanted_rates_are_kept() -> None:
    evidence = made(findings())
    assert evidence.bands.match_from == 0.1
    assert evidence.bands.look_closely_from == 0.091
    match, closely = evidence.measured
    assert (match.false_match_rate, match.impostor_pairs, match.genuine_pairs) == (0.001, 1_000, 100)
    assert closely.false_match_rate == 0.091
    assert match.false_match_rate_bounds[0] < 0.001 < match.false_match_rate_bounds[1]


def test_two_live_pictures_have_thresholds_and_figures_of_their_own() -> None:
    evidence = made(findings(), findings(impostor=2_000))
    assert (evidence.bands.match_from, evidence.identity.match_from) == (0.1, 0.199)
    assert evidence.measured[0].data == "made, one live picture"
    assert [row.data for row in evidence.identity_measured] == ["made, both pictures live"] * 2
    assert evidence.identity_measured[0].threshold == evidence.identity.match_from


def test_too_few_pairs_of_two_live_pictures_make_no_evidence() -> None:
    with pytest.raises(PairsTooFew):
        made(findings(), findings(impostor=298))


def test_licence_files_and_cohort_come_from_the_description() -> None:
    evidence, shipped = made(findings()), read_evidence(DEFAULT_EVIDENCE)
    for name in ("licence", "licence_note", "package", "landmarks", "embedding", "cohort"):
        assert getattr(evidence, name) == getattr(shipped, name)


def test_what_is_written_is_read_again_word_for_word(tmp_path: Path) -> None:
    evidence = replace(made(findings()), name='二つの"名前"\\', licence_note="two\nlines\x7f\t")
    path = altered_evidence(tmp_path)
    path.write_text(evidence_as_toml(evidence), encoding="utf-8")
    assert read_evidence(path) == evidence


def test_weights_beside_their_evidence_are_written_without_a_package(tmp_path: Path) -> None:
    path = altered_evidence(tmp_path)
    evidence = replace(made(findings()), package="", version="", folder="")
    path.write_text(evidence_as_toml(evidence), encoding="utf-8")
    assert read_evidence(path) == evidence


@pytest.mark.parametrize(
    ("impostor", "genuine", "kind", "pairs", "needed"),
    [(298, 100, "impostor", 298, 299), (0, 100, "impostor", 0, 299), (299, 58, "genuine", 58, 59)],
)
def test_a_set_too_small_to_state_the_rate_says_how_many_pairs_are_needed(
    impostor: int, genuine: int, kind: str, pairs: int, needed: int
) -> None:
    with pytest.raises(PairsTooFew) as refused:
        made(findings(impostor, genuine))
    assert (refused.value.kind, refused.value.pairs, refused.value.needed) == (kind, pairs, needed)


def test_a_set_just_large_enough_is_taken() -> None:
    assert made(findings(299, 59)).measured[0].impostor_pairs == 299


def test_bounds_are_never_narrower_than_those_that_count_pairs() -> None:
    threshold = 0.091
    alone, together = (
        measurement_at(findings(with_people=known), threshold, "made") for known in (False, True)
    )
    assert together.false_match_rate_bounds[0] <= alone.false_match_rate_bounds[0]
    assert together.false_match_rate_bounds[1] >= alone.false_match_rate_bounds[1]


def test_one_kind_of_pairs_alone_is_no_measurement() -> None:
    with pytest.raises(ValueError, match="pairs"):
        measurement_at(findings(genuine=0), 0.1, "made")


def test_the_json_keys_of_the_contract_are_there() -> None:
    said = as_json(findings(with_people=True), 0.1)
    keys = {"pairs", "fmr", "fmr_upper95", "fnmr", "fnmr_upper95", "threshold", "failure_to_acquire", "det"}
    assert keys <= said.keys()
    assert said["pairs"] == 1_100
    assert said["fmr"] == 0.001
    assert isinstance(said["det"], list)
    assert {"threshold", "fmr", "fmr_bounds", "fnmr", "fnmr_bounds"} <= said["det"][0].keys()
    assert said["fmr_bounds_by_people"] is not None
    assert as_json(findings(), 0.1)["fmr_bounds_by_people"] is None


@pytest.mark.parametrize(
    ("name", "magic"), [("det.png", b"\x89PNG"), ("det.svg", b"<?xml"), ("DET.SVG", b"<?xml")]
)
def test_a_plot_is_written_and_is_the_same_each_time(tmp_path: Path, name: str, magic: bytes) -> None:
    scores = findings().scores
    bands = {"match": scores.at(0.1), "look closely": scores.at(0.091)}
    contents = []
    for folder in ("one", "two"):
        path = tmp_path / folder / name
        path.parent.mkdir()
        draw_det(scores.det(), bands, "made", path)
        contents.append(path.read_bytes())
    assert contents[0].startswith(magic)
    assert contents[0] == contents[1]


def test_a_plot_names_its_thresholds_and_axes(tmp_path: Path) -> None:
    scores = findings().scores
    draw_det(scores.det(), {"match": scores.at(0.1)}, "two\nlines", tmp_path / "det.svg")
    text = (tmp_path / "det.svg").read_text(encoding="utf-8")
    for words in ("match: 0.100", "false match (%)", "false non-match (%)", "95 % bounds", "lines"):
        assert words in text


def test_a_plot_without_a_curve_is_an_empty_one(tmp_path: Path) -> None:
    draw_det((), {}, "nothing", tmp_path / "det.svg")
    assert (tmp_path / "det.svg").stat().st_size > 0
