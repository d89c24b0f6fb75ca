"""The lock files: everything pinned, everything hashed, nothing that says where a package was found."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
BUILD, RUN, DEV, PI = (
    "requirements-build.lock",
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-pi.lock",
)
LOCKS = (BUILD, RUN, DEV, PI)
PYTHONS = ("3.11", "3.12", "3.13")
MACHINES = ("x86_64", "aarch64")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def entries_of(lock: str) -> list[str]:
    """Each pin with its hashes, on one line."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip()]


def pins_of(lock: str, *, python: str, machine: str) -> dict[str, str]:
    """What pip would install from a lock on one kind of machine."""
    environment: dict[str, str] = {
        **{name: str(value) for name, value in default_environment().items()},
        "implementation_name": "cpython",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
    }
    pins: dict[str, str] = {}
    for entry in entries_of(lock):
        requirement = Requirement(entry.split("--hash", maxsplit=1)[0].strip())
        if requirement.marker is not None and not requirement.marker.evaluate(environment):
            continue
        name = canonicalize_name(requirement.name)
        assert name not in pins, f"{lock} pins {name} twice for Python {python}"
        pins[name] = str(requirement.specifier).removeprefix("==")
    return pins


def project() -> dict[str, Any]:
    """The project's own declaration."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_exact_and_has_a_hash(lock: str) -> None:
    entries = entries_of(lock)
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+==[^\s;*]+[ ;]", entry), entry[:80]
        assert HASH.search(entry), entry[:80]


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_an_address_a_path_or_an_option(lock: str) -> None:
    for entry in entries_of(lock):
        rest = HASH.sub("", entry)
        assert "#" not in rest, rest
        assert "--" not in rest, rest
        assert "/" not in rest, rest
        assert "@" not in rest, rest
        assert not re.search(r"\b(org|com|net|io|local|lan)\b", rest), rest


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", [DEV, PI])
def test_locks_agree_with_the_one_a_unit_runs_on(lock: str, python: str, machine: str) -> None:
    run = pins_of(RUN, python=python, machine=machine)
    other = pins_of(lock, python=python, machine=machine)
    assert {name: other.get(name) for name in run} == run


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", [RUN, DEV, PI])
def test_installing_never_replaces_a_build_tool(lock: str, python: str, machine: str) -> None:
    build = pins_of(BUILD, python=python, machine=machine)
    other = pins_of(lock, python=python, machine=machine)
    shared = build.keys() & other.keys()
    assert {name: other[name] for name in shared} == {name: build[name] for name in shared}


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    ("lock", "extras", "groups"),
    [
        (RUN, ["training"], []),
        (DEV, ["training"], ["dev"]),
        (PI, ["training", "pi"], []),
    ],
)
def test_a_lock_holds_all_that_the_project_asks_for(
    lock: str, extras: list[str], groups: list[str], python: str
) -> None:
    declared = project()
    wanted = list(declared["project"]["dependencies"])
    for extra in extras:
        wanted += declared["project"]["optional-dependencies"][extra]
    for group in groups:
        wanted += declared["dependency-groups"][group]
    pins = pins_of(lock, python=python, machine="aarch64")
    for requirement in map(Requirement, wanted):
        if requirement.marker is not None and not requirement.marker.evaluate({"python_version": python}):
            continue
        version = pins[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version, prereleases=True), requirement


def test_the_face_engine_is_the_measured_one() -> None:
    for python in PYTHONS:
        pins = pins_of(RUN, python=python, machine="aarch64")
        assert (pins["dlib-bin"], pins["face-recognition-models"]) == ("20.0.1", "0.3.0")
