"""The command line as scripts meet it: names, JSON keys, exit statuses, and one clear line for a mistake (design §4)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("mynavisit")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    environment = {
        **os.environ,
        "MYNAVISIT_HOME": str(tmp_path),
        "PCSCLITE_CSOCK_NAME": str(tmp_path / "no-service"),
    }

    def started(*words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROGRAM, *words],
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    return started


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("card", "read"),
        ("card", "read", "--code-b"),
        ("card", "read", "--code-b", "18051420354173", "--wait", "soon"),
        ("card", "read", "--code-b", "18051420354173", "--wait", "-1"),
        ("card", "read", "--code-b", "18051420354173", "--wait", "nan"),
        ("card", "read", "--code-b", "18051420354173", "--also", "name"),
        ("card", "readers", "all"),
        ("card", "serve", "--vpcd", "nowhere"),
        ("card", "serve", "--person", "nobody"),
        ("card", "serve", "--pace", "slow"),
        ("rehearse", "--people", "0"),
        ("rehearse", "--people", "some"),
        ("office", "init", "--port", "0"),
        ("face", "compare", "missing.png", "missing.png"),
        ("programmes", "advise", "--facts", "missing.json", "--on", "2026-11-23"),
    ],
    ids=" ".join,
)
def test_wrong_use_is_one_line_on_stderr_and_status_2(run: Run, words: tuple[str, ...]) -> None:
    ended = run(*words)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("unit", "status"), "NotProvisioned"),
        (("unit", "backlog"), "NotProvisioned"),
        (("unit", "verify-chain"), "NotProvisioned"),
        (("office", "collect"), "NotProvisioned"),
        (("card", "readers"), "NoReader"),
        (("card", "read", "--code-b", "18051420354173"), "NoReader"),
        (("card", "read", "--code-b", "18051420354173", "--wait", "0.1", "--also", "age"), "NoReader"),
        (("card", "read", "--code-b", "1805142035417"), "CodeMalformed"),
        (("card", "read", "--code-b", "99991320354173"), "CodeMalformed"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_says_why_and_what_next_and_ends_with_1(
    run: Run, words: tuple[str, ...], error: str
) -> None:
    ended = run(*words, "--json")
    said = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert (said["ok"], said["error"]) == (False, error)
    assert said["says"] in ended.stderr
    assert said["next"]
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("given", "error"), [("18051420354173\n", "NoReader"), ("", "CodeMalformed"), ("\n", "CodeMalformed")]
)
def test_the_code_can_come_from_stdin_and_is_never_repeated(run: Run, given: str, error: str) -> None:
    ended = run("card", "read", "--code-b", "-", "--json", given=given)
    assert json.loads(ended.stdout)["error"] == error
    assert "4173" not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("18051420354173",),
        ("read", "18051420354173"),
        ("read", "--code-b18051420354173"),
        ("read", "--code-b", "180514", "2035", "4173"),
        ("read", "--code-b", "-", "--4173"),
        ("read", "--code-b", "-", "１８０５１４２０３５4173"),
        ("read", "--code", "18051420354173", "--code-b", "-"),
    ],
    ids=" ".join,
)
def test_a_code_in_the_wrong_place_is_not_repeated(run: Run, words: tuple[str, ...]) -> None:
    ended = run("card", *words)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert "4173" not in ended.stderr
    assert "--code-b" in ended.stderr or "card read" in ended.stderr or "(digits)" in ended.stderr


def test_an_option_that_there_is_not_is_named(run: Run) -> None:
    ended = run("card", "read", "--code-b", "-", "--jsn")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "--jsn" in ended.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("card", "--help"), ["read", "readers", "serve"]),
        (
            ("card", "read", "--help"),
            ["exactly one try", "Other users", "stdin", "--wait SECONDS", "--also age|text", "Exit status"],
        ),
        (("card", "readers", "--help"), ["what stands on each", "--json"]),
    ],
)
def test_help_says_what_a_command_does_and_costs(run: Run, words: tuple[str, ...], says: list[str]) -> None:
    ended = run(*words)
    text = " ".join(ended.stdout.split())
    assert (ended.returncode, ended.stderr) == (0, "")
    assert [part for part in says if part not in text] == []


def test_an_office_is_made_once_and_kept(run: Run) -> None:
    first = json.loads(run("office", "init", "--json").stdout)
    again = json.loads(run("office", "init", "--json").stdout)
    assert first["ok"]
    assert again["made"] == []
    assert set(again["kept"]) == set(first["made"])


def test_a_unit_without_an_office_fails_its_self_test_with_a_check_that_says_so(run: Run) -> None:
    ended = run("selftest", "--json")
    said = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert said["ok"] is False
    assert [check["name"] for check in said["checks"]] == ["unit"]


def test_the_rules_of_p1_answer_a_facts_file(run: Run, tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text('{"birth_date": "1943-05-14", "card": {"kind": "face_only"}}', "utf-8")
    ended = run("programmes", "advise", "--facts", str(facts), "--on", "2026-11-23", "--json")
    (advice,) = [each for each in json.loads(ended.stdout)["programmes"] if each["id"] == "P1"]
    assert {"id", "applies", "channels", "steps", "by", "rules"} <= advice.keys()
    assert advice["channels"] == ["clinic_reader"]


@pytest.mark.parametrize(
    ("facts", "on"),
    [("[]", "2026-11-23"), ("{", "2026-11-23"), ('{"hobby": 1}', "2026-11-23"), ("{}", "tomorrow")],
)
def test_facts_that_are_none_are_refused(run: Run, tmp_path: Path, facts: str, on: str) -> None:
    file = tmp_path / "facts.json"
    file.write_text(facts, "utf-8")
    ended = run("programmes", "advise", "--facts", str(file), "--on", on, "--json")
    assert ended.returncode in {1, 2}
    assert "Traceback" not in ended.stderr


def test_the_staff_screen_without_a_terminal_ends_itself_with_one_line(run: Run) -> None:
    ended = run("field", "--training", given="")
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("\n") == 1
