"""The code once more before it is spent: a person's Enter here is the confirmation of exactly one try (R02, D5)."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from appliance.card.code_b import CodeB
from appliance.domain.era import EraDate
from tui.dates import in_both_calendars
from tui.field.messages import CardPart
from tui.field.screens.card_reading import CardReadingScreen
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.widgets.prose import Prose


class CardConfirmScreen(StepScreen):
    """The whole code once more, large, beside what it means."""

    section = "card_confirm"
    step = "card"

    def __init__(self, session: Session, settles_s: float = 0.0) -> None:
        """Ask; an Enter in the first `settles_s` seconds is one too many from the screen before, and spends nothing."""
        super().__init__(session)
        self._settled_at_s = session.unit.clock.monotonic_s() + settles_s

    def body(self) -> Iterable[Widget]:
        """Return the digits beside their meaning."""
        yield Prose(self.words("title"), classes="title")
        yield Prose(self.words("about"), classes="paragraph")
        yield Prose(id="birth", classes="compared")
        yield Prose(id="expiry", classes="compared")
        yield Prose(id="code", classes="compared")
        yield Prose(self.words("era"), id="era", classes="paragraph")
        tries = self.turn.sighting.tries_left if self.turn.sighting is not None else 0
        yield Prose(self.words("tries", tries=tries), classes="paragraph")

    def on_mount(self) -> None:
        """Show the digits that were typed."""
        if self.turn.typed_code is None:
            return
        digits = self.turn.typed_code.reveal().decode("ascii")
        with CodeB(bytearray(self.turn.typed_code.reveal())) as code:
            possible = code.birth_dates(self.session.today)
        self.say("birth", self.words("birth", digits=_spaced(digits[:6]), dates=self._dates(possible)))
        self.say("expiry", self.words("expiry", digits=_spaced(digits[6:10])))
        self.say("code", self.words("code", digits=_spaced(digits[10:])))
        self.query("#era").set_class(len(possible) == 1, "-absent")

    def on_unmount(self) -> None:
        """Leave no digit behind."""
        for place in ("birth", "expiry", "code"):
            self.say(place, "")

    def go_on(self) -> None:
        """Confirm: the reading screen spends one try."""
        is_settled = self.session.unit.clock.monotonic_s() >= self._settled_at_s
        if self.turn.typed_code is not None and is_settled:
            self.show_instead(CardReadingScreen.confirmed(self.session))

    def go_back(self) -> None:
        """Correct the digits."""
        self.return_to(CardPart.CODE)

    def _dates(self, possible: tuple[EraDate, ...]) -> str:
        texts = self.session.texts
        return texts("date.or").join(in_both_calendars(day, texts) for day in possible)


def _spaced(digits: str) -> str:
    return " ".join(digits)
