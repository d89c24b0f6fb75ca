"""Lamps and buttons on the Raspberry Pi's pins, through gpiozero.

The pin back-end is handed in where it matters (tests use gpiozero's mock); gpiozero's own process-wide choice is used
otherwise and never changed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Final

from appliance.errors import NoPanel
from appliance.ports import Button, Lamp

_BOUNCE_S: Final = 0.03
"""Big push buttons bounce for up to about 20 ms."""


@dataclass(frozen=True, slots=True)
class PanelPins:
    """Which pin serves what, in Broadcom numbers; no number may occur twice."""

    face_light: int
    saved: int
    attention: int
    back: int
    help: int
    next: int

    def __post_init__(self) -> None:
        numbers = (self.face_light, self.saved, self.attention, self.back, self.help, self.next)
        if len(set(numbers)) != len(numbers):
            raise ValueError("pin used twice")


class GpioPanel:
    """Three lamps (on when the pin is high) and three buttons (to ground, with the pin's own pull-up)."""

    def __init__(self, pins: PanelPins, pin_factory: object | None = None) -> None:
        """Take the pins.

        Raises:
            NoPanel: gpiozero or its pin back-end is missing, or a pin is taken.
        """
        self._presses: SimpleQueue[Button | None] = SimpleQueue()
        self._lamps: dict[Lamp, Any] = {}
        self._buttons: dict[Button, Any] = {}
        self._is_closed = False
        self._take_pins(pins, pin_factory)

    def _take_pins(self, pins: PanelPins, pin_factory: object | None) -> None:
        try:
            from gpiozero import GPIOZeroError, PinFactoryFallback
        except ImportError as error:
            raise NoPanel from error
        try:
            with warnings.catch_warnings():
                # It warns of each back-end that is not installed before it finds one, or none.
                warnings.simplefilter("ignore", PinFactoryFallback)
                self._attach(pins, pin_factory)
        except (GPIOZeroError, OSError, RuntimeError) as error:
            self.close()
            raise NoPanel from error

    def _attach(self, pins: PanelPins, pin_factory: object | None) -> None:
        from gpiozero import LED
        from gpiozero import Button as PushButton

        lamps = {Lamp.FACE_LIGHT: pins.face_light, Lamp.SAVED: pins.saved, Lamp.ATTENTION: pins.attention}
        for lamp, pin in lamps.items():
            self._lamps[lamp] = LED(pin, pin_factory=pin_factory)
        for button, pin in {Button.BACK: pins.back, Button.HELP: pins.help, Button.NEXT: pins.next}.items():
            device = PushButton(pin, bounce_time=_BOUNCE_S, pin_factory=pin_factory)
            device.when_pressed = _noting(button, self._presses)
            self._buttons[button] = device

    @property
    def is_attached(self) -> bool:
        """True: its pins were taken."""
        return True

    def light(self, lamp: Lamp, *, on: bool) -> None:
        """Switch one lamp; a closed panel stays dark."""
        device = self._lamps.get(lamp)
        if device is not None:
            device.value = int(on)

    def pressed(self, timeout_s: float) -> Button | None:
        """Return the next button press, or None after `timeout_s` or once the panel is closed."""
        if self._is_closed:
            return None
        try:
            return self._presses.get(timeout=timeout_s)
        except Empty:
            return None

    def close(self) -> None:
        """Darken the lamps, let the pins go and wake whoever waits for a button; safe to call again."""
        self._is_closed = True
        for lamp in self._lamps.values():
            lamp.off()
        for device in (*self._lamps.values(), *self._buttons.values()):
            device.close()
        self._lamps.clear()
        self._buttons.clear()
        self._presses.put(None)


def _noting(button: Button, presses: SimpleQueue[Button | None]) -> Callable[[], None]:
    """Return what gpiozero calls, on its own thread, when `button` is pressed; it wants a plain function."""

    def note() -> None:
        presses.put(button)

    return note
