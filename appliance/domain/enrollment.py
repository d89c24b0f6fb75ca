"""One person's turn as a state machine: notice, card, face, decision, programmes, saved.

Every step is a function from one enrollment to the next; a step that does not follow from the state raises, so no screen,
script or crash can produce a record whose parts were never reached (design §1, D4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, unique

from appliance.domain.card_answers import CardKind, Genuineness, PrintedMark, ThreeAnswers
from appliance.domain.consent import Consent
from appliance.domain.decision import DecisionOutcome, IdentityDecision
from appliance.domain.face_advice import FaceBand
from appliance.domain.ids import PersonId, StaffId, VisitId
from appliance.domain.liveness import LivenessResult
from appliance.domain.programmes.wish import ProgrammeWish
from appliance.errors import StepNotAllowed


@unique
class VisitState(Enum):
    """Where a person's turn stands."""

    NOTICE = "notice"
    """The notice is read out; nothing has been touched."""
    CARD = "card"
    """The card may be read."""
    FACE = "face"
    """The face may be compared with the chip's photo."""
    DECISION = "decision"
    """Staff decide on identity."""
    PROGRAMMES = "programmes"
    """One question a programme."""
    SAVED = "saved"
    """The record is committed; nothing changes any more."""
    ENDED = "ended"
    """The person's turn ended without a record."""


@unique
class CardNotRead(Enum):
    """Why the card gives no evidence in this visit."""

    DECLINED = "declined"
    """The person does not want the card read."""
    NO_CARD = "no_card"
    """The person has no card, or it is not here."""
    UNREADABLE = "unreadable"
    """The chip or the reader does not work today."""
    NOT_SUPPORTED = "not_supported"
    """Not a My Number Card this unit knows: use your eyes (R07)."""
    INTEGRATED_RESIDENCE_CARD = "integrated_residence_card"
    """特定在留カード, as its chip or its print tells: not supported, use your eyes (R07)."""
    BLOCKED = "blocked"
    """The key is used up, or too few tries are left: municipality."""
    CODE_UNKNOWN = "code_unknown"
    """The printed code cannot be read or was refused."""


@unique
class FaceNotCompared(Enum):
    """Why there is no face advice in this visit."""

    DECLINED = "declined"
    """The person does not want face matching."""
    NO_PHOTO = "no_photo"
    """No chip photo, or no face on it."""
    CAMERA_UNAVAILABLE = "camera_unavailable"
    """No camera, no frame in time, or no face engine."""
    STAFF_SKIPPED = "staff_skipped"
    """Staff go straight to the visual check."""


@dataclass(frozen=True, slots=True)
class CardEvidence:
    """What the card showed, as claims without card data."""

    kind: CardKind
    answers: ThreeAnswers


