"""What every screen of the staff program has: head, one question, foot, the same keys, and a way to meet trouble."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widget import Widget

from appliance.errors import UnitError
from tui.field.background import Job, run_job
from tui.field.dialogs.trouble import TroubleDialog
from tui.field.head import Steps, UnitBar
from tui.field.messages import CardPart, Go, Return, Troubled, TurnEnded
from tui.field.session import NobodysTurn, Session
from tui.field.turn import Turn
from tui.widgets.choices import Choice, Choices
from tui.widgets.key_bar import KeyBar, KeyWord
from tui.widgets.prose import Prose

if TYPE_CHECKING:
    from textual.message import Message


class StepScreen(Screen[None]):
    """One question; subclasses say what it is and what Enter and Esc do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("enter", "next", ""),
        ("escape", "back", ""),
        ("f3", "other_way", ""),
        ("up", "scroll(-1)", ""),
        ("down", "scroll(1)", ""),
        ("pageup", "scroll(-10)", ""),
        ("pagedown", "scroll(10)", ""),
    ]
    AUTO_FOCUS = "Choices, CodeEntry, Input, DataTable"
    section: ClassVar[str]
    """Where this screen's words stand in the catalogue."""
    step: ClassVar[str | None] = None
    """Which step of a turn is marked in the head; None outside a turn."""

    def __init__(self, session: Session) -> None:
        """Belong to a session."""
        super().__init__()
        self.session = session
        self._turn = session.turn
        self._is_left = False
        self._is_in_trouble = False

    @property
    def turn(self) -> Turn:
        """The turn that this screen is part of; it may have ended meanwhile, and is then empty.

        Raises:
            NobodysTurn: the screen was opened without one, which is a mistake in the program.
        """
        if self._turn is None:
            raise NobodysTurn
        return self._turn

    def belongs_to(self, turn: Turn | None) -> bool:
        """Tell whether this screen is part of `turn`, None meaning of none."""
        return self._turn is turn

    def words(self, key: str, **values: object) -> str:
        """Return a text of this screen's section."""
        return self.session.texts(f"{self.section}.{key}", **values)

    def compose(self) -> ComposeResult:
        """Lay out head, body and foot."""
        yield UnitBar(self.session)
        if self.step is not None:
            yield Steps(self.session, self.step)
        with VerticalScroll(id="body", can_focus=False):
            yield from self.body()
        yield KeyBar(self.keys())

    def body(self) -> Iterable[Widget]:
        """Return what stands between head and foot."""
        raise NotImplementedError

    def keys(self) -> Sequence[KeyWord]:
        """Return the foot's keys."""
        texts = self.session.texts
        other = "other_way"
        return [
            KeyWord("Esc", texts("key.back"), "back"),
            KeyWord("F1", texts("key.help"), "app.help"),
            KeyWord("F9", texts("key.loss"), "app.loss"),
            *([KeyWord("F3", self.words(other), other)] if texts.has(f"{self.section}.{other}") else []),
            KeyWord("Enter", self.words("next"), "next"),
        ]

    def on_key(self, event: events.Key) -> None:
        """Let a digit choose an answer wherever the focus is."""
        if event.character is not None and event.character in "123456789":
            for choices in self.query(Choices):
                choices.choose(int(event.character) - 1)

    def on_choices_taken(self) -> None:
        """Take a clicked answer like Enter."""
        self.action_next()

    def action_next(self) -> None:
        """Go on, once."""
        if not self._is_left:
            self._do(self.go_on)

    def action_back(self) -> None:
        """Go back, once."""
        if not self._is_left:
            self._do(self.go_back)

    def action_other_way(self) -> None:
        """Take the other way of this screen, if it has one."""
        if not self._is_left:
            self._do(self.go_another_way)

    def action_scroll(self, rows: int) -> None:
        """Move a body that is longer than the screen."""
        for body in self.query("#body"):
            body.scroll_relative(y=rows, animate=False)

    def say(self, place: str, text: str) -> None:
        """Say a text in the place of that id, if it is still there: a worker may speak while the screen goes."""
        for prose in self.query(f"#{place}").results(Prose):
            prose.say(text)

    def _do(self, act: Callable[[], None]) -> None:
        try:
            act()
        except UnitError as error:
            self.meet(error)

    def go_on(self) -> None:
        """Do what Enter means here."""
        raise NotImplementedError

    def go_back(self) -> None:
        """Ask whether the person's turn is to end, which is what Esc means at the beginning of a step."""
        self.post_message(TurnEnded())

    def go_another_way(self) -> None:
        """Do what F3 means here: nothing, unless a screen says otherwise."""

    def leave(self, message: Message) -> None:
        """Leave this screen by a message to the program; later keys here do nothing."""
        self._is_left = True
        self.post_message(message)

    def close_off(self) -> None:
        """Take no more keys: the program leaves this screen."""
        self._is_left = True

    def show_instead(self, screen: StepScreen) -> None:
        """Leave this screen for another one."""
        self.leave(Go(screen))

    def return_to(self, part: CardPart) -> None:
        """Leave this screen for an earlier part of the card step."""
        self.leave(Return(part, self.turn))

    def work(self, job: Job, *, place: str) -> None:
        """Start a job in a thread; its message comes back here."""
        run_job(self, job, place=place)

    def on_troubled(self, message: Troubled) -> None:
        """Meet what a worker reports."""
        message.stop()
        if not self._is_left:
            self.meet(message.error)

    def meet(self, error: UnitError) -> None:
        """Show what happened and the ways on; one trouble at a time."""
        if self._is_in_trouble:
            return
        self._is_in_trouble = True
        self.session.light_for(error)
        self.app.push_screen(TroubleDialog(self.session, error, self.ways_on(error)), self._after_trouble)

    def _after_trouble(self, way: str | None) -> None:
        self._is_in_trouble = False
        if not self._is_left:
            self._do(lambda: self.take_way(way))

    def ways_on(self, error: UnitError) -> Sequence[Choice[str]]:  # noqa: ARG002 (subclasses look at it)
        """Return the ways that are open after an error; the first one is the likely one."""
        return [Choice("close", self.session.texts("trouble.close"))]

    def take_way(self, way: str | None) -> None:
        """Do what was chosen in the dialog: nothing more, unless a screen says otherwise."""
