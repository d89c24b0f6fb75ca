"""One person's turn: which step follows which, and what can never be said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.card_answers import CardKind, Genuineness, InTerm, PrintedMark, ThreeAnswers
from appliance.domain.consent import Consent, ConsentGiver
from appliance.domain.decision import DecisionOutcome, IdentityDecision, VisualCheckReason
from appliance.domain.enrollment import CardEvidence, CardNotRead, Enrollment, FaceNotCompared, VisitState
from appliance.domain.face_advice import FaceBand
from appliance.domain.ids import PersonId, StaffId, VisitId
from appliance.errors import StepNotAllowed

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
STAFF = StaffId("s01")
BEGUN = Enrollment(VisitId("v"), PersonId("p"), STAFF, NOW)
CONFIRMED = IdentityDecision(DecisionOutcome.MATCHED_CONFIRMED, STAFF)
BY_EYE = IdentityDecision(DecisionOutcome.VISUAL_CHECK, STAFF, VisualCheckReason.POSTURE)
OPEN = IdentityDecision(DecisionOutcome.UNDECIDED, STAFF)


def consent(*, card: bool = True, face: bool = True) -> Consent:
    return Consent(ConsentGiver.PERSON, to_card_reading=card, to_face_matching=face, noticed_at=NOW)


def evidence(genuine: Genuineness = Genuineness.YES) -> CardEvidence:
    answers = ThreeAnswers(genuine, "", InTerm.YES, date(2030, 4, 1))
    return CardEvidence(CardKind.MY_NUMBER_CARD, answers)


def test_the_straight_way_ends_saved() -> None:
    enrollment = BEGUN.consented(consent())
    assert enrollment.state is VisitState.CARD
    enrollment = enrollment.card_read(evidence())
    assert enrollment.state is VisitState.FACE
    enrollment = enrollment.face_compared(FaceBand.MATCH)
    assert enrollment.state is VisitState.DECISION
    enrollment = enrollment.decided(CONFIRMED)
    assert enrollment.state is VisitState.PROGRAMMES
    assert enrollment.saved().state is VisitState.SAVED


def test_refusing_the_card_leads_to_the_decision_without_disadvantage() -> None:
    enrollment = BEGUN.consented(consent(card=False))
    assert enrollment.state is VisitState.DECISION
    assert enrollment.card is CardNotRead.DECLINED
    assert enrollment.decided(BY_EYE).state is VisitState.PROGRAMMES


def test_refusing_face_matching_passes_the_face_step_over() -> None:
    enrollment = BEGUN.consented(consent(face=False)).card_read(evidence())
    assert enrollment.state is VisitState.DECISION
    assert enrollment.face is FaceNotCompared.DECLINED
    with pytest.raises(StepNotAllowed):
        enrollment.face_compared(FaceBand.MATCH)


def test_the_camera_sees_the_cards_front_in_the_card_step_alone_whatever_was_said_about_the_face() -> None:
    for face in (True, False):
        BEGUN.consented(consent(face=face)).require_front_allowed()
    card_step = BEGUN.consented(consent())
    for other in (
        BEGUN,
        BEGUN.consented(consent(card=False)),
        card_step.card_read(evidence()),
        card_step.card_not_read(CardNotRead.DECLINED),
        card_step.ended(),
    ):
        with pytest.raises(StepNotAllowed):
            other.require_front_allowed()


@pytest.mark.parametrize("reason", list(CardNotRead))
def test_without_a_card_there_is_no_face_advice_and_no_confirmed_match(reason: CardNotRead) -> None:
    enrollment = BEGUN.consented(consent()).card_not_read(reason)
    assert enrollment.face is FaceNotCompared.NO_PHOTO
    with pytest.raises(StepNotAllowed):
        enrollment.face_compared(FaceBand.MATCH)
    with pytest.raises(StepNotAllowed):
        enrollment.decided(CONFIRMED)
    assert enrollment.decided(OPEN).state is VisitState.PROGRAMMES


@pytest.mark.parametrize("reason", list(CardNotRead))
def test_only_a_card_of_another_kind_counts_as_unsupported(reason: CardNotRead) -> None:
    consented = BEGUN.consented(consent())
    assert not consented.has_unsupported_card
    assert not consented.card_read(evidence()).has_unsupported_card
    unsupported = {CardNotRead.NOT_SUPPORTED, CardNotRead.INTEGRATED_RESIDENCE_CARD}
    assert consented.card_not_read(reason).has_unsupported_card is (reason in unsupported)


@pytest.mark.parametrize(
    ("band", "genuine", "may_confirm"),
    [
        (FaceBand.MATCH, Genuineness.YES, True),
        (FaceBand.LOOK_CLOSELY, Genuineness.YES, True),
        (FaceBand.UNLIKE, Genuineness.YES, False),
        (FaceBand.MATCH, Genuineness.UNKNOWN, True),
        (FaceBand.MATCH, Genuineness.NO, False),
    ],
)
def test_a_match_is_confirmed_only_on_advice_and_on_a_chip_not_shown_false(
    band: FaceBand, genuine: Genuineness, may_confirm: bool
) -> None:
    enrollment = BEGUN.consented(consent()).card_read(evidence(genuine)).face_compared(band)
    assert enrollment.may_confirm_match is may_confirm
    if may_confirm:
        assert enrollment.decided(CONFIRMED).decision == CONFIRMED
    else:
        with pytest.raises(StepNotAllowed):
            enrollment.decided(CONFIRMED)
        assert enrollment.decided(BY_EYE).decision == BY_EYE


def test_the_face_may_be_compared_again_before_the_decision() -> None:
    enrollment = BEGUN.consented(consent()).card_read(evidence()).face_compared(FaceBand.UNLIKE)
    assert enrollment.face_compared(FaceBand.MATCH).face is FaceBand.MATCH


def test_a_saved_turn_cannot_be_ended_or_saved_again() -> None:
    saved = replace(BEGUN, state=VisitState.SAVED)
    with pytest.raises(StepNotAllowed):
        saved.ended()
    with pytest.raises(StepNotAllowed):
        saved.saved()


@pytest.mark.parametrize("state", [state for state in VisitState if state is not VisitState.SAVED])
def test_any_open_turn_can_be_ended(state: VisitState) -> None:
    assert replace(BEGUN, state=state).ended().state is VisitState.ENDED


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (DecisionOutcome.VISUAL_CHECK, None),
        (DecisionOutcome.MATCHED_CONFIRMED, VisualCheckReason.LIGHT),
        (DecisionOutcome.UNDECIDED, VisualCheckReason.LIGHT),
    ],
)
def test_a_visual_check_and_only_a_visual_check_has_a_reason(
    outcome: DecisionOutcome, reason: VisualCheckReason | None
) -> None:
    with pytest.raises(ValueError, match="reason"):
        IdentityDecision(outcome, STAFF, reason)


@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        (PrintedMark.NONE, CardKind.MY_NUMBER_CARD),
        (PrintedMark.FACE_ONLY, CardKind.FACE_ONLY_CARD),
        (PrintedMark.INTEGRATED_RESIDENCE_CARD, CardKind.INTEGRATED_RESIDENCE_CARD),
    ],
)
def test_the_printed_mark_decides_on_the_kind_of_card_and_may_be_looked_at_again(
    mark: PrintedMark, kind: CardKind
) -> None:
    enrollment = (
        BEGUN.consented(consent()).card_read(evidence()).face_compared(FaceBand.MATCH).decided(CONFIRMED)
    )
    assert enrollment.printed_mark is None
    for seen_first in PrintedMark:
        marked = enrollment.mark_seen(seen_first).mark_seen(mark)
        assert marked.printed_mark is mark
        assert isinstance(marked.card, CardEvidence)
        assert marked.card.kind is kind


def test_a_card_that_was_not_read_has_no_mark_to_see() -> None:
    enrollment = BEGUN.consented(consent()).card_not_read(CardNotRead.NO_CARD).decided(OPEN)
    with pytest.raises(StepNotAllowed):
        enrollment.mark_seen(PrintedMark.FACE_ONLY)


STEPS = {
    "consent": lambda enrollment: enrollment.consented(consent()),
    "decline": lambda enrollment: enrollment.consented(consent(card=False)),
    "card": lambda enrollment: enrollment.card_read(evidence()),
    "false_card": lambda enrollment: enrollment.card_read(evidence(Genuineness.NO)),
    "no_card": lambda enrollment: enrollment.card_not_read(CardNotRead.NO_CARD),
    "match": lambda enrollment: enrollment.face_compared(FaceBand.MATCH),
    "unlike": lambda enrollment: enrollment.face_compared(FaceBand.UNLIKE),
    "no_face": lambda enrollment: enrollment.face_not_compared(FaceNotCompared.STAFF_SKIPPED),
    "confirm": lambda enrollment: enrollment.decided(CONFIRMED),
    "by_eye": lambda enrollment: enrollment.decided(BY_EYE),
    "save": lambda enrollment: enrollment.saved(),
    "end": lambda enrollment: enrollment.ended(),
}


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_no_order_of_steps_saves_a_turn_with_a_part_missing(names: list[str]) -> None:
    enrollment = BEGUN
    for name in names:
        try:
            enrollment = STEPS[name](enrollment)
        except StepNotAllowed:
            continue
    if enrollment.state is VisitState.SAVED:
        assert None not in {enrollment.consent, enrollment.card, enrollment.face, enrollment.decision}
        if enrollment.decision == CONFIRMED:
            assert enrollment.may_confirm_match
