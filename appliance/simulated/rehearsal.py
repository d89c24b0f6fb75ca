"""A whole visit played by a scripted member of staff, on the same use-cases as the screen (design §4, `rehearse`).

The script does what trained hands would: consent, code from the card's front, one confirmation, face or eyes, decision, the
programme's question, save. Where a card goes differently it takes the way that the outcome table tells people to take.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.card.code_b import CodeB, parse_code_b
from appliance.card.tries import Confirmation
from appliance.domain.card_answers import Genuineness, InTerm
from appliance.domain.consent import ConsentGiver
from appliance.domain.decision import DecisionOutcome, VisualCheckReason
from appliance.domain.enrollment import CardEvidence, CardNotRead, Enrollment, FaceNotCompared, VisitState
from appliance.domain.face_advice import FaceBand
from appliance.domain.outbox import Saved
from appliance.domain.programmes.programme import ProgrammeId
from appliance.domain.programmes.wish import ProgrammeWish, Wish, WishOutcome
from appliance.domain.roster import RosterEntry
from appliance.errors import CameraTrouble, CardTrouble, NoFace
from appliance.ports import Presence
from appliance.service.outcomes import reason_without_card
from appliance.service.visit import Visit
from appliance.service.visit_day import VisitDay
from appliance.simulated.people import TrainingPerson, Trait

CARD_DEADLINE_S: Final = 10.0
"""pcscd polls its virtual reader about every 0.4 s (pcsc.md); this is far more than one insertion needs."""

LOOKS_AT_MOST: Final = 6
"""The recorded camera shows a person who sits down within a few frames; then a comparison is tried anyway."""


class Hand(Protocol):
    """Puts training cards on the reader and people before the camera."""

    def put_card(self, person: TrainingPerson) -> None:
        """Put the person's card on the reader; one that lay there is taken away first."""

    def take_card(self) -> None:
        """Take the card away."""

    def seat(self, person: TrainingPerson) -> None:
        """Seat the person before the camera."""


@dataclass(frozen=True, slots=True)
class RehearsedVisit:
    """One person's turn as it ended."""

    person: TrainingPerson
    enrollment: Enrollment
    saved: Saved

    @property
    def went_as_expected(self) -> bool:
        """Whether the card gave the answers that this person's card is made to give."""
        card = self.enrollment.card
        if Trait.CODE_B_BLOCKED in self.person.traits:
            return card is CardNotRead.BLOCKED
        if not isinstance(card, CardEvidence):
            return False
        is_false = bool(self.person.traits & {Trait.TAMPERED_DATA, Trait.CLONED_CHIP})
        is_over = Trait.CARD_EXPIRED in self.person.traits
        return card.answers.genuine is (
            Genuineness.NO if is_false else Genuineness.YES
        ) and card.answers.in_term is (InTerm.NO if is_over else InTerm.YES)

    def as_json(self, state: str) -> dict[str, object]:
        """Return the keys of design §4; `state` is the word of the outbox."""
        card = self.enrollment.card
        answers = card.answers if isinstance(card, CardEvidence) else None
        decision = self.enrollment.decision
        return {
            "id": str(self.person.id),
            "genuine": None if answers is None else _claim(answers.genuine),
            "in_term": None if answers is None else answers.in_term is InTerm.YES,
            "revocation": "unknown" if answers is None else answers.revocation.value,
            "face": "" if self.enrollment.face is None else self.enrollment.face.value,
            "decision": "" if decision is None else decision.outcome.value,
            "programmes": [wish.programme.value for wish in self.enrollment.wishes],
            "receipt": self.saved.receipt_number,
            "state": state,
        }


def rehearse_visit(day: VisitDay, entry: RosterEntry, person: TrainingPerson, hand: Hand) -> RehearsedVisit:
    """Play one person's turn to its saved record.

    Raises:
        StoreTrouble: the record could not be saved; everything else has its way on.
    """
    hand.put_card(person)
    hand.seat(person)
    try:
        with day.open_visit(entry) as visit:
            visit.consent(ConsentGiver.PERSON, to_card_reading=True, to_face_matching=True)
            show_card(day, visit, lambda: parse_code_b(person.code_b))
            if visit.enrollment.state is VisitState.FACE:
                _show_face(visit)
            decide(visit)
            visit.wish(ProgrammeWish(ProgrammeId.P1, Wish.WANTS, outcome=WishOutcome.EXPLAINED))
            saved = visit.save()
            day.note_saved(entry, saved)
            return RehearsedVisit(person, visit.enrollment, saved)
    finally:
        hand.take_card()


def show_card(day: VisitDay, visit: Visit, code_from_front: Callable[[], CodeB]) -> None:
    """Read the card that lies on the reader, or pass it for the reason that its trouble gives."""
    day.unit.reader.wait_for(Presence.CARD, CARD_DEADLINE_S)
    try:
        visit.sight_card()
        visit.read_card(code_from_front(), Confirmation())
    except CardTrouble as trouble:
        visit.pass_card(reason_without_card(trouble))


def _show_face(visit: Visit) -> None:
    try:
        _wait_for_a_good_frame(visit)
        visit.compare_face()
    except NoFace as trouble:
        no_photo = trouble.where == "chip_photo"
        visit.pass_face(FaceNotCompared.NO_PHOTO if no_photo else FaceNotCompared.STAFF_SKIPPED)
    except CameraTrouble:
        visit.pass_face(FaceNotCompared.CAMERA_UNAVAILABLE)


def _wait_for_a_good_frame(visit: Visit) -> None:
    for _ in range(LOOKS_AT_MOST):
        if visit.look().quality.is_good:
            return


def decide(visit: Visit) -> None:
    """Decide as staff would who know the person by sight: follow the advice, or say why eyes are used."""
    enrollment = visit.enrollment
    if enrollment.face is FaceBand.MATCH and enrollment.may_confirm_match:
        visit.decide(DecisionOutcome.MATCHED_CONFIRMED)
    elif isinstance(enrollment.card, CardEvidence) and enrollment.card.answers.genuine is Genuineness.NO:
        visit.decide(DecisionOutcome.UNDECIDED)
    elif isinstance(enrollment.face, FaceBand):
        visit.decide(DecisionOutcome.VISUAL_CHECK, VisualCheckReason.ADVICE_UNLIKE)
    elif enrollment.has_unsupported_card:
        visit.decide(DecisionOutcome.VISUAL_CHECK, VisualCheckReason.CARD_NOT_SUPPORTED)
    else:
        visit.decide(DecisionOutcome.VISUAL_CHECK, VisualCheckReason.NO_CHIP_PHOTO)


def _claim(genuine: Genuineness) -> bool | None:
    return {Genuineness.YES: True, Genuineness.NO: False, Genuineness.UNKNOWN: None}[genuine]
