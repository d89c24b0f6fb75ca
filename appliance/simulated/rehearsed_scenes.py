"""Face steps that go differently, played before the recorded camera (design §4, `rehearse --scenes`; hazard H13).

Each scene is one whole visit of one invented person. Staff decide as people would who see the scene with their own eyes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from appliance.card.code_b import parse_code_b
from appliance.domain.consent import ConsentGiver
from appliance.domain.enrollment import Enrollment, FaceNotCompared
from appliance.domain.face_advice import FrameHint
from appliance.domain.liveness import LivenessResult, LivenessVerdict
from appliance.domain.outbox import Saved
from appliance.domain.programmes.programme import ProgrammeId
from appliance.domain.programmes.wish import ProgrammeWish, Wish, WishOutcome
from appliance.domain.roster import RosterEntry
from appliance.errors import CameraTrouble
from appliance.service.visit import Visit
from appliance.service.visit_day import VisitDay
from appliance.simulated.actor import Actor
from appliance.simulated.face_scenes import FaceScene
from appliance.simulated.people import TrainingPerson
from appliance.simulated.rehearsal import Hand, RehearsedVisit, show_card

LOOKS: Final = 12
"""Enough for anybody to sit down, for the lamp to come on, and for the search to find a face that lies."""
CHALLENGE_LOOKS_AT_MOST: Final = 400
"""A challenge ends by itself after ten seconds."""
_BY_EYE: Final = frozenset(
    {FrameHint.NO_FACE, FrameHint.SEVERAL_FACES, FrameHint.TOO_DARK, FrameHint.COVERED}
)
"""What staff do not wait for when nothing helps."""


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
            and (scene.hint is None or scene.hint in self.hints)
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


def rehearse_scene(
    day: VisitDay,
    entry: RosterEntry,
    person: TrainingPerson,
    stranger: str | None,
    hand: Hand,
    actor: Actor,
    scene: FaceScene,
) -> RehearsedScene:
    """Play one scene with the card of `person` to its saved record; `stranger` is the portrait of somebody else.

    Raises:
        UnitError: card, camera, engine or store fail as no scene plays it.
    """
    hand.put_card(person)
    try:
        with day.open_visit(entry) as visit:
            visit.consent(ConsentGiver.PERSON, to_card_reading=True, to_face_matching=True)
            show_card(day, visit, lambda: parse_code_b(person.code_b))
            actor.begin(scene, stranger if scene.is_stranger else person.portrait)
            hints = _face_step(visit, scene, actor)
            visit.decide(*scene.decision)
            visit.wish(ProgrammeWish(ProgrammeId.P1, Wish.WANTS, outcome=WishOutcome.EXPLAINED))
            saved = visit.save()
            day.note_saved(entry, saved)
            return RehearsedScene(scene, RehearsedVisit(person, visit.enrollment, saved), frozenset(hints))
    finally:
        hand.take_card()


def _face_step(visit: Visit, scene: FaceScene, actor: Actor) -> list[FrameHint]:
    """Go through the face step as staff would, and return the hints that were shown."""
    hints: list[FrameHint] = []
    try:
        _help_into_the_picture(visit, hints)
        if hints[-1] in _BY_EYE:
            visit.pass_face(FaceNotCompared.STAFF_SKIPPED)
        else:
            visit.compare_face()
    except CameraTrouble:
        visit.pass_face(FaceNotCompared.CAMERA_UNAVAILABLE)
    _challenge(visit, scene, actor, hints)
    visit.rest_face()
    return hints


def _help_into_the_picture(visit: Visit, hints: list[FrameHint]) -> None:
    for _ in range(LOOKS):
        quality = visit.look().quality
        hints.append(quality.hint)
        if quality.is_good:
            return


def _challenge(visit: Visit, scene: FaceScene, actor: Actor, hints: list[FrameHint]) -> None:
    if scene.way is None:
        visit.skip_liveness(scene.skip)
        return
    actor.obey(visit.begin_liveness(scene.way).ask)
    for _ in range(CHALLENGE_LOOKS_AT_MOST):
        sight = visit.see_liveness()
        hints.append(sight.hint)
        actor.obey(sight.ask)
        if sight.result is not None:
            return
