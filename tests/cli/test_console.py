"""How a result is written for people and for programs, and how a program's end becomes a status."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
import typer

from appliance.console import EXIT_NOT_TRUE, EXIT_WRONG_USE, put, run, troubles_told
from appliance.errors import CodeWrong


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
        (interrupted, EXIT_NOT_TRUE),
    ],
)
def test_every_end_has_its_status(program: object, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert callable(program)
    assert run(program) == status
    assert capsys.readouterr().err.count("\n") <= 1
