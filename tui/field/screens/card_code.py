"""Reference code B from the card's front: typed, shown in both calendars, confirmed by a person, once (R02, R03, D5)."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from appliance.card.code_b import GREATEST_AGE_AT_EXPIRY, CodeB
from appliance.domain.enrollment import CardNotRead
from appliance.domain.ephemeral import overwrite
from appliance.domain.era import EraDate, days_written
from appliance.errors import CodeMalformed
from tui.dates import in_both_calendars, in_era
from tui.field.screens.card_pass import CardPassScreen
from tui.field.screens.card_reading import CardReadingScreen
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.widgets.code_entry import CodeEntry, FieldWords
from tui.widgets.prose import Prose


class CardCodeScreen(StepScreen):
    """Fourteen digits in three fields."""

    section = "card_code"
    step = "card"

    def __init__(self, session: Session, tries_after_wrong: int | None = None) -> None:
        """Ask for the code; after a wrong one, say how many tries the card has left."""
        super().__init__(session)
        self._tries_after_wrong = tries_after_wrong
        self._entry = CodeEntry(
            [FieldWords(self.words(f"{part}.name"), self.words(f"{part}.hint")) for part in _PARTS]
        )

    def body(self) -> Iterable[Widget]:
        """Return the fields and what the digits mean."""
        yield Prose(self.words("title"), classes="title")
        if self._tries_after_wrong is not None:
            yield Prose(self.words("wrong", tries=self._tries_after_wrong), classes="note")
        yield Prose(self.words("about"), classes="paragraph")
        yield self._entry
        yield Prose(id="meaning", classes="state")
        yield from self._training()

    def on_mount(self) -> None:
        """Show what was typed before, if the card left in between."""
        if self.turn.typed_code is not None:
            self._entry.put_digits(self.turn.typed_code.reveal())

    def on_code_entry_changed(self) -> None:
        """Show what the digits mean."""
        entry = self._entry
        birth = self._birth_meaning(entry)
        expiry = "" if entry.expiry_year is None else self.words("expiry", year=entry.expiry_year)
        self.say("meaning", "\n".join(line for line in (birth, expiry) if line))

    def go_on(self) -> None:
        """Check the shape and ask for the confirmation; nothing goes to the card yet."""
        entry = self._entry
        if not entry.is_complete:
            self.say("meaning", self.words("incomplete"))
            return
        digits = entry.take_digits()
        try:
            CodeB(bytearray(digits)).wipe()
        except CodeMalformed as error:
            overwrite(digits)
            self.meet(error)
            return
        self.turn.keep_code(digits)
        entry.wipe()
        self.show_instead(CardConfirmScreen(self.session))

    def go_back(self) -> None:
        """Look at the card again."""
        from tui.field.screens.card_place import CardPlaceScreen

        self.turn.forget_code()
        self.show_instead(CardPlaceScreen(self.session))

    def go_another_way(self) -> None:
        """Go on without the code."""
        self.turn.forget_code()
        self.show_instead(CardPassScreen(self.session, CardNotRead.CODE_UNKNOWN))

    def _birth_meaning(self, entry: CodeEntry) -> str:
        digits = entry.birth_digits
        if digits is None:
            return ""
        today = self.session.today
        oldest = today.replace(year=today.year - GREATEST_AGE_AT_EXPIRY, day=1)
        possible = [day for day in days_written(*digits) if oldest <= day.to_date() <= today]
        if not possible:
            return self.words("no_such_day")
        texts = self.session.texts
        return self.words(
            "birth", dates=texts("date.or").join(in_both_calendars(day, texts) for day in possible)
        )

    def _training(self) -> Iterable[Widget]:
        hand = self.session.hand
        front = hand.printed_front(self.turn.entry.person) if hand is not None else None
        if front is not None:
            birth = in_era(front.birth_date, self.session.texts)
            said = self.words("training", birth=birth, year=front.expiry_year, code=front.security_code)
            yield Prose(said, classes="training")


_PARTS = ("birth_date", "expiry_year", "security_code")


class CardConfirmScreen(StepScreen):
    """The whole code once more, large, before it is spent: this Enter is the confirmation of exactly one try."""

    section = "card_confirm"
    step = "card"

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
        if self.turn.typed_code is not None:
            self.show_instead(CardReadingScreen.confirmed(self.session))

    def go_back(self) -> None:
        """Correct the digits."""
        self.show_instead(CardCodeScreen(self.session))

    def _dates(self, possible: tuple[EraDate, ...]) -> str:
        texts = self.session.texts
        return texts("date.or").join(in_both_calendars(day, texts) for day in possible)


def _spaced(digits: str) -> str:
    return " ".join(digits)
