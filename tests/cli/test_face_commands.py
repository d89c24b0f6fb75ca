"""`mynavisit face evaluate|calibrate|weights` as scripts meet them (design §4); a small made set stands for a folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.face.evidence_file import DEFAULT_EVIDENCE
from tests.face.conftest import altered_evidence
from tests.face.made_sets import write_set, write_table

PROGRAM = Path(sys.executable).with_name("mynavisit")
FACES = Path(os.environ.get("MYNAVISIT_TEST_FACES", Path(__file__).parents[3] / "shared" / "data" / "faces"))
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    environment = {**os.environ, "MYNAVISIT_HOME": str(tmp_path / "home")}

    def started(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROGRAM, "face", *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    return started


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_set(tmp_path_factory.mktemp("made"))
    rows = ("hopper_0001.jp2,hopper_0002.png,1", "hopper_0001.jp2,astronaut_0002.png,0")
    write_table(folder, *rows, "hopper_0001.jp2,gone.png,1")
    return folder


def test_a_table_is_evaluated_at_the_shipped_threshold(run: Run, made: Path) -> None:
    ended = run("evaluate", made / "pairs.csv", "--json")
    said = json.loads(ended.stdout)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (said["pairs"], said["genuine_pairs"], said["impostor_pairs"]) == (3, 1, 1)
    assert (said["fmr"], said["fnmr"], said["threshold"]) == (0.0, 0.0, 0.121)
    assert said["fmr_upper95"] == pytest.approx(0.95)
    assert said["failure_to_acquire"] == pytest.approx(1 / 4)
    assert said["fnmr_with_failures"] == 0.5
    assert said["looks"] == 10
    assert said["det"]


def test_a_folder_is_evaluated_across_with_plot_and_progress(run: Run, made: Path, tmp_path: Path) -> None:
    words = ("evaluate", made, "--across", "--looks", "1", "--progress", tmp_path / "scores")
    first = run(*words, "--plot", tmp_path / "det.svg", "--threshold", "0.5", "--json")
    said = json.loads(first.stdout)
    assert (said["pairs"], said["looks"], said["threshold"]) == (42, 1, 0.5)
    assert (tmp_path / "det.svg").read_text("utf-8").startswith("<?xml")
    again = run(*words)
    assert "going on after 42 of 42 pairs" in again.stderr
    assert "det:" not in again.stdout
    other = run(
        *words[:3], "--looks", "2", "--live-pictures", "2", "--progress", tmp_path / "scores", "--json"
    )
    assert "starting anew" in other.stderr
    assert json.loads(other.stdout)["live_pictures"] == 2


def test_two_live_pictures_are_evaluated_at_a_threshold_of_their_own(run: Run, made: Path) -> None:
    words = ("evaluate", made, "--across", "--both-live", "--looks", "1", "--hold-out", "2")
    said = json.loads(run(*words[:-2], "--json").stdout)
    assert (said["pairs"], said["both_live"], said["threshold"]) == (21, True, 0.12)
    ended = run(*words)
    assert ended.returncode == 2
    assert "several people in each half" in ended.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--looks", "3"), "--looks"),
        (("--across",), "--across"),
        (("--group", "one"), "--group"),
        (("--live-pictures", "2"), "--live-pictures"),
        (("--live-pictures", "0"), "--live-pictures"),
        (("--hold-out", "3"), "--hold-out"),
        (("--plot", "det.gif"), "--plot"),
        (("--progress", str(DEFAULT_EVIDENCE)), "default.toml"),
        (("--progress", "/nowhere/scores"), "/nowhere/scores"),
        (("--weights", "missing.toml"), "missing.toml"),
        (("--threshold", "high"), "--threshold"),
    ],
    ids=" ".join,
)
def test_wrong_use_is_one_line_and_status_2(run: Run, made: Path, words: tuple[str, ...], told: str) -> None:
    ended = run("evaluate", made / "pairs.csv", *words)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert told in ended.stderr


def test_a_malformed_table_ends_with_row_and_column(run: Run, tmp_path: Path) -> None:
    ended = run("evaluate", write_table(tmp_path, "a.png,b.png,1", "a.png,b.png,maybe"), "--json")
    said = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert (said["error"], said["data"]) == ("PairsMalformed", {"row": 3, "column": "same"})
    assert "row 3, column 'same'" in ended.stderr


def test_a_set_of_which_nothing_can_be_compared_is_not_true(run: Run, tmp_path: Path) -> None:
    ended = run("evaluate", write_table(tmp_path, "a.png,b.png,1"), "--json")
    said = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert (said["failure_to_acquire"], said["fnmr"]) == (1.0, None)
    assert "no pair could be compared" in ended.stderr


def test_a_set_too_small_makes_no_evidence(run: Run, made: Path, tmp_path: Path) -> None:
    out = tmp_path / "new.toml"
    words = ("--weights", DEFAULT_EVIDENCE, "--out", out, "--looks", "1")
    ended = run("calibrate", made / "pairs.csv", *words, "--json")
    said = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert (said["error"], said["data"]["needed"]) == ("PairsTooFew", 2_995)
    assert not out.exists()
    wrong = run("calibrate", made / "pairs.csv", *words, "--false-match", "0.1", "--look-closely", "0.01")
    assert wrong.returncode == 2


def test_weights_are_chosen_for_the_unit_and_used_by_it(run: Run, made: Path, tmp_path: Path) -> None:
    own = altered_evidence(
        tmp_path, ("match_from = 0.121", "match_from = 0.074"), ('"dlib-default"', '"own"')
    )
    used = json.loads(run("weights", "use", own, "--json").stdout)
    assert (used["ok"], used["name"], used["in_use"]) == (True, "own", True)
    listed = json.loads(run("weights", "list", "--json").stdout)["weights"]
    assert [(each["name"], each["in_use"]) for each in listed] == [("dlib-default", False), ("own", True)]
    compared = run("compare", made / "hopper_0001.jp2", made / "hopper_0002.png", "--json")
    assert json.loads(compared.stdout)["threshold"] == 0.074
    chosen = Path(used["file"])
    chosen.write_text(chosen.read_text("utf-8") + "\n# altered\n", encoding="utf-8")
    for words in (("weights", "list"), ("compare", made / "hopper_0001.jp2", made / "hopper_0002.png")):
        ended = run(*words, "--json")
        assert ended.returncode == 1
        assert "altered.toml" in ended.stderr
        assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (("55533b28", "00000000"), "FaceWeightsRefused"),
        (("[[measured]]", "[[remembered]]"), "FaceWeightsRefused"),
        (("format = 3", "format = 2"), "FaceEvidenceOutdated"),
    ],
)
def test_weights_that_are_not_sound_are_refused(
    run: Run, tmp_path: Path, change: tuple[str, str], error: str
) -> None:
    ended = run("weights", "use", altered_evidence(tmp_path, change), "--json")
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["error"] == error
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_the_shipped_evidence_is_what_the_command_measures(run: Run) -> None:
    if not (FACES / "manifest.csv").is_file():
        pytest.skip("the folder of public pictures is not here; set MYNAVISIT_TEST_FACES")
    said = json.loads(run("evaluate", FACES, "--group", "lfw-east-asian-names", "--across", "--json").stdout)
    assert said["impostor_pairs"] > 23_000
    assert said["fmr"] == pytest.approx(0.001, rel=0.25)
    assert said["fnmr"] <= 0.10
