"""What can happen at the face step, for the training kit and the rehearsal: who sits there, what the camera sees and does.

Each scene says what has to come of it, in the words of the domain; `docs/face-capture.md` says the same to people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, StrEnum, unique
from typing import Final

from appliance.domain.decision import DecisionOutcome, VisualCheckReason
from appliance.domain.enrollment import FaceNotCompared
from appliance.domain.face_advice import FaceBand, FrameHint
from appliance.domain.liveness import Ask, LivenessVerdict, LivenessWay, SkipReason
from appliance.simulated.scenes import (
    DARK_GLASSES,
    DARK_ROOM,
    HAT_OVER_EYES,
    LAMP_LIT_ROOM,
    LYING,
    SITTING_DOWN,
    TWO_PEOPLE,
    Recording,
)
from appliance.simulated.sheet_view import PRINT


@unique
class SceneName(StrEnum):
    """The scenes, by the word that a rehearsal says."""

    RIGHT_PERSON = "right_person"
    STRANGER = "stranger"
    """Somebody else with the card."""
    TURNED_PRINT = "turned_print"
    """A print of the right person, held up and turned as the head is asked to."""
    LAMP_LIT_ROOM = "lamp_lit_room"
    """The panel's lamp is all the light there is, and enough."""
    LYING_PERSON = "lying_person"
    CLOSED_EYES = "closed_eyes"
    """The right person, who cannot turn and closes the eyes instead."""
    HAT_OVER_EYES = "hat_over_eyes"
    TWO_PEOPLE = "two_people"
    DARK_ROOM = "dark_room"
    """Dark, and out of the lamp's reach."""
    DARK_GLASSES = "dark_glasses"
    CAMERA_HANGS = "camera_hangs"
    CAMERA_FROZEN = "camera_frozen"
    """The right person's picture stands still."""
    NO_CAMERA = "no_camera"


class CameraState(Enum):
    """What the hand does to the camera once the scene is set."""

    RUNS = "runs"
    HANGS = "hangs"
    FROZEN = "frozen"
    UNPLUGGED = "unplugged"


@dataclass(frozen=True, slots=True)
class FaceScene:
    """One scene and what must come of it."""

    name: SceneName
    recording: Recording
    decision: tuple[DecisionOutcome, VisualCheckReason | None]
    """What staff decide who see the scene themselves."""
    faces: frozenset[FaceBand | FaceNotCompared]
    """The advice that is right."""
    hint: FrameHint | None
    """Must be seen among the hints; None where the camera shows nothing."""
    way: LivenessWay | None = None
    """The challenge that is offered; None where staff go on without, for the reason in `skip`."""
    skip: SkipReason = SkipReason.CANNOT_MOVE
    verdicts: frozenset[LivenessVerdict] = frozenset({LivenessVerdict.SKIPPED})
    obeys: frozenset[Ask] = frozenset()
    """What the person does when it is asked; who obeys nothing stays as the recording shows."""
    is_stranger: bool = False
    camera: CameraState = CameraState.RUNS


_SEATED: Final = Recording((), SITTING_DOWN.settled)
_HELD_UP: Final = Recording(
    (), tuple(replace(scene, angle_deg=0.0, sheet=PRINT) for scene in SITTING_DOWN.settled)
)
_MOVES: Final = frozenset(Ask)
_CLOSES: Final = _MOVES - {Ask.TURN_LEFT, Ask.TURN_RIGHT}
_DONE: Final = frozenset({LivenessVerdict.DONE})
_NOT_DONE: Final = frozenset(
    {LivenessVerdict.TIME_OVER, LivenessVerdict.INTERRUPTED, LivenessVerdict.WRONG_SIDE}
)
_ALIKE: Final = frozenset[FaceBand | FaceNotCompared]({FaceBand.MATCH})
_BY_EYE: Final = frozenset[FaceBand | FaceNotCompared]({FaceNotCompared.STAFF_SKIPPED})
_NO_PICTURE: Final = frozenset[FaceBand | FaceNotCompared]({FaceNotCompared.CAMERA_UNAVAILABLE})
_CONFIRMED: Final = (DecisionOutcome.MATCHED_CONFIRMED, None)
_OPEN: Final = (DecisionOutcome.UNDECIDED, None)


