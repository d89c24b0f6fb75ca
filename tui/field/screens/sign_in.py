"""Who works here today; the passphrase opens the day's roster (design D2). There is no PIN field in this program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from appliance.domain.ids import StaffId
from appliance.errors import UnitError
from appliance.service.visit_day import sign_in, staff_names
from tui.field.messages import SignedIn
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.widgets.choices import Choice, Choices
from tui.widgets.key_bar import KeyWord
from tui.widgets.prose import Prose

_PASSPHRASE_MOST: Final = 128


class StaffListed(Message):
    """The register said who can sign in."""

    def __init__(self, choices: Sequence[Choice[StaffId]]) -> None:
        """Tell the names."""
        super().__init__()
        self.choices = choices


class StaffScreen(StepScreen):
    """Which member of staff."""

    section = "staff"

    def __init__(self, session: Session, note: str = "") -> None:
        """Ask; `note` says why the day before ended, if the unit ended it."""
        super().__init__(session)
        self._note = note

    def body(self) -> Iterable[Widget]:
        """Return the question, and the list once it is known."""
        yield Prose(self.words("title"), classes="title")
        if self._note:
            yield Prose(self._note, classes="note")
        yield Prose(self.words("about"), classes="paragraph")
        yield Vertical(id="list")

    def keys(self) -> Sequence[KeyWord]:
        """Return the foot's keys: there is nothing to go back to."""
        return super().keys()[1:]

    def on_mount(self) -> None:
        """Ask the register."""
        unit = self.session.unit

        def list_staff() -> Message:
            return StaffListed([Choice(known.staff, known.name) for known in staff_names(unit)])

        self.work(list_staff, place="staff_names")

    def on_staff_listed(self, message: StaffListed) -> None:
        """Show the names."""
        for place in self.query("#list"):
            if message.choices:
                choices = Choices(message.choices[:9])
                place.mount(choices)
                self.call_after_refresh(choices.focus)
            else:
                place.mount(Prose(self.words("nobody"), classes="note"))

    def go_on(self) -> None:
        """Ask the chosen one for the passphrase."""
        for choices in self.query(Choices):
            self.show_instead(PassphraseScreen(self.session, choices.chosen))

    def go_back(self) -> None:
        """Stay: this is the beginning."""


class PassphraseScreen(StepScreen):
    """The passphrase of the chosen member of staff."""

    section = "passphrase"

    def __init__(self, session: Session, staff: StaffId) -> None:
        """Ask `staff`."""
        super().__init__(session)
        self._staff = staff
        self._field = Input(password=True, max_length=_PASSPHRASE_MOST, id="passphrase")
        self._is_asking = False

    def body(self) -> Iterable[Widget]:
        """Return the masked field."""
        yield Prose(self.words("title"), classes="title")
        yield Prose(self.words("about"), classes="paragraph")
        yield self._field
        yield Prose(id="waiting", classes="note")
        if self.session.training_hint is not None:
            yield Prose(self.words("hint", hint=self.session.training_hint), classes="training")

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Take Enter in the field like Enter on the screen."""
        message.stop()
        self.action_next()

    def go_on(self) -> None:
        """Try the passphrase once; the field is emptied at once."""
        field = self._field
        passphrase, field.value = field.value, ""
        if self._is_asking or not passphrase:
            return
        self._is_asking = True
        self.say("waiting", self.words("waiting"))
        unit, staff = self.session.unit, self._staff
        self.work(lambda: SignedIn(sign_in(unit, staff, passphrase)), place="sign_in")

    def go_back(self) -> None:
        """Ask for the name again."""
        if not self._is_asking:
            self.show_instead(StaffScreen(self.session))

    def meet(self, error: UnitError) -> None:
        """Say what is wrong and take another try."""
        self._is_asking = False
        self.say("waiting", "")
        super().meet(error)
