"""The campaign itself: each kind of trouble leads to the visual check or an answer, and one that is too late is named."""

from __future__ import annotations

import pytest

from tests.proof import camera_recovery
from tests.proof.camera_recovery import _TROUBLES, OFFERED_WITHIN_S, _cycle, _stand, hang_cycles


def test_a_few_cycles_end_in_time_and_leave_nothing_open() -> None:
    told: list[int] = []
    report = hang_cycles(4, seed=5, done=told.append)
    assert told == [1, 2, 3, 4]
    assert report.cycles == 4
    assert report.offered >= 1
    assert report.threads_after <= report.threads_before
    assert report.handles_after <= report.handles_before


@pytest.mark.slow
@pytest.mark.parametrize("trouble", _TROUBLES, ids=[trouble.name for trouble in _TROUBLES])
def test_every_kind_of_trouble_is_lived_through(trouble: camera_recovery._Trouble) -> None:
    with _stand() as stand:
        for work in (stand.look, stand.compare):
            _, offer_s, back_s = _cycle(stand, trouble, work, after_s=0.05)
            assert offer_s <= OFFERED_WITHIN_S
            assert back_s <= camera_recovery.BACK_WITHIN_S


def test_an_offer_that_comes_too_late_breaks_the_campaign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_recovery, "_TROUBLES", _TROUBLES[:1])
    monkeypatch.setattr(camera_recovery, "OFFERED_WITHIN_S", 0.5)
    with pytest.raises(AssertionError, match="seed 1, cycle 1, camera hangs"):
        hang_cycles(1, seed=1, done=lambda _: None)
