"""One person's turn from notice to saved record, with everything personal wiped on every way out (design D4).

The order of steps is the enrollment's (a pure state machine); this adds the devices. One object serves one person.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import Final, Self

from appliance.card.code_b import CodeB
from appliance.card.identification import CardReading, CardSighting, Progress, read, sight
from appliance.card.tries import Confirmation
from appliance.domain.card_answers import CardKind, PrintedMark, ThreeAnswers
from appliance.domain.consent import Consent, ConsentGiver
from appliance.domain.decision import DecisionOutcome, IdentityDecision, VisualCheckReason
from appliance.domain.enrollment import CardEvidence, CardNotRead, Enrollment, FaceNotCompared
from appliance.domain.ephemeral import GreyPicture
from appliance.domain.face_advice import FaceComparison
from appliance.domain.front_sight import CodeProposal
from appliance.domain.ids import StaffId, new_visit_id
from appliance.domain.japan import date_in_japan
from appliance.domain.liveness import LivenessResult, LivenessVerdict, LivenessWay, SkipReason
from appliance.domain.outbox import Saved
from appliance.domain.person_facts import CardFacts, HeldCard, PersonFacts, Residence
from appliance.domain.programmes.engine import ProgrammeAdvice, advise
from appliance.domain.programmes.wish import ProgrammeWish
from appliance.domain.roster import RosterEntry
from appliance.domain.visit_record import encode, record_of
from appliance.errors import CardTrouble, CodeWrong, StepNotAllowed
from appliance.service.face_burst import Burst, fill_burst
from appliance.service.face_watch import FaceSight, FaceWatch
from appliance.service.front_watch import FrontLook, FrontWatch
from appliance.service.liveness_check import LivenessCheck, LivenessSight
from appliance.service.unit import Unit

CHALLENGE_SIZE_BYTES: Final = 32


@dataclass(slots=True, repr=False)
class CardShown:
    """What the card screen shows; pictures are wiped when the person's turn ends."""

    kind: CardKind
    answers: ThreeAnswers
    tries_left: int
    birth_date: date
    agrees_with_roster: bool | None
    """Whether the chip's birth date is the roster's; None when the roster holds none (hazard H14)."""
    name: GreyPicture
    address: GreyPicture
    photo: GreyPicture

    def wipe(self) -> None:
        """Overwrite the pictures; safe to call again."""
        for picture in (self.name, self.address, self.photo):
            picture.wipe()

    def __repr__(self) -> str:
        """Show the kind of card only, so that no traceback holds a birth date."""
        return f"CardShown({self.kind.value})"


