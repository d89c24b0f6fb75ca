"""A real card service for the PC/SC reader, with this process as its client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from appliance.simulated.pcsc_stack import PcscStack


@pytest.fixture(scope="session")
def running_stack() -> Iterator[PcscStack]:
    with PcscStack() as stack:
        yield stack


@pytest.fixture
def stack(running_stack: PcscStack) -> PcscStack:
    running_stack.adopt()
    return running_stack
