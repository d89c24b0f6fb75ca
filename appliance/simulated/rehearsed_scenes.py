"""Face steps that go differently, played before the recorded camera (design §4, `rehearse --scenes`; hazard H13).

Each scene is one whole visit of one invented person: who sits there, what the camera sees, which challenge is offered, and
what has to come of it. Staff decide as people would who see the scene with their own eyes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, unique
from typing import Final

from appliance.card.code_b import parse_code_b
from appliance.domain.consent import ConsentGiver
from appliance.domain.decision import DecisionOutcome, VisualCheckReason
from appliance.domain.enrollment import Enrollment, FaceNotCompared
from appliance.domain.face_advice import FaceBand, FrameHint
from appliance.domain.liveness import Ask, LivenessResult, LivenessVerdict, LivenessWay, SkipReason
from appliance.domain.outbox import Saved
from appliance.domain.programmes.programme import ProgrammeId
from appliance.domain.programmes.wish import ProgrammeWish, Wish, WishOutcome
from appliance.domain.roster import RosterEntry
from appliance.service.visit import Visit
from appliance.service.visit_day import VisitDay
from appliance.simulated.camera import RecordedCamera
from appliance.simulated.people import TrainingPerson
from appliance.simulated.rehearsal import Hand, RehearsedVisit, show_card
from appliance.simulated.scenes import (
    DARK_ROOM,
    LYING,
    SITTING_DOWN,
    Recording,
    Scene,
    eyes_close,
    head_turns,
)
from appliance.simulated.sheet_view import PRINT

LOOKS: Final = 12
"""Enough for anybody to sit down and for the search to find a face that lies."""
CHALLENGE_LOOKS_AT_MOST: Final = 400
"""A challenge ends by itself after ten seconds."""
_TURN_DEG: Final = 25.0
"""What is asked for: a slight turn (face.md §4)."""
_EYES_CLOSED_FRAMES: Final = 40
"""Longer than the second that is asked for, however fast the frames come."""


@unique
class SceneName(StrEnum):
    """The scenes, by the word that a rehearsal says."""

    RIGHT_PERSON = "right_person"
    STRANGER = "stranger"
    """Somebody else with the card."""
    TURNED_PRINT = "turned_print"
    """A print of the right person, held up and turned as the head is asked to."""
    DARK_ROOM = "dark_room"
    LYING_PERSON = "lying_person"
    CLOSED_EYES = "closed_eyes"
    """The right person, who cannot turn and closes the eyes instead."""


@dataclass(frozen=True, slots=True)
class FaceScene:
    """One scene and what must come of it."""

    name: SceneName
    recording: Recording
    way: LivenessWay | None
    """None where staff go on without the challenge, since the person cannot move."""
    decision: tuple[DecisionOutcome, VisualCheckReason | None]
    """What staff decide who see the scene themselves."""
    faces: frozenset[FaceBand | FaceNotCompared]
    """The advice that is right."""
    verdicts: frozenset[LivenessVerdict]
    hint: FrameHint
    """Must be seen among the hints."""
    is_stranger: bool = False
    acts: Callable[[Sequence[Ask]], Recording] = lambda _: SITTING_DOWN
    """What the camera sees once the challenge is asked."""


@dataclass(frozen=True, slots=True)
class RehearsedScene:
    """One scene as it ended."""

    scene: FaceScene
    visit: RehearsedVisit
    hints: frozenset[FrameHint]
    """All hints that were shown."""

    @property
    def saved(self) -> Saved:
        """The proof of the record."""
        return self.visit.saved

    @property
    def went_as_expected(self) -> bool:
        """Whether card, advice, hints, challenge and decision are what the scene must bring."""
        enrollment, scene = self.visit.enrollment, self.scene
        return (
            self.visit.went_as_expected
            and enrollment.face in scene.faces
            and verdict_of(enrollment) in scene.verdicts
            and scene.hint in self.hints
        )

    def as_json(self, state: str) -> dict[str, object]:
        """Return the keys of a rehearsed visit, and the scene's own."""
        return self.visit.as_json(state) | {
            "scene": self.scene.name.value,
            "hints": sorted(hint.value for hint in self.hints),
            "liveness": verdict_of(self.visit.enrollment).value,
        }


def verdict_of(enrollment: Enrollment) -> LivenessVerdict:
    """Return what the challenge came to; every scene has one, if only skipped."""
    result: LivenessResult | None = enrollment.liveness
    return LivenessVerdict.SKIPPED if result is None else result.verdict


def _turning(asks: Sequence[Ask]) -> Recording:
    return _noisy(head_turns(_first_turn_deg(asks)))


def _turning_print(asks: Sequence[Ask]) -> Recording:
    return _noisy(head_turns(_first_turn_deg(asks), PRINT))


def _first_turn_deg(asks: Sequence[Ask]) -> float:
    # The person's own left is to the right of the picture.
    return _TURN_DEG if asks.index(Ask.TURN_LEFT) < asks.index(Ask.TURN_RIGHT) else -_TURN_DEG


def _closing(_: Sequence[Ask]) -> Recording:
    return _noisy(eyes_close(_EYES_CLOSED_FRAMES))


