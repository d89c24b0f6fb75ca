"""What a recorded camera sees: a person, or somebody with a picture of one, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from appliance.domain.ephemeral import Frame
from appliance.simulated.portraits import draw_person, draw_sheet
from appliance.simulated.sensor import expose
from appliance.simulated.sheet_view import Sheet
from appliance.simulated.worn import Worn

if TYPE_CHECKING:
    from PIL import Image

LAMP_LIGHT: Final = 0.7
"""What the panel's lamp adds on a face at arm's length, where a well-lit room has 1."""
_EXPOSED_TO: Final = 1.0
"""A camera shortens its exposure rather than let a lamp make a lit scene brighter than this."""


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
    worn: Worn | None = None
    """What hides a part of the face."""
    has_companion: bool = False
    """Whether somebody else looks into the picture."""
    lamp_light: float = LAMP_LIGHT
    """What the panel's lamp adds while it is on; 0 where it does not reach."""

    def light_with(self, *, lamp: bool) -> float:
        """Return the light of the scene with the panel's lamp on or off."""
        lit = min(self.light + self.lamp_light, _EXPOSED_TO)
        return max(self.light, lit) if lamp else self.light


@dataclass(frozen=True, slots=True)
class Recording:
    """What the camera sees after a person is shown."""

    arriving: tuple[Scene, ...]
    """Seen once, in order."""
    settled: tuple[Scene, ...]
    """Seen from then on, again and again; the sensor's noise makes each frame a new one."""


SITTING_DOWN: Final = Recording(
    arriving=(Scene(distance=2.3), Scene(light=0.25, distance=1.2)),
    settled=(Scene(angle_deg=3.0), Scene(light=0.95, angle_deg=-2.0, distance=1.05), Scene(distance=0.95)),
)
"""First too far away, then too dark, then good."""

_DARK: Final = 0.2
"""Far below the gate of brightness, yet a face is still found."""
LAMP_LIT_ROOM: Final = Recording(arriving=(), settled=(Scene(light=_DARK),))
"""The panel's lamp is all the light there is."""

DARK_ROOM: Final = Recording(arriving=(), settled=(Scene(light=_DARK, lamp_light=0.0),))
"""So dark, and the lamp does not reach the face."""

LYING: Final = Recording(
    arriving=(), settled=(Scene(angle_deg=90.0), Scene(angle_deg=86.0, distance=1.05), Scene(angle_deg=93.0))
)
"""A person in bed, seen from the side."""

HAT_OVER_EYES: Final = Recording(arriving=(), settled=(Scene(worn=Worn.HAT),))
DARK_GLASSES: Final = Recording(arriving=(), settled=(Scene(worn=Worn.DARK_GLASSES),))

TWO_PEOPLE: Final = Recording(arriving=(), settled=(Scene(has_companion=True),))
"""Somebody else looks into the picture."""

_STEADY: Final = 4
"""Frames at rest between two movements."""
_STARTING: Final = (0.35, 0.7)
"""Shares of a turn on its way."""
_HELD: Final = 12
"""Frames for which a turn is held when it is asked for: nobody holds one for long."""
_EYES_HELD: Final = 30
"""A second of a camera with thirty frames each second."""
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


def turn_when_asked(from_deg: float, to_deg: float, sheet: Sheet | None = None) -> Recording:
    """Return a head, or a sheet, that comes back from `from_deg`, turns to `to_deg`, and comes back of itself."""
    rest = Scene(sheet=sheet)
    way = [
        *(share * from_deg for share in reversed(_STARTING)),
        *[0.0] * _STEADY,
        *(share * to_deg for share in _STARTING),
        *[to_deg] * _HELD,
        *(share * to_deg for share in reversed(_STARTING)),
    ]
    return Recording(arriving=tuple(replace(rest, turn_deg=turn) for turn in way), settled=(rest,))


def close_when_asked() -> Recording:
    """Return a person who closes the eyes for longer than a second and opens them again."""
    return eyes_close(_EYES_HELD)


def drawn_scene(portrait: str | None, scene: Scene) -> Image.Image:
    """Return a scene in full light, before any sensor saw it; without a portrait a figure without a face.

    Raises:
        PortraitMissing: the portrait is unknown, or its package is not installed.
    """
    if portrait is not None and scene.sheet is not None:
        return draw_sheet(portrait, scene.sheet, scene.turn_deg, scene.distance)
    return draw_person(
        portrait,
        scene.angle_deg,
        scene.distance,
        turn_deg=scene.turn_deg,
        eyes_closed=scene.eyes_closed,
        worn=scene.worn,
        has_companion=scene.has_companion,
    )


def scene_frame(portrait: str | None, scene: Scene, seed: int, *, lamp: bool = False) -> Frame:
    """Return the frame of one scene; `seed` varies the sensor's noise and `lamp` says whether the panel's lamp is on.

    Raises:
        PortraitMissing: the portrait is unknown, or its package is not installed.
    """
    return expose(drawn_scene(portrait, scene), scene.light_with(lamp=lamp), seed)
