"""Lamps and buttons in the same process, with a finger that presses and an eye that looks (design D6).

It keeps the contract of `ports.Panel`, as the GPIO panel does.
"""

from __future__ import annotations

from queue import Empty, SimpleQueue

from appliance.ports import Button, Lamp


class SimulatedPanel:
    """A panel without pins."""

    def __init__(self) -> None:
        """Attach the panel with all lamps dark."""
        self._lit: set[Lamp] = set()
        self._presses: SimpleQueue[Button | None] = SimpleQueue()
        self._is_closed = False

    @property
    def lit(self) -> frozenset[Lamp]:
        """The lamps that shine."""
        return frozenset(self._lit)

    def press(self, *buttons: Button) -> None:
        """Press buttons one after the other."""
        for button in buttons:
            self._presses.put(button)

    @property
    def is_attached(self) -> bool:
        """True, always."""
        return True

    def light(self, lamp: Lamp, *, on: bool) -> None:
        """Switch one lamp; a closed panel stays dark."""
        if on and not self._is_closed:
            self._lit.add(lamp)
        else:
            self._lit.discard(lamp)

    def pressed(self, timeout_s: float) -> Button | None:
        """Return the next button press, or None after `timeout_s` or once the panel is closed."""
        if self._is_closed:
            return None
        try:
            return self._presses.get(timeout=timeout_s)
        except Empty:
            return None

    def close(self) -> None:
        """Darken the lamps and wake whoever waits for a button; safe to call again."""
        self._is_closed = True
        self._lit.clear()
        self._presses.put(None)
