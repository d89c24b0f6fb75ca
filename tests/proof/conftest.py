"""A watch in this very process, for campaigns that are run with a defect in the product."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from tests.proof.beacon import Beacon
from tests.proof.campaign import Campaign
from tests.proof.watch import Watch


@pytest.fixture
def watch_over() -> Iterator[Callable[[Campaign], Watch]]:
    beacon, descriptor = Beacon.create()
    os.close(descriptor)
    yield lambda campaign: Watch(campaign, beacon)
    beacon.close()
