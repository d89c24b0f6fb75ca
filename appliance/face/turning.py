"""Pictures turned until a face stands upright: for people who lie or whose head rests on a shoulder.

The detector finds faces that lean by up to 35 degrees, so steps of 45 leave no gap. A person who is upright costs
nothing more. Whoever lies is searched for a few turns at a time, frame by frame, so that no frame takes long; the turn
that helped is tried first from then on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import dlib
import numpy as np

from appliance.face.detection import Detector, FoundFace, Grey
from appliance.face.pose import measure_pose

TURNS_DEG: Final = (90, -90, 45, -45, 180, 135, -135)
"""Clockwise; people lie on a side before they lean, and hardly ever hang upside down."""
TURNS_PER_LOOK: Final = 2
"""A turn costs half of what the search at full size costs that follows a look without a face."""


_STEP_DEG: Final = 45
_LEANING_DEG: Final = 27.0
"""Comparing minds no lean up to 25 degrees (face.md §3)."""


class Sight(NamedTuple):
    """What a search saw: `picture` is the frame itself where it was not turned, else one that the caller overwrites."""

    picture: Grey
    faces: list[FoundFace]
    turned_deg: int
    """Clockwise."""

    @property
    def is_sure(self) -> bool:
        """Whether the first face is one beyond doubt."""
        return bool(self.faces) and self.faces[0].is_sure


class TurningSearch:
    """Searches frames of one person after the other; remembers nothing but the turn that helped last."""

    def __init__(self, detector: Detector) -> None:
        """Search with `detector`."""
        self._detector = detector
        self._helped_deg = 0
        self._next = 0

    @property
    def helped_deg(self) -> int:
        """The turn that showed the last face."""
        return self._helped_deg

    def forget(self) -> None:
        """Begin anew with an upright person."""
        self._helped_deg = self._next = 0

    def look(self, frame: Grey) -> Sight:
        """Search one live frame, with a few turns at most."""
        return self._search(frame, [*self._first_turns(), None, *self._some_turns()])

    def search(self, frame: Grey) -> Sight:
        """Search one frame that counts, with every turn."""
        return self._search(frame, [*self._first_turns(), *TURNS_DEG, None])

    def search_as_before(self, frame: Grey) -> Sight:
        """Search one more frame of the same person, upright and as the last was turned."""
        return self._search(frame, [*self._first_turns(), None])

    def _first_turns(self) -> Iterator[int]:
        if self._helped_deg:
            yield self._helped_deg
        yield 0

    def _some_turns(self) -> list[int]:
        chosen = [TURNS_DEG[(self._next + step) % len(TURNS_DEG)] for step in range(TURNS_PER_LOOK)]
        self._next = (self._next + TURNS_PER_LOOK) % len(TURNS_DEG)
        return chosen

    def _search(self, frame: Grey, turns_deg: Sequence[int | None]) -> Sight:
        """Search turn by turn until a face is sure; None stands for a face too far away, upright at full size.

        A doubtful face counts where the picture was not turned and no turn shows a sure one.
        """
        best = Sight(frame, [], 0)
        for turn_deg in turns_deg:
            sight = self._sight(frame, turn_deg)
            if sight.is_sure:
                self._helped_deg = sight.turned_deg
                return self._straightened(frame, sight)
            if sight.picture is not frame:
                sight.picture.fill(0)
            elif sight.faces and not best.faces:
                best = sight
        return best

    def _sight(self, frame: Grey, turn_deg: int | None) -> Sight:
        if turn_deg is None:
            return Sight(frame, self._detector.find_far(frame), 0)
        picture = turn(frame, turn_deg) if turn_deg else frame
        return Sight(picture, self._detector.find_near(picture), turn_deg)

    def _straightened(self, frame: Grey, sight: Sight) -> Sight:
        """Turn one step more where a face still leans so much that its landmarks would suffer."""
        lean_deg = measure_pose(sight.faces[0].points).roll_deg
        if not sight.turned_deg or abs(lean_deg) < _LEANING_DEG:
            return sight
        further_deg = sight.turned_deg - round(math.copysign(_STEP_DEG, lean_deg))
        better = self._sight(frame, (further_deg + 180) % 360 - 180)
        kept, dropped = (better, sight) if better.is_sure else (sight, better)
        if dropped.picture is not frame:
            dropped.picture.fill(0)
        self._helped_deg = kept.turned_deg
        return kept


def turn(picture: Grey, clockwise_deg: int) -> Grey:
    """Return the picture turned: whole by quarter turns, else the middle square of its height or width."""
    if clockwise_deg % 90 == 0:
        return np.ascontiguousarray(np.rot90(picture, -clockwise_deg // 90))
    height, width = picture.shape
    side = min(height, width)
    left, top = (width - side) / 2, (height - side) / 2
    square = dlib.drectangle(left, top, left + side - 1, top + side - 1)
    place = dlib.chip_details(square, dlib.chip_dims(side, side), math.radians(-clockwise_deg))
    turned: Grey = dlib.extract_image_chip(picture, place)
    return turned
