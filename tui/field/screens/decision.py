"""Staff decide on identity: the advice is beside them, the decision is theirs (D4, R08)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from appliance.domain.decision import DecisionOutcome, VisualCheckReason
from appliance.domain.enrollment import CardEvidence, Enrollment, FaceNotCompared
from appliance.domain.face_advice import FaceBand
from tui.field.messages import Proceed
from tui.field.screens.liveness import said_of
from tui.field.screens.question import QuestionScreen
from tui.widgets.choices import Choice, Choices
from tui.widgets.picture import ChipPhoto
from tui.widgets.prose import Prose

_ANSWERS: Final = ("genuine", "in_term", "revocation")
"""The three answers about a card, always each by itself (R06)."""


class DecisionScreen(QuestionScreen[DecisionOutcome]):
    """How the identity check ends."""

    section = "decision"
    step = "decision"

    def body(self) -> Iterable[Widget]:
        """Return what is known, beside the photo if there is one, and the three ways."""
        shown = self.turn.shown
        yield Prose(self.words("title"), classes="title")
        facts = Vertical(Prose(self._known(), classes="state"), Choices(self.choices()), id="facts")
        yield Horizontal(*([ChipPhoto(shown.photo, id="photo")] if shown else []), facts, id="beside")

    def choices(self) -> Sequence[Choice[DecisionOutcome]]:
        """Return the outcomes; a confirmed match only where there is advice to confirm."""
        return [
            Choice(outcome, self.words(outcome.value))
            for outcome in DecisionOutcome
            if outcome is not DecisionOutcome.MATCHED_CONFIRMED or self._enrollment.may_confirm_match
        ]

    def answered(self, value: DecisionOutcome) -> None:
        """Record the decision; a visual check asks for its reason first."""
        if value is DecisionOutcome.VISUAL_CHECK:
            self.show_instead(VisualReasonScreen(self.session))
            return
        self.turn.visit.decide(value)
        self.leave(Proceed())

    @property
    def _enrollment(self) -> Enrollment:
        return self.turn.visit.enrollment

    def _known(self) -> str:
        texts = self.session.texts
        card = self._enrollment.card
        if isinstance(card, CardEvidence):
            lines = [self._answer(name, getattr(card.answers, name).value) for name in _ANSWERS]
        else:
            lines = [self.words("no_card", reason=texts(f"card_pass.{card.value}") if card else "")]
        liveness = self._enrollment.liveness
        hint = [] if liveness is None else [said_of(self.session, liveness)]
        return "\n".join([*lines, self._face(), *hint])

    def _answer(self, name: str, answer: str) -> str:
        texts = self.session.texts
        asked, said = texts(f"card_shown.{name}.asked"), texts(f"card_shown.{name}.{answer}")
        return self.words("answer", asked=asked, said=said)

    def _face(self) -> str:
        face = self._enrollment.face
        if isinstance(face, FaceBand):
            said = self.session.texts(f"face_advice.band.{face.value}")
        else:
            said = self.words(f"face.{face.value}" if face else "face.no_photo")
        return self.words("face.said", said=said)


class VisualReasonScreen(QuestionScreen[VisualCheckReason]):
    """Why eyes were used instead of the camera."""

    section = "visual_reason"
    step = "decision"

    def choices(self) -> Sequence[Choice[VisualCheckReason]]:
        """Return the reasons that can be true here."""
        return [Choice(reason, self.words(reason.value)) for reason in self._reasons]

    def first(self) -> int:
        """Choose what the turn so far suggests."""
        enrollment = self.turn.visit.enrollment
        if enrollment.has_unsupported_card:
            return self._reasons.index(VisualCheckReason.CARD_NOT_SUPPORTED)
        return self._reasons.index(_LIKELY.get(enrollment.face, VisualCheckReason.NO_CHIP_PHOTO))

    def answered(self, value: VisualCheckReason) -> None:
        """Record the visual check with its reason."""
        self.turn.visit.decide(DecisionOutcome.VISUAL_CHECK, value)
        self.leave(Proceed())

    def go_back(self) -> None:
        """Choose another way."""
        self.show_instead(DecisionScreen(self.session))

    @property
    def _reasons(self) -> list[VisualCheckReason]:
        # A card of another kind is why there is no photo, so the two are one question.
        is_unsupported = self.turn.visit.enrollment.has_unsupported_card
        absent = VisualCheckReason.NO_CHIP_PHOTO if is_unsupported else VisualCheckReason.CARD_NOT_SUPPORTED
        return [reason for reason in VisualCheckReason if reason is not absent]


_LIKELY: Final[Mapping[FaceBand | FaceNotCompared | None, VisualCheckReason]] = {
    FaceBand.MATCH: VisualCheckReason.ADVICE_UNLIKE,
    FaceBand.LOOK_CLOSELY: VisualCheckReason.ADVICE_UNLIKE,
    FaceBand.UNLIKE: VisualCheckReason.ADVICE_UNLIKE,
    FaceNotCompared.DECLINED: VisualCheckReason.CONSENT_DECLINED,
    FaceNotCompared.NO_PHOTO: VisualCheckReason.NO_CHIP_PHOTO,
    FaceNotCompared.CAMERA_UNAVAILABLE: VisualCheckReason.CAMERA_UNAVAILABLE,
    FaceNotCompared.STAFF_SKIPPED: VisualCheckReason.POSTURE,
}
