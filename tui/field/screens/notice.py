"""The notice to read out and the answers to it, before any device is touched (R09, APPI)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, unique

from textual.widget import Widget

from appliance.domain.consent import ConsentGiver
from tui.field.messages import Proceed
from tui.field.screens.question import QuestionScreen
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.widgets.choices import Choice
from tui.widgets.prose import Prose


@unique
class Agreement(Enum):
    """A yes or a no, each without disadvantage."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers so far; they reach the visit together, so that Esc can still change each."""

    to_card_reading: bool = True
    to_face_matching: bool = True


class NoticeScreen(StepScreen):
    """What will happen, to be read out."""

    section = "notice"
    step = "notice"

    def __init__(self, session: Session, answers: Answers | None = None) -> None:
        """Begin the turn, or come back with `answers`."""
        super().__init__(session)
        self._answers = answers or Answers()

    def body(self) -> Iterable[Widget]:
        """Return the notice, one paragraph for each thing that a person has to know."""
        yield Prose(self.words("title"), classes="title")
        for part in ("what", "why", "face", "kept", "refusal"):
            yield Prose(self.words(part), classes="spoken")

    def go_on(self) -> None:
        """Ask about the card."""
        self.show_instead(CardConsentScreen(self.session, self._answers))


class CardConsentScreen(QuestionScreen[Agreement]):
    """Whether the card may be read."""

    section = "consent_card"
    step = "notice"

    def __init__(self, session: Session, answers: Answers) -> None:
        """Ask with `answers` so far."""
        super().__init__(session)
        self._answers = answers

    def choices(self) -> Sequence[Choice[Agreement]]:
        """Return yes and no."""
        return [Choice(answer, self.words(answer.value)) for answer in Agreement]

    def answered(self, value: Agreement) -> None:
        """Ask about the face, or, without a card to compare with, who agreed."""
        answers = replace(self._answers, to_card_reading=value is Agreement.YES)
        if answers.to_card_reading:
            self.show_instead(FaceConsentScreen(self.session, answers))
        else:
            self.show_instead(ConsentGiverScreen(self.session, replace(answers, to_face_matching=False)))

    def go_back(self) -> None:
        """Read the notice again."""
        self.show_instead(NoticeScreen(self.session, self._answers))


class FaceConsentScreen(QuestionScreen[Agreement]):
    """Whether the face may be compared with the chip's photo; named by itself (R09)."""

    section = "consent_face"
    step = "notice"

    def __init__(self, session: Session, answers: Answers) -> None:
        """Ask with `answers` so far."""
        super().__init__(session)
        self._answers = answers

    def choices(self) -> Sequence[Choice[Agreement]]:
        """Return yes and no."""
        return [Choice(answer, self.words(answer.value)) for answer in Agreement]

    def answered(self, value: Agreement) -> None:
        """Ask who agreed."""
        answers = replace(self._answers, to_face_matching=value is Agreement.YES)
        self.show_instead(ConsentGiverScreen(self.session, answers))

    def go_back(self) -> None:
        """Ask about the card again."""
        self.show_instead(CardConsentScreen(self.session, self._answers))


class ConsentGiverScreen(QuestionScreen[ConsentGiver]):
    """Who gave the answers."""

    section = "consent_giver"
    step = "notice"

    def __init__(self, session: Session, answers: Answers) -> None:
        """Ask with `answers` so far."""
        super().__init__(session)
        self._answers = answers

    def choices(self) -> Sequence[Choice[ConsentGiver]]:
        """Return who can agree."""
        return [Choice(giver, self.words(giver.value)) for giver in ConsentGiver]

    def answered(self, value: ConsentGiver) -> None:
        """Record the answers and go to the step that follows from them."""
        self.turn.visit.consent(
            value,
            to_card_reading=self._answers.to_card_reading,
            to_face_matching=self._answers.to_face_matching,
        )
        self.leave(Proceed())

    def go_back(self) -> None:
        """Ask the question before again."""
        before = FaceConsentScreen if self._answers.to_card_reading else CardConsentScreen
        self.show_instead(before(self.session, self._answers))
