"""A panel that is not there: it takes every call as pins with nothing on them would, and says that it is not attached."""

from __future__ import annotations

import time

from appliance.ports import Button, Lamp


class AbsentPanel:
    """The panel of a machine without pins, such as a laptop at the office; implements `ports.Panel`."""

    @property
    def is_attached(self) -> bool:
        """False, always."""
        return False

    def light(self, lamp: Lamp, *, on: bool) -> None:
        """Do nothing: there is no lamp, and a visit goes on without."""

    def pressed(self, timeout_s: float) -> Button | None:
        """Return None after `timeout_s`: there is no button."""
        time.sleep(timeout_s)
        return None

    def close(self) -> None:
        """Do nothing; there is nothing to let go."""