def _seen_by_eye(reason: VisualCheckReason) -> tuple[DecisionOutcome, VisualCheckReason]:
    return DecisionOutcome.VISUAL_CHECK, reason


def _without_picture(name: SceneName, camera: CameraState, hint: FrameHint | None = None) -> FaceScene:
    """Return a scene in which the camera fails: by the advice nothing is known, and eyes decide."""
    decision = _seen_by_eye(VisualCheckReason.CAMERA_UNAVAILABLE)
    return FaceScene(name, _SEATED, decision, _NO_PICTURE, hint, skip=SkipReason.DEVICE, camera=camera)


_TURN: Final = LivenessWay.TURN_HEAD

FACE_SCENES: Final = (
    FaceScene(
        SceneName.RIGHT_PERSON,
        SITTING_DOWN,
        _CONFIRMED,
        _ALIKE,
        FrameHint.GOOD,
        way=_TURN,
        verdicts=_DONE,
        obeys=_MOVES,
    ),
    FaceScene(
        SceneName.STRANGER,
        SITTING_DOWN,
        _OPEN,
        frozenset({FaceBand.UNLIKE}),
        FrameHint.GOOD,
        way=_TURN,
        verdicts=_DONE,
        obeys=_MOVES,
        is_stranger=True,
    ),
    FaceScene(
        SceneName.TURNED_PRINT,
        _HELD_UP,
        _OPEN,
        frozenset({FaceBand.MATCH, FaceBand.LOOK_CLOSELY}),
        FrameHint.GOOD,
        way=_TURN,
        verdicts=_NOT_DONE,
        obeys=_MOVES - {Ask.CLOSE_EYES},
    ),
    FaceScene(SceneName.LAMP_LIT_ROOM, LAMP_LIT_ROOM, _CONFIRMED, _ALIKE, FrameHint.TOO_DARK),
    FaceScene(SceneName.LYING_PERSON, LYING, _CONFIRMED, _ALIKE, FrameHint.GOOD),
    FaceScene(
        SceneName.CLOSED_EYES,
        SITTING_DOWN,
        _CONFIRMED,
        _ALIKE,
        FrameHint.OPEN_EYES,
        way=LivenessWay.CLOSE_EYES,
        verdicts=_DONE,
        obeys=_CLOSES,
    ),
    FaceScene(
        SceneName.HAT_OVER_EYES,
        HAT_OVER_EYES,
        _seen_by_eye(VisualCheckReason.MEDICAL_EQUIPMENT),
        _BY_EYE,
        FrameHint.NO_FACE,
    ),
    FaceScene(
        SceneName.TWO_PEOPLE,
        TWO_PEOPLE,
        _seen_by_eye(VisualCheckReason.POSTURE),
        _BY_EYE,
        FrameHint.SEVERAL_FACES,
    ),
    FaceScene(
        SceneName.DARK_ROOM,
        DARK_ROOM,
        _seen_by_eye(VisualCheckReason.LIGHT),
        _BY_EYE,
        FrameHint.TOO_DARK,
        skip=SkipReason.DEVICE,
    ),
    FaceScene(
        SceneName.DARK_GLASSES,
        DARK_GLASSES,
        _seen_by_eye(VisualCheckReason.MEDICAL_EQUIPMENT),
        _BY_EYE,
        FrameHint.COVERED,
    ),
    _without_picture(SceneName.CAMERA_HANGS, CameraState.HANGS),
    _without_picture(SceneName.CAMERA_FROZEN, CameraState.FROZEN, FrameHint.GOOD),
    _without_picture(SceneName.NO_CAMERA, CameraState.UNPLUGGED),
)
"""The scenes, in the order of a rehearsal and of the training screen's list."""


def scene_named(name: SceneName) -> FaceScene:
    """Return the scene with a name; there is one for each."""
    return next(scene for scene in FACE_SCENES if scene.name is name)