@dataclass(frozen=True, slots=True)
class Enrollment:
    """All that is known of one person's turn so far; frozen, each step returns the next one."""

    visit: VisitId
    person: PersonId
    staff: StaffId
    started_at: datetime
    state: VisitState = VisitState.NOTICE
    consent: Consent | None = None
    card: CardEvidence | CardNotRead | None = None
    face: FaceBand | FaceNotCompared | None = None
    liveness: LivenessResult | None = None
    """A hint that staff may ask for in the face step; None where nobody did."""
    decision: IdentityDecision | None = None
    printed_mark: PrintedMark | None = None
    """What staff saw on the front of the card that was read; None while nobody has looked (F2.9)."""
    wishes: tuple[ProgrammeWish, ...] = ()

    def consented(self, consent: Consent) -> Enrollment:
        """Take the answers to the notice; without consent to card reading the card step is passed over."""
        self._require(VisitState.NOTICE, step="consent")
        if consent.to_card_reading:
            return replace(self, consent=consent, state=VisitState.CARD)
        return replace(
            self,
            consent=consent,
            card=CardNotRead.DECLINED,
            face=FaceNotCompared.NO_PHOTO,
            state=VisitState.DECISION,
        )

    def require_front_allowed(self) -> None:
        """Refuse the camera on the card's front outside the card step, which consent to card reading alone opens.

        Raises:
            StepNotAllowed: it does not follow from the state.
        """
        self._require(VisitState.CARD, step="look_at_front")

    def card_read(self, evidence: CardEvidence) -> Enrollment:
        """Take what the card showed; without consent to face matching the face step is passed over."""
        self._require(VisitState.CARD, step="card_read")
        if self.consent is not None and self.consent.to_face_matching:
            return replace(self, card=evidence, state=VisitState.FACE)
        return replace(self, card=evidence, face=FaceNotCompared.DECLINED, state=VisitState.DECISION)

    def card_not_read(self, reason: CardNotRead) -> Enrollment:
        """Go on without the card: no photo, so eyes."""
        self._require(VisitState.CARD, step="card_not_read")
        return replace(self, card=reason, face=FaceNotCompared.NO_PHOTO, state=VisitState.DECISION)

    def face_compared(self, band: FaceBand) -> Enrollment:
        """Take the advice; it may be taken again until staff go on to decide."""
        self._require(VisitState.FACE, VisitState.DECISION, step="face_compared")
        if not isinstance(self.card, CardEvidence) or self.face is FaceNotCompared.DECLINED:
            raise StepNotAllowed(self.state.value, "face_compared")
        return replace(self, face=band, state=VisitState.DECISION)

    def face_not_compared(self, reason: FaceNotCompared) -> Enrollment:
        """Go on to the decision without advice."""
        self._require(VisitState.FACE, step="face_not_compared")
        return replace(self, face=reason, state=VisitState.DECISION)

    def liveness_hinted(self, result: LivenessResult) -> Enrollment:
        """Take a hint that is over; a later one replaces it, and no other step depends on it."""
        self.require_liveness_allowed()
        if not result.is_over:
            raise StepNotAllowed(self.state.value, "liveness")
        return replace(self, liveness=result)

    def require_liveness_allowed(self) -> None:
        """Refuse a challenge outside the face step, or where the person wants no camera.

        Raises:
            StepNotAllowed: it does not follow from the state.
        """
        self._require(VisitState.FACE, VisitState.DECISION, step="liveness")
        if self.consent is None or not self.consent.to_face_matching:
            raise StepNotAllowed(self.state.value, "liveness")

    def decided(self, decision: IdentityDecision) -> Enrollment:
        """Take the staff member's decision; a confirmed match needs advice and a chip that is not a forgery."""
        self._require(VisitState.DECISION, step="decide")
        if decision.outcome is DecisionOutcome.MATCHED_CONFIRMED and not self.may_confirm_match:
            raise StepNotAllowed(self.state.value, "confirm_match")
        return replace(self, decision=decision, state=VisitState.PROGRAMMES)

    @property
    def may_confirm_match(self) -> bool:
        """True when the face advice speaks for the person and the chip is not shown to be false."""
        return (
            self.face in {FaceBand.MATCH, FaceBand.LOOK_CLOSELY}
            and isinstance(self.card, CardEvidence)
            and self.card.answers.genuine is not Genuineness.NO
        )

    @property
    def has_unsupported_card(self) -> bool:
        """True when the person's card is none that this unit reads, which is no fault of the person's (R07)."""
        return self.card in {CardNotRead.NOT_SUPPORTED, CardNotRead.INTEGRATED_RESIDENCE_CARD}

    def mark_seen(self, mark: PrintedMark) -> Enrollment:
        """Take what is printed on the card's front and no chip tells (F2.9, R07)."""
        self._require(VisitState.PROGRAMMES, step="mark_seen")
        if not isinstance(self.card, CardEvidence):
            raise StepNotAllowed(self.state.value, "mark_seen")
        return replace(self, card=replace(self.card, kind=mark.card_kind), printed_mark=mark)

    def wished(self, wish: ProgrammeWish) -> Enrollment:
        """Record one programme's wish; the same programme again replaces the answer before."""
        self._require(VisitState.PROGRAMMES, step="wish")
        others = tuple(known for known in self.wishes if known.programme != wish.programme)
        return replace(self, wishes=(*others, wish))

    def saved(self) -> Enrollment:
        """Close the turn after its record was committed."""
        self._require(VisitState.PROGRAMMES, step="save")
        return replace(self, state=VisitState.SAVED)

    def ended(self) -> Enrollment:
        """Close the turn without a record; a saved turn cannot be undone here."""
        if self.state is VisitState.SAVED:
            raise StepNotAllowed(self.state.value, "end")
        return replace(self, state=VisitState.ENDED)

    def _require(self, *states: VisitState, step: str) -> None:
        if self.state not in states:
            raise StepNotAllowed(self.state.value, step)
