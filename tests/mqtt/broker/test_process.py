"""A mosquitto of one's own: started, found listening, ended, and named when it cannot be."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from appliance.errors import BrokerUnreachable, TrainingPartMissing
from mqtt.broker import process
from mqtt.broker.process import MosquittoProcess, find_binary
from tests.wire.world import HOST, World

pytestmark = pytest.mark.broker


def test_it_listens_when_start_returns_and_is_gone_after_close(world: World) -> None:
    with world.broker() as broker:
        socket.create_connection((HOST, world.port)).close()
        assert Path(f"/proc/{broker.pid}").exists()
    assert not Path(f"/proc/{broker.pid}").exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, world.port))


def test_closing_saves_what_waits(world: World) -> None:
    with world.broker():
        pass
    assert (world.office.broker_files.store_folder / "mosquitto.db").exists()


def test_a_killed_broker_can_be_closed_and_started_again(world: World) -> None:
    with world.broker() as broker:
        broker.kill()
        assert not broker.is_running
        broker.close()
    with world.broker() as again:
        assert again.is_running


def test_a_configuration_that_mosquitto_refuses_is_told(world: World) -> None:
    world.office.broker_configuration_file.write_text("no_such_word true\n", "ascii")
    with pytest.raises(BrokerUnreachable):
        MosquittoProcess.start(world.office.broker_configuration_file, world.address)


def test_a_port_that_is_taken_is_told_and_nobody_elses_broker_is_used(world: World) -> None:
    with socket.create_server((HOST, world.port)), pytest.raises(BrokerUnreachable) as taken:
        MosquittoProcess.start(world.office.broker_configuration_file, world.address)
    assert taken.value.port == world.port


def test_a_broker_that_does_not_listen_in_time_is_ended(world: World, tmp_path: Path) -> None:
    configuration_file = tmp_path / "elsewhere.conf"
    text = world.office.broker_configuration_file.read_text("utf-8")
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        other_port = probe.getsockname()[1]
    configuration_file.write_text(text.replace(str(world.port), str(other_port)), "utf-8")
    with pytest.raises(BrokerUnreachable):
        MosquittoProcess.start(configuration_file, world.address, deadline_s=0.3)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, other_port))


def test_a_missing_mosquitto_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_binary().endswith("/mosquitto")
    monkeypatch.setattr(process, "SYSTEM_FOLDERS", str(tmp_path))
    with pytest.raises(TrainingPartMissing) as missing:
        find_binary()
    assert missing.value.package == "mosquitto"