def _noisy(recording: Recording) -> Recording:
    """End in two frames in turn: a single one that comes again and again is a dead camera."""
    return replace(recording, settled=recording.settled * 2)


_STILL: Final = SITTING_DOWN.settled
_DONE: Final = frozenset({LivenessVerdict.DONE})
_NOT_DONE: Final = frozenset(
    {LivenessVerdict.TIME_OVER, LivenessVerdict.INTERRUPTED, LivenessVerdict.WRONG_SIDE}
)
_SKIPPED: Final = frozenset({LivenessVerdict.SKIPPED})
_ALIKE: Final = frozenset[FaceBand | FaceNotCompared]({FaceBand.MATCH})
_CONFIRMED: Final = (DecisionOutcome.MATCHED_CONFIRMED, None)
_OPEN: Final = (DecisionOutcome.UNDECIDED, None)

FACE_SCENES: Final = (
    FaceScene(
        SceneName.RIGHT_PERSON,
        SITTING_DOWN,
        LivenessWay.TURN_HEAD,
        _CONFIRMED,
        _ALIKE,
        _DONE,
        FrameHint.GOOD,
        acts=_turning,
    ),
    FaceScene(
        SceneName.STRANGER,
        SITTING_DOWN,
        LivenessWay.TURN_HEAD,
        _OPEN,
        frozenset({FaceBand.UNLIKE}),
        _DONE,
        FrameHint.GOOD,
        is_stranger=True,
        acts=_turning,
    ),
    FaceScene(
        SceneName.TURNED_PRINT,
        Recording((), tuple(replace(scene, angle_deg=0.0, sheet=PRINT) for scene in _STILL)),
        LivenessWay.TURN_HEAD,
        _OPEN,
        frozenset({FaceBand.MATCH, FaceBand.LOOK_CLOSELY}),
        _NOT_DONE,
        FrameHint.GOOD,
        acts=_turning_print,
    ),
    FaceScene(
        SceneName.DARK_ROOM,
        replace(DARK_ROOM, settled=(*DARK_ROOM.settled, Scene(light=0.11))),
        None,
        (DecisionOutcome.VISUAL_CHECK, VisualCheckReason.LIGHT),
        frozenset({FaceNotCompared.STAFF_SKIPPED}),
        _SKIPPED,
        FrameHint.TOO_DARK,
    ),
    FaceScene(SceneName.LYING_PERSON, LYING, None, _CONFIRMED, _ALIKE, _SKIPPED, FrameHint.GOOD),
    FaceScene(
        SceneName.CLOSED_EYES,
        SITTING_DOWN,
        LivenessWay.CLOSE_EYES,
        _CONFIRMED,
        _ALIKE,
        _DONE,
        FrameHint.OPEN_EYES,
        acts=_closing,
    ),
)
"""The scenes of a rehearsal, in order."""


def rehearse_scene(
    day: VisitDay,
    entry: RosterEntry,
    person: TrainingPerson,
    stranger: str | None,
    hand: Hand,
    camera: RecordedCamera,
    scene: FaceScene,
) -> RehearsedScene:
    """Play one scene with the card of `person` to its saved record; `stranger` is the portrait of somebody else.

    Raises:
        UnitError: card, camera, engine or store fail, which no scene plays.
    """
    portrait = stranger if scene.is_stranger else person.portrait
    hand.put_card(person)
    try:
        with day.open_visit(entry) as visit:
            visit.consent(ConsentGiver.PERSON, to_card_reading=True, to_face_matching=True)
            show_card(day, visit, lambda: parse_code_b(person.code_b))
            camera.show(portrait, scene.recording)
            hints = _help_into_the_picture(visit)
            _compare_or_pass(visit, hints[-1])
            hints += _challenge(visit, scene, lambda recording: camera.show(portrait, recording))
            visit.rest_face()
            visit.decide(*scene.decision)
            visit.wish(ProgrammeWish(ProgrammeId.P1, Wish.WANTS, outcome=WishOutcome.EXPLAINED))
            saved = visit.save()
            day.note_saved(entry, saved)
            return RehearsedScene(scene, RehearsedVisit(person, visit.enrollment, saved), frozenset(hints))
    finally:
        hand.take_card()


def _help_into_the_picture(visit: Visit) -> list[FrameHint]:
    hints = []
    for _ in range(LOOKS):
        quality = visit.look().quality
        hints.append(quality.hint)
        if quality.is_good:
            break
    return hints


def _compare_or_pass(visit: Visit, hint: FrameHint) -> None:
    if hint in {FrameHint.NO_FACE, FrameHint.TOO_DARK}:
        visit.pass_face(FaceNotCompared.STAFF_SKIPPED)
    else:
        visit.compare_face()


def _challenge(visit: Visit, scene: FaceScene, show: Callable[[Recording], None]) -> list[FrameHint]:
    if scene.way is None:
        visit.skip_liveness(SkipReason.CANNOT_MOVE)
        return []
    check = visit.begin_liveness(scene.way)
    show(scene.acts(check.asks))
    hints = []
    for _ in range(CHALLENGE_LOOKS_AT_MOST):
        sight = visit.see_liveness()
        hints.append(sight.hint)
        if sight.result is not None:
            break
    return hints
