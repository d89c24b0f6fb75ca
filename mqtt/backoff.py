"""How long to wait before the next try: growing, and never the same for two units (hazard H23).

After a broker restart a whole fleet comes back; a random part keeps it from coming at one instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double from `first_s` up to `longest_s`, each shortened by a random part of at most half."""

    first_s: float = 0.5
    longest_s: float = 60.0

    def longest_wait_s(self, failures: int) -> float:
        """Return the wait after so many failures in a row, the first being 1, before it is shortened."""
        doublings = min(max(failures, 1) - 1, 32)
        whole_s: float = min(self.first_s * 2.0**doublings, self.longest_s)
        return whole_s

    def wait_s(self, failures: int, random: Random) -> float:
        """Return the wait after so many failures in a row, shortened by chance."""
        return self.longest_wait_s(failures) * (0.5 + random.random() / 2)


LASTING_S: Final = 30.0
"""A connection that held so long was a good one; one that is taken and dropped at once counts as a failure."""
RECONNECTING: Final = Backoff()
"""Between two tries to reach a broker."""
