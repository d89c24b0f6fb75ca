"""What a recorded camera sees: a person, or somebody with a picture of one, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from appliance.domain.ephemeral import Frame
from appliance.simulated.portraits import live_frame, sheet_frame
from appliance.simulated.sheet_view import Sheet


@dataclass(frozen=True, slots=True)
class Scene:
    """How the person is seen for one frame; see `live_frame` for the units."""

    light: float = 1.0
    angle_deg: float = 0.0
    """How far the person leans; 90 for one who lies."""
    distance: float = 1.0
    turn_deg: float = 0.0
    """How far the head, or the sheet with its picture, is turned to the right of the picture."""
    eyes_closed: float = 0.0
    sheet: Sheet | None = None
    """What carries a picture of the person, in the person's stead."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What the camera sees after a person is shown."""

    arriving: tuple[Scene, ...]
    """Seen once, in order."""
    settled: tuple[Scene, ...]
    """Seen from then on, again and again."""


SITTING_DOWN: Final = Recording(
    arriving=(Scene(distance=2.3), Scene(light=0.25, distance=1.2)),
    settled=(Scene(angle_deg=3.0), Scene(light=0.95, angle_deg=-2.0, distance=1.05), Scene(distance=0.95)),
)
"""First too far away, then too dark, then good."""

DARK_ROOM: Final = Recording(arriving=(), settled=(Scene(light=0.12),))
"""Nobody finds the lamp."""

LYING: Final = Recording(
    arriving=(), settled=(Scene(angle_deg=90.0), Scene(angle_deg=86.0, distance=1.05), Scene(angle_deg=93.0))
)
"""A person in bed, seen from the side."""

_STEADY: Final = 4
"""Frames at rest between two movements."""
_MOVING: Final = (0.35, 0.7, 1.0, 1.0, 1.0, 1.0, 1.0, 0.7, 0.35)
"""Shares of the whole turn, frame by frame."""


def head_turns(first_deg: float, sheet: Sheet | None = None) -> Recording:
    """Return a person, or a sheet with a picture, that turns to one side, back, to the other side and back.

    `first_deg` is the first turn, positive to the right of the picture; the second goes as far the other way.
    """
    rest = Scene(sheet=sheet)
    moves = [
        *[rest] * _STEADY,
        *_swing(rest, first_deg),
        *[rest] * _STEADY,
        *_swing(rest, -first_deg),
    ]
    return Recording(arriving=tuple(moves), settled=(rest,))


def eyes_close(frames: int = 12) -> Recording:
    """Return a person who cannot turn and closes the eyes for `frames` frames."""
    rest = Scene()
    closing = [replace(rest, eyes_closed=share) for share in (0.5, *[1.0] * frames, 0.5)]
    return Recording(arriving=(*[rest] * _STEADY, *closing), settled=(rest,))


def _swing(rest: Scene, turn_deg: float) -> Sequence[Scene]:
    return [replace(rest, turn_deg=share * turn_deg) for share in _MOVING]


def scene_frame(portrait: str | None, scene: Scene, seed: int) -> Frame:
    """Return the frame of one scene; without a portrait a figure without a face, and no picture of one.

    Raises:
        PortraitMissing: the portrait is unknown, or its package is not installed.
    """
    if portrait is not None and scene.sheet is not None:
        return sheet_frame(portrait, scene.sheet, scene.turn_deg, scene.light, scene.distance, seed)
    return live_frame(
        portrait,
        scene.light,
        scene.angle_deg,
        scene.distance,
        seed,
        turn_deg=scene.turn_deg,
        eyes_closed=scene.eyes_closed,
    )
