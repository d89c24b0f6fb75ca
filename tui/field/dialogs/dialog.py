"""A box over the screen with text and answers; it returns the answer, or None for Esc."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen

from tui.field.session import Session
from tui.widgets.choices import Choice, Choices
from tui.widgets.key_bar import KeyBar, KeyWord
from tui.widgets.prose import Prose


class Dialog(ModalScreen[str | None]):
    """Title, paragraphs, and answers if there is more than one."""

    class Closed(Message):
        """A dialog is gone from the screen; goes to the program."""

    BINDINGS: ClassVar[list[BindingType]] = [("enter", "take", ""), ("escape", "close", "")]
    AUTO_FOCUS = "Choices"

    def __init__(
        self,
        session: Session,
        title: str,
        paragraphs: Iterable[str],
        answers: Sequence[Choice[str]] = (),
        *,
        first: int = 0,
    ) -> None:
        """Say `title` and `paragraphs` and offer `answers`, with the one at `first` chosen."""
        super().__init__()
        self.session = session
        self._heading = title
        self._paragraphs = tuple(paragraphs)
        self._answers = tuple(answers)
        self._first = first

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        texts = self.session.texts
        take = texts("key.choose") if len(self._answers) > 1 else texts("key.close")
        with Vertical(id="box"):
            yield Prose(self._heading, classes="title")
            with VerticalScroll(id="said", can_focus=False):
                for paragraph in self._paragraphs:
                    yield Prose(paragraph, classes="paragraph")
            if len(self._answers) > 1:
                yield Choices(self._answers, first=self._first)
            yield KeyBar(
                [KeyWord("Esc", texts("key.close"), "close"), KeyWord("Enter", take, "take")]
                if len(self._answers) > 1
                else [KeyWord("Enter", take, "take")]
            )

    def on_key(self, event: events.Key) -> None:
        """Let a digit choose."""
        if event.character is not None and event.character in "123456789":
            for choices in self.query(Choices):
                choices.choose(int(event.character) - 1)

    def on_unmount(self) -> None:
        """Let the program show what waited behind this box."""
        self.app.post_message(self.Closed())

    def on_choices_taken(self) -> None:
        """Take a clicked answer."""
        self.action_take()

    def action_take(self) -> None:
        """Return the chosen answer; of one answer, that one."""
        if not self.is_current:
            return
        chosen = [choices.chosen for choices in self.query(Choices)]
        self.dismiss(chosen[0] if chosen else self._only_answer)

    def action_close(self) -> None:
        """Return no answer; where there is only one, that one."""
        if self.is_current:
            self.dismiss(self._only_answer)

    @property
    def _only_answer(self) -> str | None:
        return self._answers[0].value if len(self._answers) == 1 else None
