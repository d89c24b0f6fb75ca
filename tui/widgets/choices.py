"""A short list of answers: digits, arrows and the mouse choose one, Enter (the screen's key) takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget

from tui.widgets.prose import Prose

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Choice(Generic[Value]):
    """One answer."""

    value: Value
    label: str


class Choices(Vertical, Generic[Value], can_focus=True):
    """Answers one under the other, the chosen one marked with a sign and a colour."""

    class Taken(Message):
        """The chosen answer was clicked: the same as Enter."""

    def __init__(self, choices: Sequence[Choice[Value]], *, first: int = 0, id: str | None = None) -> None:  # noqa: A002
        """Offer `choices`, at most nine, with the one at `first` chosen."""
        super().__init__(id=id)
        self._choices = tuple(choices)
        self._at = first

    @property
    def chosen(self) -> Value:
        """The chosen answer."""
        return self._choices[self._at].value

    def compose(self) -> ComposeResult:
        """Lay out the rows."""
        for index, choice in enumerate(self._choices):
            yield ChoiceRow(index, choice.label)

    def on_mount(self) -> None:
        """Mark the first answer."""
        self._mark()

    def choose(self, index: int) -> None:
        """Choose an answer; an index that is not there is ignored."""
        if 0 <= index < len(self._choices):
            self._at = index
            self._mark()

    def on_key(self, event: events.Key) -> None:
        """Move with the arrows."""
        steps = {"up": -1, "down": 1}
        if event.key in steps:
            event.stop()
            self.choose((self._at + steps[event.key]) % len(self._choices))

    def on_choice_row_clicked(self, message: ChoiceRow.Clicked) -> None:
        """Choose what is clicked; a click on the chosen answer takes it."""
        message.stop()
        if message.index == self._at:
            self.post_message(self.Taken())
        else:
            self.choose(message.index)

    def _mark(self) -> None:
        for row in self.query(ChoiceRow):
            row.mark(is_chosen=row.index == self._at)


class ChoiceRow(Widget):
    """One answer with its digit."""

    class Clicked(Message):
        """The row was clicked."""

        def __init__(self, index: int) -> None:
            """Tell which."""
            super().__init__()
            self.index = index

    def __init__(self, index: int, label: str) -> None:
        """Show the answer with the digit `index` + 1."""
        super().__init__()
        self.index = index
        self._label = label
        self._sign = Prose("  ", classes="sign")

    def compose(self) -> ComposeResult:
        """Lay out sign, digit and text."""
        yield self._sign
        yield Prose(f" {self.index + 1} ", classes="digit")
        yield Prose(self._label, classes="label")

    def mark(self, *, is_chosen: bool) -> None:
        """Show whether this is the chosen answer."""
        self.set_class(is_chosen, "-chosen")
        self._sign.say(">>" if is_chosen else "  ")

    def on_click(self) -> None:
        """Tell the list."""
        self.post_message(self.Clicked(self.index))
