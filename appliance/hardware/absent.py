"""A panel that is not there: it fails as the real one would, so that no caller needs to ask (examples.md §2, rule 4)."""

from __future__ import annotations

import time

from appliance.errors import NoPanel
from appliance.ports import Button, Lamp


class AbsentPanel:
    """The panel of a machine without pins, such as a laptop at the office; implements `ports.Panel`."""

    def light(self, lamp: Lamp, *, on: bool) -> None:  # noqa: ARG002 - the port's verb
        """Fail: there is no lamp.

        Raises:
            NoPanel: always.
        """
        raise NoPanel

    def pressed(self, timeout_s: float) -> Button | None:
        """Return None after `timeout_s`: there is no button."""
        time.sleep(timeout_s)
        return None

    def close(self) -> None:
        """Do nothing; there is nothing to let go."""
