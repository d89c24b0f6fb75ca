"""The private card service: started, looked at, ended without a trace."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.errors import NoReader, TrainingPartMissing
from appliance.simulated import pcsc_stack
from appliance.simulated.pcsc_stack import SOCKET_VARIABLE, PcscStack, listening_ports


@pytest.fixture
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test adopt stacks without moving the socket of the whole run."""
    monkeypatch.setenv(SOCKET_VARIABLE, "")


@pytest.mark.pcsc
def test_it_comes_up_with_two_slots_and_leaves_nothing() -> None:
    with PcscStack() as stack:
        assert stack.pid is not None
        assert len(stack.addresses) == 2
        assert {port for _, port in stack.addresses} <= listening_ports(stack.pid)
        place = Path(stack.environment[SOCKET_VARIABLE])
        assert place.is_socket()
        folder, pid = place.parents[2], stack.pid
    assert not folder.exists()
    assert not Path(f"/proc/{pid}").exists()
    stack.stop()


@pytest.mark.pcsc
def test_several_run_side_by_side() -> None:
    with PcscStack() as first, PcscStack() as second:
        assert not set(first.addresses) & set(second.addresses)
        assert first.environment != second.environment


@pytest.mark.pcsc
def test_it_resumes_at_the_same_place(tmp_path: Path) -> None:
    with PcscStack(tmp_path) as stack:
        before = (stack.addresses, dict(stack.environment))
        stack.halt()
        assert stack.pid is None
        stack.resume()
        assert (stack.addresses, dict(stack.environment)) == before
    assert tmp_path.exists()


@pytest.mark.pcsc
def test_busy_ports_are_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(pcsc_stack, "_START_TIMEOUT_S", 0.3)
        monkeypatch.setattr(pcsc_stack, "_PORT_ATTEMPTS", 1)
        monkeypatch.setattr(pcsc_stack, "_free_ports", lambda: (port, port + 1))
        with pytest.raises(NoReader):
            PcscStack().start()


@pytest.mark.pcsc
@pytest.mark.usefixtures("own_environment")
def test_the_last_stack_adopted_is_the_one_reached() -> None:
    with PcscStack() as first, PcscStack() as second:
        first.adopt()
        link = Path(os.environ[SOCKET_VARIABLE])
        assert link.readlink() == Path(first.environment[SOCKET_VARIABLE])
        second.adopt()
        assert Path(os.environ[SOCKET_VARIABLE]) == link
        assert link.readlink() == Path(second.environment[SOCKET_VARIABLE])
        first.stop()
        assert link.is_symlink()
    assert not link.parent.exists()
    with PcscStack() as third:
        third.adopt()
        assert Path(os.environ[SOCKET_VARIABLE]) == link
        assert link.is_socket()


@pytest.mark.pcsc
def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from appliance.simulated.pcsc_stack import PcscStack\n"
        "print(PcscStack().start().pid, flush=True)\n"
        "sys.stdin.read()\n"
        "os.kill(os.getpid(), 9)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as parent:
        assert parent.stdout is not None
        service = os.pidfd_open(int(parent.stdout.readline()))
        parent.communicate()
    ended, _, _ = select.select([service], [], [], 10)
    os.close(service)
    assert ended


@pytest.mark.pcsc
def test_without_namespaces_root_gets_a_plain_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = tmp_path / "pcscd" / "pcscd.comm"
    monkeypatch.setattr(pcsc_stack, "_PLAIN_SOCKET", place)
    stack = PcscStack(tmp_path / "configuration")
    stack._programs = replace(stack._programs, unshare=None)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    stack._folder, stack._ports = tmp_path / "configuration", (21000, 21001)
    ((command, socket_place),) = stack._ways()
    assert socket_place == place
    assert command[-3:-1] == ["--foreground", "--config"]
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert stack._ways() == []


def test_without_pcscd_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(TrainingPartMissing) as missing:
        PcscStack()
    assert (missing.value.part, missing.value.package) == ("pcscd", "pcscd")


def test_without_the_virtual_reader_its_package_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("shutil.which", lambda name, **_: f"/usr/sbin/{name}")
    monkeypatch.setattr(pcsc_stack, "_DRIVER_FOLDERS", (tmp_path,))
    with pytest.raises(TrainingPartMissing) as missing:
        PcscStack()
    assert missing.value.package == "vsmartcard-vpcd"


def test_the_ports_of_a_process_are_those_it_listens_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert port in listening_ports(os.getpid())
    assert port not in listening_ports(os.getpid())
    assert listening_ports(2**22 + 1) == set()