class Visit:
    """One person's turn; use as a context, which wipes everything personal at its end."""

    def __init__(self, unit: Unit, staff: StaffId, entry: RosterEntry) -> None:
        """Open a turn for a person on the roster; nothing is read yet."""
        self._unit = unit
        self._staff = staff
        self._entry = entry
        self._wiped_at_end = ExitStack()
        self._reading: CardReading | None = None
        self._front = FrontWatch(unit)
        self._watch = FaceWatch(unit)
        self._liveness: LivenessCheck | None = None
        self._enrollment = Enrollment(
            visit=new_visit_id(unit.random_bytes),
            person=entry.person,
            staff=staff,
            started_at=unit.clock.now(),
        )

    @property
    def enrollment(self) -> Enrollment:
        """Where the turn stands, without personal bytes."""
        return self._enrollment

    @property
    def entry(self) -> RosterEntry:
        """Whose turn it is."""
        return self._entry

    def consent(self, given_by: ConsentGiver, *, to_card_reading: bool, to_face_matching: bool) -> None:
        """Record the answers to the notice."""
        self._enrollment = self._enrollment.consented(
            Consent(given_by, to_card_reading, to_face_matching, noticed_at=self._unit.clock.now())
        )

    def sight_card(self) -> CardSighting:
        """Tell what lies on the reader and how many tries its key has left; spends none (R02).

        Raises:
            CardTrouble: no reader, no card, several cards, not a My Number Card, or no answer.
        """
        with closing(self._unit.reader.connect()) as channel:
            return sight(channel)

    def look_at_front(self) -> FrontLook:
        """Look once at the card's front through the camera; what it proposes for code B is kept until it is taken.

        The camera is part of what consent to card reading allows. A frame without a card may show the person, so it is
        shown only, and coarsely, to whom the person allows the camera on the face.

        Raises:
            StepNotAllowed: not in the card step.
            CameraTrouble: no camera, no new frame in time, or no reading engine; the code is typed.
        """
        self._enrollment.require_front_allowed()
        consent = self._enrollment.consent
        return self._front.look(shows_room=consent is not None and consent.to_face_matching)

    def take_proposal(self) -> CodeProposal | None:
        """Stop looking at the card's front and hand over what is proposed, if anything; the caller wipes it."""
        return self._front.take_proposal()

    def leave_front(self) -> None:
        """Stop looking at the card's front; everything seen and proposed is overwritten."""
        self._front.end()

    def read_card(
        self,
        code_b: CodeB,
        confirmation: Confirmation,
        progress: Callable[[Progress], None] | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> CardShown:
        """Read the card with code B, once, and keep its pictures until the turn ends.

        `confirmation` is the operator's act for exactly one try (design D5); `code_b` is wiped here in any case.
        `progress` is told after every piece, and `is_cancelled` asked between two commands.

        Raises:
            ReadingCancelled: staff stopped the reading; nothing was kept.
            CardTrouble: the card did not give its record; a CodeWrong says how many tries are left.
            PictureRefused: the chip's pictures are no pictures.
        """
        with code_b, closing(self._unit.reader.connect()) as channel:
            self._front.end()
            try:
                # Once more in this very connection: the card may have been changed since it was sighted, and the code
                # is for no other kind of card (R07).
                sight(channel)
                reading = read(
                    channel,
                    code_b,
                    confirmation,
                    issuers=self._unit.issuers,
                    challenge=self._unit.random_bytes(CHALLENGE_SIZE_BYTES),
                    on=self._today(),
                    progress=progress,
                    is_cancelled=is_cancelled,
                )
            except CardTrouble as trouble:
                self._note_card_trouble(trouble)
                raise
        self._wiped_at_end.callback(reading.wipe)
        shown = self._show(reading)
        self._enrollment = self._enrollment.card_read(CardEvidence(reading.kind, reading.answers))
        self._reading = reading
        self._unit.store.audit("card_read", f"genuine={reading.answers.genuine.value}")
        return shown

    def pass_card(self, reason: CardNotRead) -> None:
        """Go on without the card."""
        self._front.end()
        self._enrollment = self._enrollment.card_not_read(reason)

    def look(self) -> FaceSight:
        """Measure one live frame, so that the person can be helped into the picture; the lamp follows what it says.

        Raises:
            CameraTrouble: no camera, no new frame in time, or no face engine.
        """
        return self._watch.look()

    def rest_face(self) -> None:
        """Darken the lamp while nobody looks through the camera."""
        self._watch.rest()

    def compare_face(self) -> FaceComparison:
        """Compare the best frames of a short burst with the chip's photo and record the band of advice.

        Raises:
            StepNotAllowed: there is no chip photo in this turn.
            CameraTrouble: no frame in time, no face on photo or frame, or no face engine.
        """
        if self._reading is None:
            raise StepNotAllowed(self._enrollment.state.value, "compare_face")
        with ExitStack() as wiping:
            burst = Burst()
            wiping.callback(burst.wipe)
            fill_burst(burst, self._watch)
            photo = self._reading.record.photo.reveal()
            comparison = self._unit.face_engine.compare(photo, burst.best())
        self._enrollment = self._enrollment.face_compared(comparison.band)
        return comparison

    def begin_liveness(self, way: LivenessWay) -> LivenessCheck:
        """Begin a challenge that staff offer; one that ran before is forgotten.

        Raises:
            StepNotAllowed: not in the face step, or without consent to the camera.
        """
        self._end_liveness()
        self._enrollment.require_liveness_allowed()
        check = LivenessCheck(self._unit, self._watch, way)
        self._wiped_at_end.callback(check.end)
        self._liveness = check
        return check

    def see_liveness(self) -> LivenessSight:
        """Look at one more frame of the challenge, and record its result once it is over.

        Raises:
            StepNotAllowed: none was begun, or it is over.
            CameraTrouble: no camera, no new frame in time, or no face engine.
        """
        if self._liveness is None:
            raise StepNotAllowed(self._enrollment.state.value, "see_liveness")
        sight = self._liveness.look()
        if sight.result is not None:
            self._enrollment = self._enrollment.liveness_hinted(sight.result)
            self._end_liveness()
        return sight

    def skip_liveness(self, reason: SkipReason) -> None:
        """Go on without the challenge, at any moment of it or before it.

        Raises:
            StepNotAllowed: not in the face step.
        """
        asks = () if self._liveness is None else self._liveness.asks
        result = LivenessResult(LivenessVerdict.SKIPPED, asks, reason)
        self._enrollment = self._enrollment.liveness_hinted(result)
        self._end_liveness()

    def pass_face(self, reason: FaceNotCompared) -> None:
        """Go on to the decision without advice."""
        self._enrollment = self._enrollment.face_not_compared(reason)

    def decide(self, outcome: DecisionOutcome, reason: VisualCheckReason | None = None) -> None:
        """Record the staff member's decision on identity."""
        self._enrollment = self._enrollment.decided(IdentityDecision(outcome, self._staff, reason))

    def known_facts(self) -> PersonFacts:
        """Return what this turn knows about the person for the rules: from the card if it was read, else unknown."""
        card = self._enrollment.card
        return PersonFacts(
            birth_date=self._entry.birth_date if self._reading is None else self._reading.record.birth_date,
            residence=Residence.FACILITY,
            # A card that was not read is not the same as none: all of it stays unknown.
            card=CardFacts(kind=self._held_card(), expires_on=card.answers.expires_on)
            if isinstance(card, CardEvidence)
            else CardFacts(),
        )

    def advice(self, facts: PersonFacts) -> tuple[ProgrammeAdvice, ...]:
        """Return what the rules of today say about a person with these facts."""
        return advise(facts, self._today())

    def see_mark(self, mark: PrintedMark) -> None:
        """Record what is printed on the card's front and no chip tells."""
        self._enrollment = self._enrollment.mark_seen(mark)

    def wish(self, wish: ProgrammeWish) -> None:
        """Record what the person wants of one programme."""
        self._enrollment = self._enrollment.wished(wish)

    def save(self) -> Saved:
        """Seal the record to the office and commit it; 保存済 is true when this returns (design D2, D3).

        Everything personal of the turn is wiped with it.

        Raises:
            DiskFull: nothing was written; the turn stays open.
            StoreTrouble: nothing was written; the turn stays open.
        """
        closed = self._enrollment.saved()
        payload = encode(record_of(self._enrollment, self._unit.id, self._unit.clock.now()))
        saved = self._unit.store.save(lambda slot: self._unit.seal(payload, slot, self._enrollment.visit))
        self._enrollment = closed
        # Nothing of the person is needed any more; the screen goes on with the receipt number alone.
        self.close()
        return saved

    def close(self) -> None:
        """Wipe everything personal; an unsaved turn ends without a record."""
        self._front.end()
        self._wiped_at_end.close()
        self._liveness = None
        self._reading = None
        self._watch.rest()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _end_liveness(self) -> None:
        if self._liveness is not None:
            self._liveness.end()
            self._liveness = None

    def _held_card(self) -> HeldCard | None:
        # What an integrated residence card opens is not public (R07), so it stays unknown to the rules.
        held = {PrintedMark.NONE: HeldCard.NORMAL, PrintedMark.FACE_ONLY: HeldCard.FACE_ONLY}
        mark = self._enrollment.printed_mark
        return None if mark is None else held.get(mark)

    def _show(self, reading: CardReading) -> CardShown:
        with ExitStack() as until_complete:
            decoded = []
            for picture in (
                reading.record.name_picture,
                reading.record.address_picture,
                reading.record.photo,
            ):
                decoded.append(self._unit.pictures.decode(picture.reveal()))
                until_complete.callback(decoded[-1].wipe)
            name, address, photo = decoded
            until_complete.pop_all()
        on_roster = self._entry.birth_date
        shown = CardShown(
            kind=reading.kind,
            answers=reading.answers,
            tries_left=reading.tries_left,
            birth_date=reading.record.birth_date,
            agrees_with_roster=None if on_roster is None else on_roster == reading.record.birth_date,
            name=name,
            address=address,
            photo=photo,
        )
        self._wiped_at_end.callback(shown.wipe)
        return shown

    def _note_card_trouble(self, trouble: CardTrouble) -> None:
        if isinstance(trouble, CodeWrong):
            self._unit.store.audit("code_b_refused", f"tries_left={trouble.tries_left}")

    def _today(self) -> date:
        return date_in_japan(self._unit.clock.now())
