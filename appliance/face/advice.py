"""Advice that a person can follow: a hint stands until another has lasted for a moment.

Measures tremble at their limits; words that flicker help nobody. What is most urgent in one frame is decided by
`quality.advise`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from appliance.domain.face_advice import FrameHint

SETTLING_S: Final = 0.5
"""Longer than a blink (0.1 to 0.4 s), shorter than impatience."""


@dataclass(frozen=True, slots=True)
class CalmAdvice:
    """The hint that is shown, and the one that may follow it."""

    shown: FrameHint | None = None
    """None before the first frame."""
    next_hint: FrameHint | None = None
    next_since_s: float = 0.0

    def see(self, hint: FrameHint, seen_at_s: float) -> CalmAdvice:
        """Return the advice after one more frame: the first hint shows at once, another after `SETTLING_S`."""
        if self.shown is None or hint is self.shown:
            return CalmAdvice(hint)
        if hint is not self.next_hint:
            return replace(self, next_hint=hint, next_since_s=seen_at_s)
        return CalmAdvice(hint) if seen_at_s - self.next_since_s >= SETTLING_S else self
