"""The panel that is not there never stops a visit, and never pretends to be there."""

from __future__ import annotations

import pytest

from appliance.hardware.absent import AbsentPanel
from appliance.ports import Lamp


def test_it_says_that_it_is_not_attached() -> None:
    assert AbsentPanel().is_attached is False


@pytest.mark.parametrize("lamp", list(Lamp))
def test_its_lamps_stay_dark_without_a_fault(lamp: Lamp) -> None:
    panel = AbsentPanel()
    panel.light(lamp, on=True)
    panel.close()
    panel.close()
    assert panel.is_attached is False


def test_nobody_presses_its_buttons() -> None:
    assert AbsentPanel().pressed(0.0) is None
