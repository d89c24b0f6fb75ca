"""One fresh unit for each screen test."""

from __future__ import annotations

import pytest

from tests.screens.rig import Rig


@pytest.fixture
def rig() -> Rig:
    return Rig()
