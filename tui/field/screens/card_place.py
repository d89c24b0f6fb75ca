"""Put the card on the reader: the reader's state as it is, and the card's tries before any is spent (R02)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from textual.message import Message
from textual.widget import Widget

from appliance.domain.enrollment import CardNotRead
from appliance.errors import CardBlocked, ForeignCard, TriesNearlyUsed, UnitError
from appliance.ports import Presence
from tui.field.background import run_job
from tui.field.messages import CardSighted, ReaderSeen
from tui.field.screens.card_code import CardCodeScreen
from tui.field.screens.card_pass import CardPassScreen
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.widgets.choices import Choice
from tui.widgets.prose import Prose

_WAIT_S: Final = 0.5
"""How long one look at the reader lasts; short, so that leaving the screen is never held up."""


class CardPlaceScreen(StepScreen):
    """Waits for a card and asks it how many tries it has left."""

    section = "card_place"
    step = "card"

    def __init__(self, session: Session) -> None:
        """Wait for the card of the person whose turn it is."""
        super().__init__(session)
        self._presence: Presence | None = None
        self._is_sighting = False

    def body(self) -> Iterable[Widget]:
        """Return what to do and what the reader says."""
        yield Prose(self.words("title"), classes="title")
        yield Prose(self.words("about"), classes="paragraph")
        yield Prose(self.words("state.looking"), id="reader", classes="state")
        yield Prose(id="tries", classes="paragraph")
        if self.session.hand is not None:
            yield Prose(self.words("training"), classes="training")

    def on_mount(self) -> None:
        """Watch the reader."""
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
        if came:
            self._sight()
        if not self._is_left:
            self._watch()

    def on_card_sighted(self, message: CardSighted) -> None:
        """Show the tries that are left; Enter goes on."""
        self._is_sighting = False
        self.turn.sighting = message.sighting
        self.say("reader", self.words("state.sighted"))
        self.say("tries", self.words("tries", tries=message.sighting.tries_left))

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
        """Say why the card could not be sighted."""
        self._is_sighting = False
        self.say("reader", self.words("state.card"))
        super().meet(error)

    def ways_on(self, error: UnitError) -> Sequence[Choice[str]]:
        """Offer another look, or to go on without the card."""
        return card_ways(self.session, error)

    def take_way(self, way: str | None) -> None:
        """Look again, or choose why there is no card."""
        if way in {reason.value for reason in CardNotRead}:
            self.show_instead(CardPassScreen(self.session, CardNotRead(way)))
        elif way == "again" and self._presence is Presence.CARD:
            self._sight()

    def _show(self, presence: Presence) -> None:
        self.turn.sighting = None
        self.say("reader", self.words(f"state.{presence.value}"))
        self.query("#reader").set_class(presence is Presence.NO_READER, "-attention")
        self.say("tries", "")

    def _sight(self) -> None:
        if self._is_sighting:
            return
        self._is_sighting = True
        turn = self.turn

        def sight() -> Message:
            return CardSighted(turn.use(lambda visit: visit.sight_card()))

        self.work(sight, place="sight_card")


def card_ways(session: Session, error: UnitError) -> list[Choice[str]]:
    """Return the ways on after a card trouble: again where that can help, and always the way without the card."""
    texts = session.texts
    without = Choice(_reason(error).value, texts("trouble.without_card"))
    again = Choice("again", texts("trouble.again"))
    return [without] if isinstance(error, CardBlocked | TriesNearlyUsed) else [again, without]


def _reason(error: UnitError) -> CardNotRead:
    if isinstance(error, CardBlocked | TriesNearlyUsed):
        return CardNotRead.BLOCKED
    return CardNotRead.NOT_SUPPORTED if isinstance(error, ForeignCard) else CardNotRead.UNREADABLE
