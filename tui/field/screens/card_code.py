"""Reference code B from the card's front, typed, with its meaning in both calendars (R03)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from appliance.domain.enrollment import CardNotRead
from tui.dates import in_era
from tui.field.code_meaning import meaning_said, require_code
from tui.field.messages import CardPart
from tui.field.screens.card_confirm import CardConfirmScreen
from tui.field.screens.card_front import CardFrontScreen
from tui.field.screens.card_pass import CardPassScreen
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.widgets.code_entry import FIELD_NAMES, CodeEntry, FieldWords
from tui.widgets.key_bar import KeyWord
from tui.widgets.prose import Prose


class CardCodeScreen(StepScreen):
    """Fourteen digits in three fields."""

    BINDINGS: ClassVar[list[BindingType]] = [("f4", "camera", "")]
    section = "card_code"
    step = "card"

    def __init__(self, session: Session) -> None:
        """Ask for the code; after a wrong one, say how many tries the card has left."""
        super().__init__(session)
        self._entry = CodeEntry(
            [FieldWords(self.words(f"{part}.name"), self.words(f"{part}.hint")) for part in FIELD_NAMES]
        )

    def body(self) -> Iterable[Widget]:
        """Return the fields and what the digits mean."""
        yield Prose(self.words("title"), classes="title")
        if self.turn.tries_after_wrong is not None:
            yield Prose(self.words("wrong", tries=self.turn.tries_after_wrong), classes="note")
        yield Prose(self.words("about"), classes="paragraph")
        yield self._entry
        yield Prose(id="meaning", classes="state")
        yield from self._training()

    def keys(self) -> Sequence[KeyWord]:
        """Return the foot's keys, with the one for the camera where a card's front can be read."""
        *others, last = super().keys()
        if not self.session.reads_fronts:
            return [*others, last]
        return [*others, KeyWord("F4", self.words("camera"), "camera"), last]

    def on_mount(self) -> None:
        """Show what was typed before, if the card left in between."""
        if self.turn.typed_code is not None:
            self._entry.put_digits(self.turn.typed_code.reveal())

    def on_code_entry_changed(self) -> None:
        """Show what the digits mean."""
        entry = self._entry
        self.say("meaning", meaning_said(self.session, entry.birth_digits, entry.expiry_year))

    def go_on(self) -> None:
        """Check the shape and ask for the confirmation; nothing goes to the card yet."""
        entry = self._entry
        if not entry.is_complete:
            self.say("meaning", self.words("incomplete"))
            return
        digits = entry.take_digits()
        require_code(digits)
        self.turn.keep_code(digits)
        entry.wipe()
        self.show_instead(CardConfirmScreen(self.session))

    def go_back(self) -> None:
        """Look at the card again."""
        self.turn.forget_code()
        self.return_to(CardPart.PLACE)

    def go_another_way(self) -> None:
        """Go on without the code."""
        self.turn.forget_code()
        self.show_instead(CardPassScreen(self.session, CardNotRead.CODE_UNKNOWN))

    def action_camera(self) -> None:
        """Let the camera propose the digits."""
        if self.session.reads_fronts and not self._is_left:
            self.turn.forget_code()
            self.show_instead(CardFrontScreen(self.session))

    def _training(self) -> Iterable[Widget]:
        hand = self.session.hand
        front = hand.printed_front(self.turn.entry.person) if hand is not None else None
        if front is not None:
            birth = in_era(front.birth_date, self.session.texts)
            said = self.words("training", birth=birth, year=front.expiry_year, code=front.security_code)
            yield Prose(said, classes="training")
