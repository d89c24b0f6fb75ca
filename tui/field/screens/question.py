"""A screen that asks one question with a few answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from textual.widget import Widget

from tui.field.step import StepScreen
from tui.widgets.choices import Choice, Choices
from tui.widgets.prose import Prose

Value = TypeVar("Value")


class QuestionScreen(StepScreen, Generic[Value]):
    """Title, a few words about the question, answers."""

    def choices(self) -> Sequence[Choice[Value]]:
        """Return the answers."""
        raise NotImplementedError

    def answered(self, value: Value) -> None:
        """Take the answer."""
        raise NotImplementedError

    def first(self) -> int:
        """Return the index of the answer that is chosen at first."""
        return 0

    def about(self) -> Iterable[Widget]:
        """Return what stands between title and answers."""
        yield Prose(self.words("about"), classes="paragraph")

    def body(self) -> Iterable[Widget]:
        """Return the question."""
        yield Prose(self.words("title"), classes="title")
        yield from self.about()
        yield Choices(self.choices(), first=self.first())

    def go_on(self) -> None:
        """Take the chosen answer."""
        for choices in self.query(Choices):
            self.answered(choices.chosen)
