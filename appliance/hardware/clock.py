"""The unit's real clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """The operating system's clocks; implements `ports.Clock`."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Return seconds that never step back."""
        return time.monotonic()
