"""What a run says and how it ends, on benches that measure nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench.card_stand import BenchFailed
from tests.bench.cli import BENCHES, load_words, main, tool_version
from tests.bench.figures import Bench, Row, Table, Told, Verdict


def bench(figure: str, verdict: Verdict) -> Bench:
    def measure(told: Told) -> tuple[Table, ...]:
        told()
        return (Table(figure, f"title of {figure}", "a promise", (Row({"card": "p01"}, verdict),)),)

    return Bench(figure, 1, measure)


def failing(_told: Told) -> tuple[Table, ...]:
    raise BenchFailed("connect")


KEPT, MISSED = bench("S1", Verdict.MUST), bench("S2", Verdict.MISSED)


def test_the_figures_of_the_product_are_all_there() -> None:
    assert [each.figure for each in BENCHES] == ["S1", "S2", "S3", "S4", "G4", "S10"]


@pytest.mark.parametrize("verdict", [each for each in Verdict if each is not Verdict.MISSED])
def test_a_run_without_a_miss_ends_well(verdict: Verdict, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], [bench("S1", verdict)]) == 0
    said = capsys.readouterr()
    assert "S1: title of S1 (a promise)" in said.out
    assert "missed" not in said.err


def test_a_run_that_misses_its_must_says_so_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], [KEPT, MISSED]) == 1
    assert capsys.readouterr().err == "S2 missed: title of S2: card p01 (promise: a promise)\n"


def test_a_page_is_written_also_when_a_promise_was_missed(tmp_path: Path) -> None:
    assert main(["--write", str(tmp_path / "bench.md")], [KEPT, MISSED]) == 1
    text = (tmp_path / "bench.md").read_text(encoding="utf-8")
    assert "## S1: title of S1" in text
    assert "| p01 | MISSED |" in text
    assert str(tmp_path) not in text


def test_only_what_is_named_is_measured() -> None:
    assert main(["--only", "S1"], [KEPT, MISSED]) == 0
    assert main(["--only", "S1,S2"], [KEPT, MISSED]) == 1


def test_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json"], [KEPT]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["tables"][0]["rows"] == [{"card": "p01", "verdict": "must met"}]
    assert {"pcscd", "OpenSC", "pyscard"} <= set(told["versions"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "S1,S99"], "no such figure: S99"),
        (["--only", "S1", "--write", "page.md"], "a page is written from a whole run only"),
    ],
)
def test_what_cannot_be_done_is_refused(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words, [KEPT]) == 2
    assert said in capsys.readouterr().err


def test_what_did_not_work_is_no_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / "bench.md"
    assert main(["--write", str(written)], [Bench("S1", 1, failing)]) == 1
    assert "connect did not work" in capsys.readouterr().err
    assert not written.exists()


@pytest.mark.parametrize(("load", "is_busy"), [(0.3, False), (2.0, False), (2.1, True)])
def test_a_busy_machine_is_named(load: float, is_busy: bool) -> None:
    assert ("too high" in load_words(load, 2)) is is_busy


def test_a_tool_that_is_not_there_has_no_version() -> None:
    assert tool_version(("no-such-program-anywhere",)) == ""
