"""What the card says: three answers side by side, never one word, and the name and address as pictures (R05, R06)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from appliance.domain.card_answers import Genuineness, InTerm, Revocation
from appliance.service.visit import CardShown
from tui.dates import in_both_calendars
from tui.field.messages import Proceed
from tui.field.step import StepScreen
from tui.widgets.picture import ChipPhoto, ChipWriting
from tui.widgets.prose import Prose

_NAME_ROWS: Final = 5
_AROUND_ADDRESS_ROWS: Final = 14
"""Head, foot, title, name and the spaces between."""

_HEIGHTS: Final = [(0, "-low"), (28, "-tall")]
"""From this terminal height on there is a free row between the answers."""
_LOOKS: Final[Mapping[Enum, str]] = {
    Genuineness.NO: "-attention",
    Genuineness.UNKNOWN: "-unknown",
    InTerm.NO: "-attention",
    Revocation.UNKNOWN: "-open",
    Revocation.REVOKED: "-attention",
}
"""How an answer looks that is no plain yes; unknown is neither good nor bad, and revocation is always so in outreach."""


class CardShownScreen(StepScreen):
    """Photo and answers."""

    VERTICAL_BREAKPOINTS = _HEIGHTS
    section = "card_shown"
    step = "card"

    def body(self) -> Iterable[Widget]:
        """Return the photo beside the name and the answers."""
        shown = self.turn.shown
        if shown is None:
            return
        yield Horizontal(
            ChipPhoto(shown.photo, id="photo"),
            Vertical(
                ChipWriting(shown.name, _NAME_ROWS, id="name"),
                Prose(self._birth(shown), id="birth", classes=_attention(shown.agrees_with_roster is False)),
                *self._answers(shown),
                id="facts",
            ),
            id="beside",
        )

    def go_on(self) -> None:
        """Go to the step that follows."""
        self.leave(Proceed())

    def go_another_way(self) -> None:
        """Show the address as it is drawn on the chip."""
        self.show_instead(CardAddressScreen(self.session))

    def _birth(self, shown: CardShown) -> str:
        agrees = {True: "agrees", False: "differs", None: "not_listed"}[shown.agrees_with_roster]
        date = in_both_calendars(shown.birth_date, self.session.texts)
        return self.words("birth", date=date, roster=self.words(f"roster.{agrees}"))

    def _answers(self, shown: CardShown) -> Iterable[Widget]:
        answers = shown.answers
        expires = in_both_calendars(answers.expires_on, self.session.texts)
        yield Answer(
            self.words("genuine.asked"),
            self.words(f"genuine.{answers.genuine.value}"),
            self.words(f"genuine.{answers.genuine.value}_means"),
            look=_LOOKS.get(answers.genuine),
        )
        yield Answer(
            self.words("in_term.asked"),
            self.words(f"in_term.{answers.in_term.value}"),
            self.words("in_term.means", date=expires),
            look=_LOOKS.get(answers.in_term),
        )
        yield Answer(
            self.words("revocation.asked"),
            self.words(f"revocation.{answers.revocation.value}"),
            self.words("revocation.means"),
            look=_LOOKS.get(answers.revocation),
        )


class Answer(Vertical):
    """One question about the card, its answer, and what the answer rests on."""

    def __init__(self, asked: str, answer: str, means: str, *, look: str | None) -> None:
        """Show the three texts."""
        super().__init__(classes="answer" if look is None else f"answer {look}")
        self._texts = (asked, answer, means)

    def compose(self) -> Iterable[Widget]:
        """Lay out question and answer, the ground below."""
        asked, answer, means = self._texts
        yield Horizontal(Prose(asked, classes="asked"), Prose(answer, classes="said"))
        yield Prose(means, classes="means")


class CardAddressScreen(StepScreen):
    """Name and address as drawn on the chip, as large as they fit."""

    section = "card_address"
    step = "card"

    def body(self) -> Iterable[Widget]:
        """Return both pictures."""
        shown = self.turn.shown
        if shown is None:
            return
        yield Prose(self.words("title"), classes="title")
        yield ChipWriting(shown.name, _NAME_ROWS, id="name")
        yield ChipWriting(shown.address, max(self.app.size.height - _AROUND_ADDRESS_ROWS, 1), id="address")

    def go_on(self) -> None:
        """Return to the answers."""
        self.show_instead(CardShownScreen(self.session))

    def go_back(self) -> None:
        """Return to the answers."""
        self.show_instead(CardShownScreen(self.session))


def _attention(is_attention: bool) -> str | None:  # noqa: FBT001 (a state, not a switch)
    return "-attention" if is_attention else None
