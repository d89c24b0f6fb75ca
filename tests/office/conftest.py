"""An empty office database and a desk over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt.office.database import OfficeDatabase, make_office_database
from tests.office.desk import Desk
from tests.office.units import PretendUnit


@pytest.fixture
def database(tmp_path: Path) -> Iterator[OfficeDatabase]:
    with make_office_database(tmp_path / "office.sqlite3") as database:
        yield database


@pytest.fixture
def desk(database: OfficeDatabase) -> Desk:
    return Desk(database)


@pytest.fixture
def unit(desk: Desk) -> PretendUnit:
    unit = PretendUnit()
    desk.register(unit)
    return unit
