"""The one way of imports, checked on the source by import-linter and at run time in a fresh interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert run.returncode == 0, run.stdout


HEAVY = {
    "textual",
    "dlib",
    "numpy",
    "PIL",
    "sqlmodel",
    "sqlalchemy",
    "paho",
    "cryptography",
    "smartcard",
    "pydantic",
}


def loaded_after(statement: str) -> set[str]:
    script = f"{statement}\nimport sys, json\nprint(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return set(json.loads(run.stdout.splitlines()[-1]))


ASK_FOR_HELP = """
import contextlib, io
from tui.cli import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main(["--help"])
"""


def test_asking_for_help_loads_nothing_heavy() -> None:
    assert not loaded_after(ASK_FOR_HELP) & HEAVY


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("appliance.domain.enrollment", {"textual", "paho", "sqlmodel", "dlib", "smartcard", "cryptography"}),
        ("appliance.card.identification", {"textual", "paho", "sqlmodel", "dlib", "numpy", "smartcard"}),
        ("appliance.service.visit", {"textual", "paho", "sqlmodel", "dlib", "smartcard"}),
        ("mqtt.sync", {"textual", "dlib", "numpy", "smartcard", "PIL"}),
    ],
)
def test_a_module_brings_only_its_own_world(module: str, never: set[str]) -> None:
    assert not loaded_after(f"import {module}") & never
