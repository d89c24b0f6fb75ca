"""A screen needs a terminal, and ends when its terminal is gone (mqtt.md §6: otherwise it eats a processor for ever)."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tui.terminal import has_hung_up, require_terminal

ROOT = Path(__file__).parents[2]
REQUIRE = "from tui.terminal import require_terminal; require_terminal(); print('shown')"
PROGRAM = """
from tests.screens.rig import Rig
rig = Rig()
rig.app().run()
print("ended", flush=True)
"""


def test_without_a_terminal_it_ends_with_one_line_and_status_2() -> None:
    run = subprocess.run(
        [sys.executable, "-c", REQUIRE],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert run.returncode == 2
    assert run.stdout == ""
    assert len(run.stderr.splitlines()) == 1
    assert "terminal" in run.stderr


def test_with_closed_streams_it_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open(encoding="ascii") as nothing:
        closed = nothing
    monkeypatch.setattr(sys, "stdin", closed)
    with pytest.raises(SystemExit) as end:
        require_terminal()
    assert end.value.code == 2


def test_on_a_terminal_it_passes_wherever_its_data_go() -> None:
    ours, theirs = pty.openpty()
    run = subprocess.run(
        [sys.executable, "-c", REQUIRE],
        cwd=ROOT,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        timeout=30,
        check=False,
    )
    os.close(ours)
    os.close(theirs)
    assert (run.returncode, run.stdout) == (0, "shown\n")


def test_a_pipe_whose_other_end_is_gone_has_hung_up() -> None:
    reading, writing = os.pipe()
    assert not has_hung_up(reading)
    os.close(writing)
    assert has_hung_up(reading)
    os.close(reading)


def test_a_terminal_whose_other_end_is_gone_has_hung_up() -> None:
    ours, theirs = pty.openpty()
    assert not has_hung_up(theirs)
    os.close(ours)
    assert has_hung_up(theirs)
    os.close(theirs)


def test_the_program_ends_by_itself_when_its_terminal_goes_away() -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment,
    )
    os.close(theirs)
    try:
        painted = b""
        while "担当者".encode() not in painted:
            painted += os.read(ours, 65536)
        os.close(ours)
        said, _ = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert said == b"ended\n"
    assert process.returncode == 0
