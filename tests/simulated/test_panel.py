"""The simulated panel shows its lamps and takes scripted presses; the rest is in the contract suite."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from appliance.ports import Button, Lamp
from appliance.simulated.panel import SimulatedPanel


def test_all_lamps_begin_dark() -> None:
    assert SimulatedPanel().lit == frozenset()


@given(st.lists(st.tuples(st.sampled_from(Lamp), st.booleans())))
def test_each_lamp_shows_what_was_last_asked(switches: list[tuple[Lamp, bool]]) -> None:
    panel = SimulatedPanel()
    for lamp, on in switches:
        panel.light(lamp, on=on)
    assert panel.lit == {lamp for lamp, on in dict(switches).items() if on}


@given(st.lists(st.sampled_from(Button), max_size=10))
def test_a_script_of_presses_is_played_in_order(script: list[Button]) -> None:
    panel = SimulatedPanel()
    panel.press(*script)
    assert [panel.pressed(1.0) for _ in script] == script


def test_what_shows_is_a_copy() -> None:
    panel = SimulatedPanel()
    before = panel.lit
    panel.light(Lamp.SAVED, on=True)
    assert before == frozenset()
