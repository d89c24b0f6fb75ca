"""A fresh office for each test of the line, and its broker where the test needs one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt.broker.process import MosquittoProcess
from tests.wire.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.set_up()
    return world


@pytest.fixture
def broker(world: World) -> Iterator[MosquittoProcess]:
    with world.broker() as broker:
        yield broker
