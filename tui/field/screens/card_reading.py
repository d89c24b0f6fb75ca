"""The card is being read: one confirmation, one try, progress as it comes (D5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Self

from textual.message import Message
from textual.widget import Widget
from textual.widgets import ProgressBar

from appliance.card.code_b import CodeB
from appliance.card.identification import Progress
from appliance.card.tries import Confirmation
from appliance.errors import CardBlocked, CodeWrong, TriesNearlyUsed, UnitError, UnsupportedCard
from appliance.service.outcomes import reason_without_card
from tui.field.messages import CardPart, CardWasRead, ReadingProgressed
from tui.field.screens.card_shown import CardShownScreen
from tui.field.screens.card_trouble import card_ways, leave_card
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.widgets.choices import Choice
from tui.widgets.code_entry import masked_code
from tui.widgets.key_bar import KeyWord
from tui.widgets.prose import Prose

_CORRECT: Final = "correct"
_CODE_IS_USELESS: Final = (CodeWrong, CardBlocked, TriesNearlyUsed, UnsupportedCard)
"""After these the typed digits open nothing; after a lost card they are kept for another confirmation."""


class CardReadingScreen(StepScreen):
    """Shows how far the reading has come; the code is masked from here on."""

    section = "card_reading"
    step = "card"

    def __init__(self, session: Session, confirmation: Confirmation) -> None:
        """Read with the permit that a person gave."""
        super().__init__(session)
        self._confirmation = confirmation
        self._is_cancelled = False

    @classmethod
    def confirmed(cls, session: Session) -> Self:
        """Return the screen for a person's confirming act; call this only where one has just happened."""
        return cls(session, Confirmation())

    def body(self) -> Iterable[Widget]:
        """Return the progress."""
        yield Prose(self.words("title"), classes="title")
        yield Prose(self.words("about"), id="about", classes="paragraph")
        yield Prose(self.words("masked", code=masked_code()), classes="state")
        yield ProgressBar(total=None, show_eta=False)

    def keys(self) -> Sequence[KeyWord]:
        """Return the foot's keys: nothing to take while it reads."""
        return [KeyWord("Esc", self.words("stop"), "back"), *super().keys()[1:-1]]

    def on_mount(self) -> None:
        """Spend the one try."""
        turn, confirmation = self.turn, self._confirmation
        turn.tries_after_wrong = None
        if turn.typed_code is None:
            return
        typed = turn.typed_code

        def tell(progress: Progress) -> None:
            self.post_message(ReadingProgressed(progress))

        def is_cancelled() -> bool:
            return self._is_cancelled or turn.is_over

        def read() -> Message:
            # The copy is the reading's own: it is wiped there, and the typed digits here.
            shown = turn.use(
                lambda visit: visit.read_card(
                    CodeB(bytearray(typed.reveal())), confirmation, tell, is_cancelled
                )
            )
            return CardWasRead(shown)

        self.work(read, place="read_card")

    def on_reading_progressed(self, message: ReadingProgressed) -> None:
        """Show how far it is."""
        progress = message.progress
        for bar in self.query(ProgressBar):
            bar.update(total=progress.total_bytes, progress=progress.done_bytes)

    def on_card_was_read(self, message: CardWasRead) -> None:
        """Show what the card says."""
        self.turn.forget_code()
        self.turn.shown = message.shown
        self.show_instead(CardShownScreen(self.session))

    def go_on(self) -> None:
        """Do nothing: the reading goes on by itself."""

    def go_back(self) -> None:
        """Stop the reading between two commands, and say at once that the wish was heard."""
        self._is_cancelled = True
        self.say("about", self.words("stopping"))

    def ways_on(self, error: UnitError) -> Sequence[Choice[str]]:
        """Offer to correct the code, to begin again, or to go on without the card."""
        if isinstance(error, _CODE_IS_USELESS):
            self.turn.forget_code()
        if not isinstance(error, CodeWrong):
            return card_ways(self.session, error)
        self.turn.note_wrong_code(error.tries_left)
        texts = self.session.texts
        return [
            Choice(_CORRECT, texts("trouble.correct_code")),
            Choice(reason_without_card(error).value, texts("trouble.without_card")),
        ]

    def take_way(self, way: str | None) -> None:
        """Go the chosen way; Esc begins again at the reader, where nothing is spent."""
        if way == _CORRECT:
            self.return_to(CardPart.CODE)
        elif not leave_card(self, way):
            self.return_to(CardPart.PLACE)
