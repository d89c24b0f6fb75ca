"""`make` and its scripts: what they offer, and what they say when something cannot be had."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / ".make").glob("*.sh"))

# Stands for dpkg-query: says of every package that it is there, but for those named in ABSENT.
DPKG_QUERY = """#!/bin/bash
for package in "$@"; do :; done
if [[ " $ABSENT " == *" $package "* ]]; then exit 1; fi
printf installed
"""
APT_CACHE = """#!/bin/bash
if [[ " $NOT_OFFERED " == *" $2 "* ]]; then exit 0; fi
printf '%s:\\n  Candidate: 1.0\\n' "$2"
"""
APT_GET = """#!/bin/bash
printf '%s\\n' "$*" >>"$APT_LOG"
exit "${APT_STATUS:-0}"
"""


def run(
    command: list[str], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command without a terminal and keeps what it says."""
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def script(path: Path, text: str) -> None:
    """Writes a program that can be run."""
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


class Machine:
    """A copy of the setup script on a machine whose packages are pretended; nothing is really installed."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.log = folder / "apt.log"
        self._bin = folder / "bin"
        self._bin.mkdir()
        (self.project / ".make").mkdir(parents=True)
        shutil.copy(ROOT / ".make" / "setup.sh", self.project / ".make")
        script(self._bin / "dpkg-query", DPKG_QUERY)
        script(self._bin / "apt-cache", APT_CACHE)
        script(self._bin / "apt-get", APT_GET)
        # The environment is not this test's matter: the script stops where it would be made.
        script(self._bin / "python-for-test", "#!/bin/bash\n[[ $1 == - ]]\n")

    def setup(self, part: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Runs the script; `ABSENT` and `NOT_OFFERED` name packages."""
        base = {
            "PATH": f"{self._bin}:{os.environ['PATH']}",
            "PYTHON": "python-for-test",
            "APT_LOG": str(self.log),
            "ABSENT": "",
            "NOT_OFFERED": "",
        }
        return run([".make/setup.sh", part], cwd=self.project, env={**base, **env})

    def apt_calls(self) -> list[str]:
        """What was asked of apt-get, without the options every call has."""
        if not self.log.exists():
            return []
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [line.split("DPkg::Lock::Timeout=300 ", maxsplit=1)[1] for line in lines]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


needs_root = pytest.mark.skipif("os.geteuid() != 0", reason="the pretended apt-get is called by root only")


def test_plain_make_lists_every_target_with_a_word_on_it() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z][a-z-]*):", makefile, flags=re.MULTILINE)
    listed = run(["make", "--no-print-directory"])
    assert listed.returncode == 0
    assert {"setup", "run", "test", "check", "format", "lock", "clean"} <= set(targets)
    for target in targets:
        assert re.search(rf"^  make {target} +\S", listed.stdout, flags=re.MULTILINE), target


def test_run_asks_for_the_screen_or_the_rehearsal() -> None:
    recipe = run(["make", "--no-print-directory", "--dry-run", "run"]).stdout
    assert "if [ -t 0 ]; then exec .venv/bin/mynavisit field --try-out" in recipe
    assert "exec .venv/bin/mynavisit rehearse --people 3" in recipe


def test_ci_runs_the_tests() -> None:
    assert "make test </dev/null" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [*SCRIPTS, ROOT / ".ci" / "run"], ids=lambda path: path.name)
def test_scripts_can_be_run_and_read(path: Path) -> None:
    assert path.stat().st_mode & stat.S_IXUSR
    assert run(["bash", "-n", str(path)]).returncode == 0


def test_scripts_name_no_registry() -> None:
    for path in [*SCRIPTS, ROOT / ".ci" / "run", ROOT / "Makefile", ROOT / "pyproject.toml"]:
        assert not re.search(r"://\w", path.read_text(encoding="utf-8")), path


def test_an_unknown_part_is_refused(machine: Machine) -> None:
    ended = machine.setup("everything")
    assert ended.returncode == 1
    assert "use run, dev or pi" in ended.stderr


def test_nothing_is_fetched_when_nothing_is_missing(machine: Machine) -> None:
    machine.setup("dev")
    assert machine.apt_calls() == []


@needs_root
def test_only_what_is_missing_is_installed(machine: Machine) -> None:
    machine.setup("dev", ABSENT="opensc mosquitto")
    assert machine.apt_calls() == ["update", "install --yes --no-install-recommends mosquitto opensc"]


@needs_root
def test_another_japanese_font_will_do(machine: Machine) -> None:
    machine.setup("run", ABSENT="fonts-ipaexfont-gothic")
    assert machine.apt_calls() == []
    machine.setup(
        "run",
        ABSENT="fonts-ipaexfont-gothic fonts-ipafont-gothic fonts-noto-cjk",
        NOT_OFFERED="fonts-ipaexfont-gothic",
    )
    assert machine.apt_calls()[-1].endswith("install --yes --no-install-recommends fonts-ipafont-gothic")


@needs_root
def test_a_needed_package_that_cannot_be_had_ends_the_setup_with_the_way_out(machine: Machine) -> None:
    ended = machine.setup("run", ABSENT="mosquitto", APT_STATUS="100")
    assert ended.returncode == 1
    assert re.search(r"missing: mosquitto +the broker between", ended.stderr)
    assert "apt-get install --no-install-recommends mosquitto" in ended.stderr


@needs_root
def test_a_welcome_package_that_cannot_be_had_is_a_warning(machine: Machine) -> None:
    ended = machine.setup("run", ABSENT="iproute2", NOT_OFFERED="iproute2")
    assert "warning: goes on without iproute2" in ended.stderr
    assert "packages that must be there" not in ended.stderr


@needs_root
def test_what_could_not_be_had_is_not_asked_for_at_every_start(machine: Machine) -> None:
    machine.setup("run", ABSENT="iproute2", NOT_OFFERED="iproute2")
    asked = machine.apt_calls()
    assert asked == ["update"]
    environment = machine.project / ".venv"
    environment.mkdir(exist_ok=True)
    (environment / ".without-run").write_text(
        "iproute2            a card service with a network of its own\n", encoding="utf-8"
    )
    machine.setup("run", ABSENT="iproute2", NOT_OFFERED="iproute2")
    assert machine.apt_calls() == asked


@needs_root
def test_without_a_usable_python_debian_is_asked_for_its_own(machine: Machine) -> None:
    machine.setup("run", PYTHON="/nonexistent/python3", ABSENT="python3-venv")
    assert machine.apt_calls()[-1].endswith("install --yes --no-install-recommends python3-venv")


def test_without_any_usable_python_the_way_out_is_named(machine: Machine) -> None:
    ended = machine.setup("run", PYTHON="/nonexistent/python3")
    assert ended.returncode == 1
    assert "no usable Python 3.11 or newer" in ended.stderr
    assert "make setup PYTHON=" in ended.stderr


def test_large_files_are_refused(tmp_path: Path) -> None:
    small, large = tmp_path / "small.png", tmp_path / "large.bin"
    small.write_bytes(b"x")
    large.write_bytes(b"\0" * (2 * 1024 * 1024 + 1))
    hook = str(ROOT / ".make" / "refuse-large-files.sh")
    assert run([hook, str(small)]).returncode == 0
    refused = run([hook, str(small), str(large)])
    assert refused.returncode == 1
    assert "large.bin" in refused.stderr
    assert "small.png" not in refused.stderr
