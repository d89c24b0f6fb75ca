"""Which frames of a burst are compared: the best ones that lie far enough apart in time.

Neighbouring frames repeat each other's noise; frames 0.3 s apart differ (face.md §6.2). The choice is exact, not greedy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.domain.face_advice import FrameQuality
from appliance.face.gates import FRAME_GATES, Gates

APART_S: Final = 0.3
"""face.md §6.2."""

_MIDDLE_LUMA: Final = 130.0
_ROUNDING_S: Final = 1e-9
"""Times are floats: 0.3 s apart may read 0.29999."""


@dataclass(frozen=True, slots=True)
class SeenFrame:
    """A frame's measures and when it was taken."""

    seen_at_s: float
    """On a clock that never steps back."""
    quality: FrameQuality


def choose_frames(
    burst: Sequence[SeenFrame], count: int, apart_s: float = APART_S, gates: Gates = FRAME_GATES
) -> tuple[int, ...]:
    """Return the places in `burst` of at most `count` frames, in time order, each `apart_s` from the next.

    Frames with exactly one face count; the sum of their worth is the largest possible. While good frames are there, no
    other is chosen. `burst` is in time order.
    """
    usable = [place for place, seen in enumerate(burst) if seen.quality.faces == 1]
    good = [place for place in usable if burst[place].quality.is_good]
    places = good or usable
    chosen: list[tuple[float, tuple[int, ...]]] = [(0.0, ())] * len(places)
    for _ in range(count):
        chosen = _extended(burst, places, chosen, apart_s, gates)
    return max(chosen, key=lambda choice: choice[0], default=(0.0, ()))[1]


def _extended(
    burst: Sequence[SeenFrame],
    places: Sequence[int],
    shorter: Sequence[tuple[float, tuple[int, ...]]],
    apart_s: float,
    gates: Gates,
) -> list[tuple[float, tuple[int, ...]]]:
    """Return for each prefix of `places` the best choice with one frame more than in `shorter`."""
    longer: list[tuple[float, tuple[int, ...]]] = []
    before = -1
    for index, place in enumerate(places):
        latest_s = burst[place].seen_at_s - apart_s + _ROUNDING_S
        while before + 1 < index and burst[places[before + 1]].seen_at_s <= latest_s:
            before += 1
        worth, earlier = shorter[before] if before >= 0 else (0.0, ())
        with_this = (worth + worth_of(burst[place].quality, gates), (*earlier, place))
        longer.append(
            max(longer[index - 1], with_this, key=lambda choice: choice[0]) if longer else with_this
        )
    return longer


def worth_of(quality: FrameQuality, gates: Gates = FRAME_GATES) -> float:
    """Return how much one frame adds: from 0 to 1, the mean of what each measure leaves.

    Sharpness, straightness, light and open eyes count; size does not, once the face is near enough (face.md §3).
    """
    parts = (
        1.0 - 1.0 / max(1.0, quality.sharpness),
        max(0.0, 1.0 - abs(quality.turn) / (2 * gates.turn_most)),
        max(0.0, 1.0 - abs(quality.luma - _MIDDLE_LUMA) / _MIDDLE_LUMA),
        1.0 - quality.eyes_closed,
        1.0 - quality.covered,
    )
    # A little more than nothing, so that even the poorest frame is better than none.
    return sum(parts) / len(parts) + 1e-6
