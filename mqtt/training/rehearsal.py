"""`mynavisit rehearse`: whole visits without a screen, through a real broker to an office and back (design §4)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from appliance.domain.ids import PersonId
from appliance.domain.outbox import OutboxState, Saved
from appliance.domain.roster import RosterEntry
from appliance.errors import ReceiptOverdue
from appliance.service.visit_day import VisitDay, sign_in
from appliance.simulated.face_scenes import FACE_SCENES, FaceScene
from appliance.simulated.film_clock import FilmClock
from appliance.simulated.people import TrainingPerson, stranger_to, training_people
from appliance.simulated.rehearsal import Hand, RehearsedVisit, rehearse_visit
from appliance.simulated.rehearsed_scenes import RehearsedScene, rehearse_scene
from mqtt.reporting import Tell
from mqtt.training.desk import TrainingDesk
from mqtt.training.kit import training_kit
from mqtt.training.office_beside import TRAINING_PASSPHRASE, TRAINING_STAFF

RECEIPT_DEADLINE_S: Final = 30.0
"""From the last saving; a receipt takes well under a second where office and broker run (proof.md B1)."""
_LOOK_EVERY_S: Final = 0.05

Played = RehearsedVisit | RehearsedScene
"""What was played to a saved record."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rehearsal came to, by the keys of design §4."""

    ok: bool
    """True when every card gave the answers it is made to give, and the unit verified an office-signed receipt for every
    record."""
    people: tuple[dict[str, object], ...]
    counts: dict[str, int]
    card_path: str
    """`pcscd` when the cards were read through the real card service, `in_process` otherwise."""
    seconds: float


def rehearse(home: Path, people: int, tell: Tell) -> Rehearsal:
    """Play `people` visits in `home` and wait for their receipts; more than there are invented people starts over.

    Raises:
        TrainingPartMissing: a program that the kit cannot do without is not installed.
        UnitError: the kit itself does not come up; troubles of a single card do not end a rehearsal.
    """

    def play(day: VisitDay, desk: TrainingDesk) -> list[Played]:
        return [_play(day, person, desk, tell) for person in islice(cycle(training_people()), people)]

    return _rehearse(home, tell, play)


def rehearse_scenes(home: Path, tell: Tell) -> Rehearsal:
    """Play every scene of the face step in `home`, each as a whole visit, and wait for their receipts.

    Raises:
        TrainingPartMissing: a program that the kit cannot do without is not installed.
        UnitError: the kit itself does not come up, or a part of it fails in a scene.
    """

    def play(day: VisitDay, desk: TrainingDesk) -> list[Played]:
        return [_play_scene(day, scene, desk, tell) for scene in FACE_SCENES]

    return _rehearse(home, tell, play)


def _rehearse(home: Path, tell: Tell, play: Callable[[VisitDay, TrainingDesk], list[Played]]) -> Rehearsal:
    started_s = time.monotonic()
    with training_kit(home, tell) as kit:
        if kit.desk is None:
            raise AssertionError("a training kit has a desk")
        # Recorded scenes run in film time, so that a busy machine plays them to the same end.
        unit = replace(kit.unit, clock=FilmClock(kit.unit.clock))
        day = sign_in(unit, TRAINING_STAFF.staff, TRAINING_PASSPHRASE)
        visits = play(day, kit.desk)
        states = _await_receipts(day, [played.saved for played in visits], tell)
        return Rehearsal(
            ok=all(state is OutboxState.ARRIVED for state in states)
            and all(played.went_as_expected for played in visits),
            people=tuple(played.as_json(state.word) for played, state in zip(visits, states, strict=True)),
            counts=asdict(day.counts()),
            card_path="pcscd" if kit.desk.is_real_card_service else "in_process",
            seconds=round(time.monotonic() - started_s, 3),
        )


def _play_scene(day: VisitDay, scene: FaceScene, desk: TrainingDesk, tell: Tell) -> RehearsedScene:
    person = training_people()[0]
    other = stranger_to(person).portrait
    ended = rehearse_scene(day, _entry(day, person), person, other, desk, desk.room.actor, scene)
    told = "as expected" if ended.went_as_expected else "NOT as expected"
    tell(f"{scene.name.value}: {told}, receipt number {ended.saved.receipt_number}")
    return ended


def _entry(day: VisitDay, person: TrainingPerson) -> RosterEntry:
    return next(each for each in day.roster.entries if each.person == PersonId(person.id))


def _play(day: VisitDay, person: TrainingPerson, hand: Hand, tell: Tell) -> RehearsedVisit:
    visit = rehearse_visit(day, _entry(day, person), person, hand)
    tell(f"{person.id}: {OutboxState.SAVED.word}, receipt number {visit.saved.receipt_number}")
    return visit


def _await_receipts(day: VisitDay, visits: Sequence[Saved], tell: Tell) -> list[OutboxState]:
    states = _states(day, visits)
    deadline_s = time.monotonic() + RECEIPT_DEADLINE_S
    while _is_waiting(states) and time.monotonic() < deadline_s:
        time.sleep(_LOOK_EVERY_S)
        states = _states(day, visits)
    waiting = sum(state in {OutboxState.SAVED, OutboxState.SENT} for state in states)
    if waiting:
        tell(str(ReceiptOverdue(waiting)))
    return states


def _states(day: VisitDay, visits: Sequence[Saved]) -> list[OutboxState]:
    state_of: Callable[[int], OutboxState] = {
        row.sequence: row.state for row in day.unit.store.states([saved.sequence for saved in visits])
    }.__getitem__
    return [state_of(saved.sequence) for saved in visits]


def _is_waiting(states: list[OutboxState]) -> bool:
    return any(state in {OutboxState.SAVED, OutboxState.SENT} for state in states)
