"""The memory figure: which processes count, what is summed, and a terminal that is worked as a person works it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench import field_terminal
from tests.bench.card_stand import BenchFailed
from tests.bench.field_terminal import ENTER, FieldOnTerminal
from tests.bench.figures import Verdict
from tests.bench.memory_use import Memory, descendants, memory_of, row_of

OWN = Memory(("python", "mynavisit", "field"), 200_000, 100_000)
CONFINED = Memory(("python", "-m", "appliance.face.worker_process", "7"), 150_000, 120_000)
WAITING = "import sys; sys.stdin.read()"
SCREENS = """
import sys
print("担当者を選んでください。", flush=True)
sys.stdin.readline()
print("合言葉を入れてください。", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen((sys.executable, "-c", WAITING), stdin=subprocess.PIPE)
    yield process
    process.communicate()


def test_a_process_says_what_it_holds_and_what_it_runs(child: subprocess.Popen[bytes]) -> None:
    ours = memory_of(os.getpid())
    assert ours is not None
    assert 0 < ours.proportional_kib <= ours.resident_kib
    assert child.pid in descendants(os.getpid())
    assert descendants(child.pid) == []


def test_a_process_that_has_gone_holds_nothing(child: subprocess.Popen[bytes]) -> None:
    child.communicate()
    assert memory_of(child.pid) is None


@pytest.mark.parametrize(
    ("words", "is_confined", "is_sync"),
    [
        (("python", "-P", "-m", "appliance.face.worker_process", "16"), True, False),
        (("python", "-P", "-m", "appliance.face.watcher_process", "14"), True, False),
        (("python", "-P", "-m", "appliance.pictures.child"), True, False),
        (("python", "-m", "appliance.simulated.card_table", "--pace"), False, False),
        (("python", "mynavisit", "sync"), False, True),
        (("python", "mynavisit", "office", "collect"), False, False),
        ((), False, False),
    ],
)
def test_what_counts_is_known_by_its_command(
    words: tuple[str, ...], is_confined: bool, is_sync: bool
) -> None:
    memory = Memory(words, 1, 1)
    assert (memory.is_confined, memory.is_sync) == (is_confined, is_sync)


def test_the_sum_is_judged_in_megabytes() -> None:
    row = row_of("at work", OWN, [CONFINED])
    assert row.cells["whole MB"] == pytest.approx(220_000 * 1024 / 1e6)
    assert row.cells["confined processes"] == 1
    assert row.cells["shared pages counted in full MB"] == pytest.approx(350_000 * 1024 / 1e6)
    assert row.verdict is Verdict.STRETCH
    assert row_of("at work", OWN, [CONFINED] * 2).verdict is Verdict.MUST
    assert row_of("at work", OWN, [CONFINED] * 3).verdict is Verdict.MISSED


def stub(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    program = folder / "program"
    program.write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setattr(field_terminal, "_PROGRAM", program)


def test_keys_are_pressed_and_the_next_screen_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub(tmp_path, monkeypatch, SCREENS)
    with FieldOnTerminal(tmp_path) as field:
        field.await_screen("staff")
        field.await_screen("passphrase", ENTER)
        assert memory_of(field.process_id) is not None
    assert memory_of(field.process_id) is None


def test_a_program_that_ends_or_shows_something_else_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub(tmp_path, monkeypatch, 'print("no")')
    with FieldOnTerminal(tmp_path) as field, pytest.raises(BenchFailed, match="the screen staff"):
        field.await_screen("staff")
