"""Every campaign at a thousandth of its size, in a process of its own, as `make quick-proof` runs it."""

from __future__ import annotations

import pytest

from tests.proof.campaign import Share
from tests.proof.cli import failure_text, summary
from tests.proof.registry import CAMPAIGNS, load_campaign
from tests.proof.runner import DEFAULT_SEED, prove

_WITH_A_CARD_SERVICE = {"G1"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.pcsc) if name in _WITH_A_CARD_SERVICE else name
        for name in CAMPAIGNS
    ],
)
def test_the_promise_holds(name: str) -> None:
    campaign = load_campaign(CAMPAIGNS[name])
    if why := campaign.absent():
        pytest.skip(f"{name} NOT TRIED: {why}")
    outcome = prove(CAMPAIGNS[name], Share(DEFAULT_SEED, 0, campaign.quick_count), workers=1)
    said = [summary(outcome), *(failure_text(outcome, each) for each in outcome.finding.failures)]
    assert outcome.holds, "\n".join(said)


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_a_campaign_says_what_it_promises(name: str) -> None:
    campaign = load_campaign(CAMPAIGNS[name])
    assert campaign.id == name
    assert campaign.claim
    assert "|" not in campaign.claim
    assert 1 <= campaign.quick_count < campaign.must
