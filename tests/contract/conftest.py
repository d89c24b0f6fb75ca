"""One card service for the whole run, one bench for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.simulated.pcsc_stack import PcscStack
from appliance.simulated.personalisation import Personaliser
from tests.contract.card_rigs import CardRig, InProcessRig, PcscRig


@pytest.fixture(scope="session")
def personaliser() -> Personaliser:
    return Personaliser()


@pytest.fixture(scope="session")
def running_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PcscStack]:
    with PcscStack(Path(tmp_path_factory.mktemp("pcsc"))) as stack:
        yield stack


@pytest.fixture
def stack(running_stack: PcscStack) -> PcscStack:
    """The card service, with this process as its client."""
    running_stack.adopt()
    return running_stack


@pytest.fixture(params=["in_process", pytest.param("pcsc", marks=pytest.mark.pcsc)])
def rig(request: pytest.FixtureRequest, personaliser: Personaliser) -> Iterator[CardRig]:
    bench: CardRig
    if request.param == "in_process":
        bench = InProcessRig(personaliser)
    else:
        bench = PcscRig(request.getfixturevalue("stack"))
    yield bench
    bench.close()


@pytest.fixture
def pcsc_rig(stack: PcscStack) -> Iterator[PcscRig]:
    bench = PcscRig(stack)
    yield bench
    bench.close()
