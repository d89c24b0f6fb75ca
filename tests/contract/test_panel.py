"""What every panel must do, simulated or on pins; the GPIO panel runs here on gpiozero's mock pins."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from gpiozero.pins.mock import MockFactory

from appliance.errors import NoPanel
from appliance.hardware.panel_gpio import GpioPanel, PanelPins
from appliance.ports import Button, Lamp, Panel
from appliance.simulated.panel import SimulatedPanel

PINS = PanelPins(face_light=17, saved=27, attention=22, back=5, help=6, next=13)
LAMP_PINS = {Lamp.FACE_LIGHT: PINS.face_light, Lamp.SAVED: PINS.saved, Lamp.ATTENTION: PINS.attention}
BUTTON_PINS = {Button.BACK: PINS.back, Button.HELP: PINS.help, Button.NEXT: PINS.next}
PATIENCE_S = 5.0


@dataclass(frozen=True)
class Bench:
    """A panel with an eye on its lamps and a finger on its buttons."""

    panel: Panel
    lit: Callable[[], frozenset[Lamp]]
    press: Callable[[Button], None]


def simulated() -> Bench:
    panel = SimulatedPanel()
    return Bench(panel, lambda: panel.lit, panel.press)


def on_pins() -> Bench:
    factory = MockFactory()
    panel = GpioPanel(PINS, factory)

    def lit() -> frozenset[Lamp]:
        return frozenset(lamp for lamp, pin in LAMP_PINS.items() if factory.pin(pin).state)

    def press(button: Button) -> None:
        pin = factory.pin(BUTTON_PINS[button])
        pin.drive_low()
        pin.drive_high()

    return Bench(panel, lit, press)


@pytest.fixture(params=[simulated, on_pins], ids=["simulated", "gpio on mock pins"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    made: Bench = request.param()
    yield made
    made.panel.close()


def test_all_lamps_begin_dark(bench: Bench) -> None:
    assert bench.lit() == frozenset()


@pytest.mark.parametrize("lamp", Lamp)
def test_a_lamp_is_switched_alone_and_may_be_switched_again(bench: Bench, lamp: Lamp) -> None:
    for on in (True, True, False, False, True):
        bench.panel.light(lamp, on=on)
        assert bench.lit() == (frozenset({lamp}) if on else frozenset())


def test_lamps_shine_together(bench: Bench) -> None:
    for lamp in Lamp:
        bench.panel.light(lamp, on=True)
    assert bench.lit() == frozenset(Lamp)


@pytest.mark.parametrize("button", Button)
def test_a_press_is_told_once(bench: Bench, button: Button) -> None:
    bench.press(button)
    assert bench.panel.pressed(PATIENCE_S) is button
    assert bench.panel.pressed(0.01) is None


def test_presses_are_told_in_order(bench: Bench) -> None:
    for button in (Button.NEXT, Button.BACK, Button.HELP, Button.NEXT):
        bench.press(button)
    told = [bench.panel.pressed(PATIENCE_S) for _ in range(4)]
    assert told == [Button.NEXT, Button.BACK, Button.HELP, Button.NEXT]


def test_without_a_press_there_is_none(bench: Bench) -> None:
    assert bench.panel.pressed(0.0) is None


def test_a_press_ends_the_wait(bench: Bench) -> None:
    told: list[Button | None] = []
    waiting = threading.Thread(target=lambda: told.append(bench.panel.pressed(PATIENCE_S)))
    waiting.start()
    bench.press(Button.HELP)
    waiting.join(PATIENCE_S)
    assert told == [Button.HELP]


def test_closing_darkens_the_lamps(bench: Bench) -> None:
    for lamp in Lamp:
        bench.panel.light(lamp, on=True)
    bench.panel.close()
    assert bench.lit() == frozenset()


def test_a_closed_panel_stays_dark_and_silent(bench: Bench) -> None:
    bench.panel.close()
    bench.panel.close()
    bench.panel.light(Lamp.SAVED, on=True)
    assert bench.lit() == frozenset()
    assert bench.panel.pressed(PATIENCE_S) is None


def test_closing_ends_the_wait(bench: Bench) -> None:
    told: list[Button | None] = []
    waiting = threading.Thread(target=lambda: told.append(bench.panel.pressed(PATIENCE_S)))
    waiting.start()
    bench.panel.close()
    waiting.join(PATIENCE_S)
    assert told == [None]


def test_a_pin_serves_one_thing() -> None:
    with pytest.raises(ValueError, match="pin used twice"):
        replace(PINS, next=PINS.back)


def test_pins_that_are_taken_mean_no_panel_and_are_left_alone() -> None:
    factory = MockFactory()
    first = GpioPanel(PINS, factory)
    first.light(Lamp.SAVED, on=True)
    with pytest.raises(NoPanel):
        GpioPanel(replace(PINS, face_light=18), factory)
    assert factory.pin(PINS.saved).state
    first.close()
    GpioPanel(PINS, factory).close()


def test_a_missing_library_means_no_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "gpiozero", None)
    with pytest.raises(NoPanel):
        GpioPanel(PINS)
