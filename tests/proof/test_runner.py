"""What the runner finds, and what it says: each planted defect is named, with its seed and the command that repeats it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.proof.campaign import Share
from tests.proof.cli import failure_text, main, summary
from tests.proof.planted import PLACES, SOUND
from tests.proof.runner import Outcome, prove

SEED = 77
FEW = Share(SEED, 0, 12)


def run(name: str, share: Share = FEW, workers: int = 1) -> Outcome:
    return prove(PLACES[name], share, workers)


def test_a_sound_campaign_holds() -> None:
    outcome = run("P1", Share(SEED, 0, 2000), workers=2)
    assert outcome.holds
    assert outcome.finding.done == 2000
    assert outcome.finding.figures["tried"].value == 2000
    assert outcome.finding.figures["greatest"].value == 7
    assert outcome.rate_bound == pytest.approx(3 / 2000)


def test_a_campaign_that_reports_figures_bounds_no_rate() -> None:
    outcome = run("P1")
    reported = replace(outcome, campaign=replace(outcome.campaign, is_reported=True))
    assert outcome.rate_bound is not None
    assert reported.rate_bound is None
    assert reported.holds


def test_progress_is_told_and_never_goes_back() -> None:
    told: list[int] = []
    prove(PLACES["P1"], Share(SEED, 0, 500), 2, told.append)
    assert told == sorted(told)
    assert told[-1] == 500


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("P2", r"^IndexError at tests/proof/planted\.py:\d+$"),
        ("P3", r"^Breach \(the answer is 43\) at tests/proof/planted\.py:\d+$"),
        ("P4", r"^hang: over 0\.2 s, Hung at tests/proof/planted\.py:\d+$"),
        ("P5", r"^hang: over 0\.2 s and not to be interrupted at tests/proof/planted\.py:\d+$"),
        ("P6", r"^crash: SIGSEGV at tests/proof/planted\.py:\d+$"),
        ("P7", r"^crash: exit status 3$"),
    ],
)
def test_a_planted_defect_is_found_and_the_rest_goes_on(name: str, said: str) -> None:
    outcome = run(name)
    (failure,) = outcome.finding.failures
    assert not outcome.holds
    assert outcome.rate_bound is None
    assert failure.index == 5
    assert re.search(said, failure.what)
    assert failure.input_hex == FEW.random(5).randbytes(4).hex()
    assert outcome.finding.done >= FEW.count - 1


def test_a_process_that_grows_fails() -> None:
    outcome = run("P8", Share(SEED, 0, 80))
    assert not outcome.holds
    assert "memory: grew by" in outcome.finding.failures[0].what
    assert outcome.finding.memory_growth_kib > 20 * 1024


def test_where_the_kernel_bounds_memory_the_very_input_is_named() -> None:
    (failure,) = run("P9").finding.failures
    assert failure.index == 5
    assert failure.what.startswith("MemoryError: memory limit at tests/proof/planted.py")


def test_a_campaign_that_cannot_begin_fails_by_name() -> None:
    outcome = run("P10")
    assert not outcome.holds
    assert "RuntimeError" in outcome.finding.failures[0].what


def test_an_error_says_its_kind_and_place_never_its_message() -> None:
    outcome = run("P2")
    text = failure_text(outcome, outcome.finding.failures[0])
    assert "bytes of a person" not in text + summary(outcome)


def test_a_failure_is_reported_with_seed_input_and_the_command_that_repeats_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    report = tmp_path / "proof.md"
    words = ["--only", "P2", "--seed", "77", "--count", "12", "--workers", "1"]
    assert main(words, PLACES, report) == 1
    shown = capsys.readouterr().out
    assert "P2 FAILS: 12 of 12 inputs, 1 failures, seed 77" in shown
    assert f"input: {FEW.random(5).randbytes(4).hex()}" in shown
    command = re.search(r"again: \S+ -m tests\.proof (.*)", shown)
    assert command is not None
    assert main(command[1].split(), PLACES, report) == 1
    again = capsys.readouterr().out
    assert "P2 FAILS: 1 of 1 inputs" in again
    assert "seed 77 number 5: IndexError" in again
    assert not report.exists()


def test_an_input_is_the_same_wherever_its_share_begins() -> None:
    assert Share(SEED, 0, 10).random(5).random() == Share(SEED, 5, 1).random(5).random()
    assert Share(SEED, 0, 10).random(5).random() != Share(SEED + 1, 0, 10).random(5).random()


@pytest.mark.parametrize(
    ("count", "number", "sizes"), [(10, 3, [3, 3, 4]), (1, 2, [1]), (4, 1, [4]), (0, 2, [0])]
)
def test_a_share_is_split_without_gap_or_overlap(count: int, number: int, sizes: list[int]) -> None:
    parts = Share(SEED, 100, count).parts(number)
    assert [part.count for part in parts] == sizes
    assert [index for part in parts for index in part.indices] == list(range(100, 100 + count))


def test_an_unknown_campaign_is_a_wrong_use(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--only", "X9"], PLACES, tmp_path / "proof.md") == 2
    assert "no such campaign in X9; there are P1," in capsys.readouterr().err


def test_a_run_at_must_writes_the_report_and_a_smaller_one_does_not(tmp_path: Path) -> None:
    report = tmp_path / "proof.md"
    assert main(["--only", "P1", "--quick"], PLACES, report) == 0
    assert not report.exists()
    assert main(["--only", "P1", "--seed", "3"], PLACES, report) == 0
    written = report.read_text(encoding="utf-8")
    assert re.search(rf"\| P1 \| {SOUND.claim} \| 20,000 inputs \| 20,000 \| 0 \| 1\.5e-04 \|", written)
    assert "| P1 | tried | 20,000 inputs |" in written
