"""How a head is held, from the eyes and the base of the nose alone (face.md §4).

Turn and nod are lengths over the eye distance, no angles: the same person's values change with the head, and how far the
nose stands out differs from person to person. On 13,183 faces the turn follows a face mesh's yaw with r = 0.92.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from appliance.face.detection import FivePoints


@dataclass(frozen=True, slots=True)
class Pose:
    """How a head is held."""

    turn: float
    """Nose offset from the middle of the eyes along the eye line; positive to the right of the picture."""
    nod: float
    """Nose depth below the eye line; about 0.76 for a level head, more when it looks up or the picture is turned."""
    roll_deg: float
    """How far the eye line leans in the picture, clockwise."""


UNKNOWN: Final = Pose(turn=1.0, nod=0.0, roll_deg=0.0)
"""Of landmarks that fall together: as a face turned away."""


def measure_pose(points: FivePoints) -> Pose:
    """Measure the pose; both eyes in one place give `UNKNOWN`."""
    (right_x, right_y), (left_x, left_y) = points.eyes
    across_x, across_y = right_x - left_x, right_y - left_y
    length = math.hypot(across_x, across_y)
    if length == 0.0:
        return UNKNOWN
    nose_x = points.nose[0] - (right_x + left_x) / 2
    nose_y = points.nose[1] - (right_y + left_y) / 2
    return Pose(
        turn=(nose_x * across_x + nose_y * across_y) / length**2,
        nod=(nose_y * across_x - nose_x * across_y) / length**2,
        roll_deg=math.degrees(math.atan2(across_y, across_x)),
    )
