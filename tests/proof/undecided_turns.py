"""M6: what the camera leaves undecided always ends with a staff member's decision, and with a reason (proof.md §6.8).

Most turns are walks over the enrollment's state machine that take any step at any time; every hundredth is a whole visit
with devices, whose sealed record is opened as the office would. Both are judged by a law written here, not by the product's own
conditions.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Final

from appliance.card.code_b import parse_code_b
from appliance.card.tries import Confirmation
from appliance.domain.card_answers import CardKind, Genuineness, InTerm, ThreeAnswers
from appliance.domain.consent import Consent, ConsentGiver
from appliance.domain.decision import DecisionOutcome, IdentityDecision, VisualCheckReason
from appliance.domain.enrollment import CardEvidence, CardNotRead, Enrollment, FaceNotCompared, VisitState
from appliance.domain.face_advice import FaceBand
from appliance.domain.ids import PersonId, StaffId, UnitId, VisitId
from appliance.domain.liveness import LivenessResult, LivenessVerdict, SkipReason
from appliance.domain.visit_record import VisitRecord, encode, parse, record_of
from appliance.errors import CameraTrouble, CardTrouble, FactsMalformed, PictureRefused, StepNotAllowed
from appliance.seal.record import parse_envelope
from appliance.service.outcomes import OUTCOMES, Outcome
from appliance.service.visit import Visit
from appliance.service.visit_day import VisitDay
from tests.proof.campaign import Campaign, Label, Share
from tests.proof.watch import Breach, Watch
from tests.service.bench import STAFF, Bench, opened_bench

_EVERY_VISIT: Final = 100
_STEPS: Final = 60
"""Ten times as many as a straight way has, since a step drawn at random is seldom the next one."""
_NOW: Final = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
_UNIT: Final = UnitId("unit-test")
_OTHER_STAFF: Final = StaffId("s02")
_BEGUN: Final = Enrollment(VisitId("v"), PersonId("p"), STAFF, _NOW)

Step = Callable[[Enrollment, random.Random], Enrollment]


def judge(record: VisitRecord) -> str:
    """Return how a record of an undecided camera was decided, or "" where the advice was a match.

    Raises:
        Breach: nobody decided, the reason is missing, or a match was confirmed that no advice spoke for.
    """
    decision = record.decision
    if decision.decided_by != record.staff:
        raise Breach("somebody else decided than the staff member whose turn it is")
    if (decision.outcome is DecisionOutcome.VISUAL_CHECK) != (decision.reason is not None):
        raise Breach("a visual check without a reason, or a reason without one")
    if decision.outcome is DecisionOutcome.MATCHED_CONFIRMED:
        _judge_confirmed(record)
    if record.face is FaceBand.MATCH:
        return ""
    match decision.outcome:
        case DecisionOutcome.VISUAL_CHECK:
            return "by eye, with its reason"
        case DecisionOutcome.MATCHED_CONFIRMED:
            return "confirmed by staff who were asked to look closely"
        case DecisionOutcome.UNDECIDED:
            return "left open by staff, with what the camera said"


def _judge_confirmed(record: VisitRecord) -> None:
    if record.face not in {FaceBand.MATCH, FaceBand.LOOK_CLOSELY}:
        raise Breach("a match was confirmed that no advice spoke for")
    if not isinstance(record.card, CardEvidence) or record.card.answers.genuine is Genuineness.NO:
        raise Breach("a match was confirmed without a card, or with a false one")


def _consented(turn: Enrollment, chance: random.Random) -> Enrollment:
    giver, card, face = chance.choice(list(ConsentGiver)), chance.random() < 0.9, chance.random() < 0.9
    return turn.consented(Consent(giver, card, face, noticed_at=_NOW))


def _card_read(turn: Enrollment, chance: random.Random) -> Enrollment:
    answers = ThreeAnswers(chance.choice(list(Genuineness)), "", InTerm.YES, date(2030, 4, 1))
    return turn.card_read(CardEvidence(CardKind.MY_NUMBER_CARD, answers))


def _hinted(turn: Enrollment, chance: random.Random) -> Enrollment:
    verdict = chance.choice(list(LivenessVerdict))
    reason = chance.choice(list(SkipReason)) if verdict is LivenessVerdict.SKIPPED else None
    return turn.liveness_hinted(LivenessResult(verdict, (), reason))


def _decided(turn: Enrollment, chance: random.Random) -> Enrollment:
    outcome = chance.choice(list(DecisionOutcome))
    reason = chance.choice([None, *VisualCheckReason])
    with suppress(ValueError):
        return turn.decided(IdentityDecision(outcome, STAFF, reason))
    return turn


_WALK: Final[tuple[Step, ...]] = (
    _consented,
    _card_read,
    lambda turn, chance: turn.card_not_read(chance.choice(list(CardNotRead))),
    lambda turn, chance: turn.face_compared(chance.choice(list(FaceBand))),
    lambda turn, chance: turn.face_not_compared(chance.choice(list(FaceNotCompared))),
    _hinted,
    _decided,
    lambda turn, _: turn.saved(),
)


def walk(chance: random.Random, watch: Watch) -> None:
    """Take steps at random; whatever can be recorded is judged as the office reads it.

    Raises:
        Breach: as `judge` says, or something was recorded before anyone decided.
    """
    turn = _BEGUN
    for _ in range(_STEPS):
        with suppress(StepNotAllowed):
            turn = chance.choice(_WALK)(turn, chance)
        if turn.decision is None and (_is_recorded(turn) or turn.state is VisitState.SAVED):
            raise Breach("a record without a decision")
        if turn.state is VisitState.SAVED:
            _count(judge(parse(encode(record_of(turn, _UNIT, _NOW)))), watch)
            return


def _is_recorded(turn: Enrollment) -> bool:
    with suppress(FactsMalformed):
        record_of(turn, _UNIT, _NOW)
        return True
    return False


def visit(bench: Bench, day: VisitDay, chance: random.Random, watch: Watch) -> None:
    """Take one person through a visit in which the camera says whatever it may, and judge the sealed record.

    Raises:
        Breach: as `judge` says, or the visit could be saved before anyone decided.
    """
    person = chance.choice(sorted(bench.people))
    bench.engine.band = chance.choice(list(FaceBand))
    bench.engine.is_silent = chance.random() < 0.2
    bench.engine.has_photo_face = chance.random() < 0.8
    bench.put_card(person)
    entry = next(each for each in day.roster.entries if each.person == person)
    with day.open_visit(entry) as turn:
        turn.consent(ConsentGiver.PERSON, to_card_reading=True, to_face_matching=chance.random() < 0.9)
        _read_card(turn, bench, person)
        _compare(turn, chance)
        _must_not_save(turn)
        _decide(turn, chance)
        saved = turn.save()
    bench.reader.remove()
    (row,) = bench.store.states([saved.sequence])
    payload = parse_envelope(row.envelope).verify(bench.unit_key.public).open(bench.office_key)
    watch.count("visits whose sealed record was judged", "visits")
    _count(judge(parse(payload)), watch)


def _read_card(turn: Visit, bench: Bench, person: str) -> None:
    try:
        turn.read_card(parse_code_b(bench.people[person].code_b), Confirmation())
    except (CardTrouble, PictureRefused):
        turn.pass_card(CardNotRead.UNREADABLE)


def _compare(turn: Visit, chance: random.Random) -> None:
    if turn.enrollment.state is not VisitState.FACE:
        return
    try:
        turn.compare_face()
    except CameraTrouble as trouble:
        if OUTCOMES[type(trouble)] is not Outcome.USE_EYES:
            raise Breach(f"{type(trouble).__name__} does not lead to the visual check") from trouble
        turn.pass_face(chance.choice(list(FaceNotCompared)))


def _must_not_save(turn: Visit) -> None:
    with suppress(StepNotAllowed):
        turn.save()
        raise Breach("a visit was saved before anyone decided")


def _decide(turn: Visit, chance: random.Random) -> None:
    """Decide in a way drawn by chance; one that is not allowed is followed by the visual check, as on the screen."""
    with suppress(StepNotAllowed, ValueError):
        turn.decide(chance.choice(list(DecisionOutcome)))
        return
    turn.decide(DecisionOutcome.VISUAL_CHECK, chance.choice(list(VisualCheckReason)))


def _count(way: str, watch: Watch) -> None:
    watch.count("records of a match" if not way else f"undecided by the camera: {way}", "records")


def run(share: Share, watch: Watch) -> None:
    """Walk, and every so often visit."""
    with tempfile.TemporaryDirectory() as folder, opened_bench(Path(folder)) as bench:
        # The bench's engine keeps the frames it was lent, for tests that look at them.
        bench.engine.on_look = bench.engine.frames.clear
        day = bench.day()
        visit(bench, day, random.Random(share.seed), watch)
        watch.settle()
        for index in share.indices:
            chance = share.random(index)
            trial = partial(visit, bench, day) if index % _EVERY_VISIT == 0 else walk
            watch.attempt(index, index.to_bytes(4), partial(trial, chance, watch))
            bench.engine.close()


CAMPAIGN: Final = Campaign(
    id="M6",
    claim="whenever the camera does not say match, nothing is saved before staff decide, and the record says why",
    unit="turns",
    must=50_000,
    quick=20,
    label=Label.SIMULATED,
    run=run,
    hang_limit_s=30.0,
)
