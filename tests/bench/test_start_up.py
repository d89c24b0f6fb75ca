"""The start-up figure's look at imports."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.bench.start_up import HEAVY, HELP, ROOT, heavy_imports

LINE = "import time:       120 |        340 |   "


@pytest.mark.parametrize("package", HEAVY)
def test_a_heavy_package_is_found_by_itself_or_by_a_part_of_it(package: str) -> None:
    assert heavy_imports(f"{LINE}{package}\n") == (package,)
    assert heavy_imports(f"{LINE}  {package}.inside.it\n") == (package,)


@pytest.mark.parametrize("name", ["typer", "richer", "appliance.pictures", "tui.cli", ""])
def test_another_package_is_not(name: str) -> None:
    assert heavy_imports(f"{LINE}{name}\n") == ()


def test_asking_for_help_waits_for_nothing_heavy() -> None:
    asked = subprocess.run(
        (sys.executable, "-X", "importtime", "-c", HELP),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "card" in asked.stdout
    assert "tui.cli" in asked.stderr
    assert heavy_imports(asked.stderr) == ()
