"""How a result is written for people and for programs, and how a program's end becomes a status."""

from __future__ import annotations

import io
import json
import signal
from collections.abc import Mapping

import pytest
import typer

from appliance.console import (
    EXIT_INTERRUPTED,
    EXIT_NOT_TRUE,
    EXIT_WRONG_USE,
    ask_unseen,
    progress_bar,
    put,
    run,
    stop_wish,
    troubles_told,
)
from appliance.errors import CodeWrong, NoCard, ReadingCancelled


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        ({"ok": True}, ["ok: yes"]),
        ({"ok": False, "genuine": None}, ["ok: no", "genuine: unknown"]),
        ({"names": ("a", "b")}, ["names: a b"]),
        ({"names": []}, ["names: -"]),
        ({"checks": [{"name": "reader", "ok": True}]}, ["checks: ", "  name reader, ok yes"]),
        ({"state": "到着確認"}, ["state: 到着確認"]),
    ],
)
def test_people_read_one_line_for_each_key(
    data: Mapping[str, object], lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    put(data, as_json=False)
    assert capsys.readouterr().out.splitlines() == lines


def test_programs_read_one_object_with_japanese_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    put({"state": "到着確認", "ok": True}, as_json=True)
    written = capsys.readouterr().out
    assert "到着確認" in written
    assert json.loads(written) == {"state": "到着確認", "ok": True}


def test_a_trouble_is_told_to_people_and_to_programs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, troubles_told(as_json=True):
        raise CodeWrong(9)
    written = capsys.readouterr()
    said = json.loads(written.out)
    assert ended.value.exit_code == EXIT_NOT_TRUE
    assert (said["error"], said["data"]) == ("CodeWrong", {"tries_left": 9})
    assert written.err.strip() == f"{said['says']} {said['next']}"


def test_a_trouble_tells_what_its_command_knows_besides(capsys: pytest.CaptureFixture[str]) -> None:
    with (
        pytest.raises(typer.Exit),
        troubles_told(as_json=True, more=lambda error: {"is": type(error).__name__}),
    ):
        raise NoCard
    assert json.loads(capsys.readouterr().out)["is"] == "NoCard"


@pytest.mark.parametrize(
    ("stop", "data"), [(ReadingCancelled(), "ReadingCancelled"), (KeyboardInterrupt(), None)]
)
def test_ctrl_c_is_one_line_and_status_130(
    stop: BaseException, data: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, troubles_told(as_json=True):
        raise stop
    written = capsys.readouterr()
    assert ended.value.exit_code == EXIT_INTERRUPTED == 130
    assert written.err.count("\n") == 1
    assert (json.loads(written.out)["error"] if written.out else None) == data


def wrong_use() -> None:
    raise typer.BadParameter("no such\n  thing")


def interrupted() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("program", "status"),
    [
        (lambda: None, 0),
        (lambda: 3, 3),
        (wrong_use, EXIT_WRONG_USE),
        (interrupted, EXIT_INTERRUPTED),
    ],
)
def test_every_end_has_its_status(program: object, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert callable(program)
    assert run(program) == status
    assert capsys.readouterr().err.count("\n") <= 1


@pytest.mark.parametrize(
    "digits", ["123456789018", "18051420354173", "１８０５１４２０３５４１７３", "9" * 40]
)
def test_wrong_use_repeats_no_long_run_of_digits(digits: str, capsys: pytest.CaptureFixture[str]) -> None:
    def program() -> None:
        raise typer.BadParameter(f"no such command '{digits}' at port 1883")

    assert run(program) == EXIT_WRONG_USE
    told = capsys.readouterr().err
    assert "'(digits)' at port 1883" in told
    assert digits not in told


def test_a_line_from_a_pipe_is_taken_without_a_question(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("18 05\nmore\n"))
    assert ask_unseen("Code: ") == "18 05\n"
    assert capsys.readouterr() == ("", "")


def test_a_stop_is_wished_by_the_first_ctrl_c_and_forced_by_the_second() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stop_wish() as is_stopped:
        assert not is_stopped()
        signal.raise_signal(signal.SIGINT)
        assert is_stopped()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_no_bar_is_drawn_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Waiting") as move:
        assert move is None
    assert capsys.readouterr() == ("", "")


class PretendTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal_says_what_is_done_and_is_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = PretendTerminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("Waiting for a card") as move:
        assert move is not None
        move("Reading the card: face", 512, 1024)
    drawn = terminal.getvalue()
    assert "Reading the card: face" in drawn
    assert "0.5 of 1.0 kB" in drawn
    # The last thing is to erase the line and to show the cursor again.
    assert drawn.endswith("\x1b[2K")
    assert "\x1b[?25h" in drawn
    assert capsys.readouterr().out == ""
