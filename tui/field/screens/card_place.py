"""Put the card on the reader: the reader's state as it is, and the card's tries before any is spent (R02)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from appliance.errors import CardTrouble, SeveralCards, UnitError
from appliance.ports import Presence
from appliance.service.outcomes import advise
from tui.field.background import run_job
from tui.field.dialogs.readers import ReadersDialog
from tui.field.dialogs.trouble import TroubleDialog
from tui.field.messages import CardSighted, ReaderChosen, ReaderSeen, ReadersListed
from tui.field.screens.card_code import CardCodeScreen
from tui.field.screens.card_pass import CardPassScreen
from tui.field.screens.card_trouble import AGAIN, card_ways, leave_card, trouble_of
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.widgets.choices import Choice
from tui.widgets.key_bar import KeyWord
from tui.widgets.prose import Prose

_WAIT_S: Final = 0.5
"""How long one look at the reader lasts; short, so that leaving the screen is never held up."""


class CardPlaceScreen(StepScreen):
    """Waits for a card and asks it how many tries it has left."""

    BINDINGS: ClassVar[list[BindingType]] = [("f4", "readers", "")]
    section = "card_place"
    step = "card"

    def __init__(self, session: Session) -> None:
        """Wait for the card of the person whose turn it is."""
        super().__init__(session)
        self._presence: Presence | None = None
        self._trouble: CardTrouble | None = None
        self._is_sighting = False
        self.turn.tries_after_wrong = None

    def body(self) -> Iterable[Widget]:
        """Return what to do and what the reader says."""
        yield Prose(self.words("title"), classes="title")
        yield Prose(self.words("about"), classes="paragraph")
        yield Prose(self.words("state.looking"), id="reader", classes="state")
        yield Prose(id="tries", classes="paragraph")
        yield Prose(id="used", classes="paragraph -absent")
        if self.session.hand is not None:
            yield Prose(self.words("training"), classes="training")

    def keys(self) -> Sequence[KeyWord]:
        """Return the foot's keys, with the one for the readers where there is a choice."""
        *others, last = super().keys()
        if self.session.unit.readers is None:
            return [*others, last]
        return [*others, KeyWord("F4", self.words("readers"), "readers"), last]

    def on_mount(self) -> None:
        """Watch the reader."""
        self._say_used()
        self._watch()

    def _watch(self) -> None:
        reader = self.session.unit.reader
        waiting_for = Presence.CARD if self._presence is not Presence.CARD else Presence.EMPTY
        run_job(self, lambda: ReaderSeen(reader.wait_for(waiting_for, _WAIT_S)), place="reader")

    def on_reader_seen(self, message: ReaderSeen) -> None:
        """Show what stands on the reader, sight a card that came, and go on watching."""
        came = message.presence is Presence.CARD and self._presence is not Presence.CARD
        if message.presence is not self._presence:
            self._presence = message.presence
            self._show(message.presence)
        # Taking one of several cards away leaves a card there: only another look tells.
        if came or (isinstance(self._trouble, SeveralCards) and message.presence is Presence.CARD):
            self._sight()
        if not self._is_left:
            self._watch()

    def on_card_sighted(self, message: CardSighted) -> None:
        """Show the tries that are left; Enter goes on. A dialog about an earlier trouble has nothing left to say."""
        self._is_sighting = False
        if self._presence is not Presence.CARD:
            return
        trouble = trouble_of(message.sighting.tries_left)
        if trouble is not None:
            self.meet(trouble)
            return
        self._trouble = None
        self.turn.sighting = message.sighting
        self._say(self.words("state.sighted"), self.words("tries", tries=message.sighting.tries_left))
        if isinstance(self.app.screen, TroubleDialog):
            self.app.screen.dismiss(None)

    def go_on(self) -> None:
        """Ask for the code once a card was sighted; before that, look at it again."""
        if self.turn.sighting is not None and self._presence is Presence.CARD:
            self.show_instead(CardCodeScreen(self.session))
        elif self._presence is Presence.CARD:
            self._sight()

    def go_another_way(self) -> None:
        """Go on without the card."""
        self.show_instead(CardPassScreen(self.session))

    def meet(self, error: UnitError) -> None:
        """Say why the card could not be sighted; where moving cards is enough, without a question."""
        self._is_sighting = False
        if not isinstance(error, CardTrouble):
            super().meet(error)
            return
        self._trouble = error
        self.turn.sighting = None
        advice = advise(error, self.session.texts.language)
        self._say(advice.says, advice.next_step, is_attention=True)
        if not isinstance(error, SeveralCards):
            super().meet(error)

    def ways_on(self, error: UnitError) -> Sequence[Choice[str]]:
        """Offer another look, another card, or to go on without one."""
        return card_ways(self.session, error) if isinstance(error, CardTrouble) else super().ways_on(error)

    def take_way(self, way: str | None) -> None:
        """Look again, or go on without the card; anything else waits for what comes onto the reader."""
        if not leave_card(self, way) and way == AGAIN and self._presence is Presence.CARD:
            self._sight()

    def action_readers(self) -> None:
        """Ask which readers there are."""
        readers = self.session.unit.readers
        if readers is not None and not self._is_left:
            self.work(lambda: ReadersListed(readers.attached()), place="readers")

    def on_readers_listed(self, message: ReadersListed) -> None:
        """Offer them, unless something else is being asked."""
        readers = self.session.unit.readers
        if readers is not None and self.is_current and not self._is_left:
            dialog = ReadersDialog(self.session, message.attached, readers.chosen)
            self.app.push_screen(dialog, self._choose)

    def on_reader_chosen(self) -> None:
        """Look afresh at the reader that is used from now on."""
        self._say_used()
        self._presence = None
        self.turn.sighting = None
        self._say(self.words("state.looking"))

    def _choose(self, name: str | None) -> None:
        readers = self.session.unit.readers
        if name is None or readers is None or self._is_left:
            return
        turn = self.turn

        def choose() -> Message:
            # As a use of the turn, so that no reader is let go while its card is asked.
            turn.use(lambda _: readers.choose(name))
            return ReaderChosen()

        self.work(choose, place="readers")

    def _say_used(self) -> None:
        readers = self.session.unit.readers
        chosen = readers.chosen if readers is not None else ""
        self.say("used", self.words("used", name=chosen))
        self.query("#used").set_class(not chosen, "-absent")

    def _show(self, presence: Presence) -> None:
        self._trouble = None
        self.turn.sighting = None
        is_attention = presence is Presence.NO_READER
        self._say(self.words(f"state.{presence.value}"), is_attention=is_attention)

    def _say(self, state: str, more: str = "", *, is_attention: bool = False) -> None:
        self.say("reader", state)
        self.query("#reader").set_class(is_attention, "-attention")
        self.say("tries", more)

    def _sight(self) -> None:
        if self._is_sighting:
            return
        self._is_sighting = True
        turn = self.turn

        def sight() -> Message:
            return CardSighted(turn.use(lambda visit: visit.sight_card()))

        self.work(sight, place="sight_card")
