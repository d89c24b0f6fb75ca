"""The staff program: it shows one screen at a time, follows the visit's own state, and wipes on every way out.

The order of steps is not decided here but by the enrollment; this maps its states to screens, polls the store, listens to the
three big buttons, and locks itself when nobody is there.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Final

from rich.console import RenderableType
from rich.text import Text
from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import ModalScreen

from appliance.domain.enrollment import VisitState
from appliance.domain.outbox import OutboxCounts
from appliance.errors import UnitError
from appliance.ports import Lamp
from appliance.service.unit import Unit
from tui.catalogue import Language, catalogue
from tui.field.background import run_job
from tui.field.buttons import ButtonPressed, watch_buttons
from tui.field.dialogs.dialog import Dialog
from tui.field.dialogs.loss import LossDialog
from tui.field.dialogs.scenes import choose_scene
from tui.field.head import UnitBar
from tui.field.look import PAPER, THEME_NAME
from tui.field.messages import (
    CardPart,
    Go,
    LivenessSeen,
    PersonChosen,
    Return,
    SignedIn,
    Standing,
    StandingSeen,
    Troubled,
    UnitNeedsHelp,
)
from tui.field.screens.card_code import CardCodeScreen
from tui.field.screens.card_front import CardFrontScreen
from tui.field.screens.card_place import CardPlaceScreen
from tui.field.screens.decision import DecisionScreen
from tui.field.screens.face import FaceScreen
from tui.field.screens.notice import NoticeScreen
from tui.field.screens.programme import first_programme_screen
from tui.field.screens.saved import SavedScreen, SaveScreen
from tui.field.screens.sign_in import StaffScreen
from tui.field.screens.today import TodayScreen
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.field.training import TrainingHand
from tui.field.turn import Turn
from tui.terminal import has_hung_up
from tui.widgets.choices import Choice
from tui.widgets.picture import ChipPicture

STANDING_EVERY_S: Final = 1.0
"""How often the store is asked where the records stand."""
IDLE_LOCK_S: Final = 300.0
"""After five minutes without a key the day is signed out."""
_STEPS: Final[dict[VisitState, Callable[[Session], StepScreen]]] = {
    VisitState.NOTICE: NoticeScreen,
    VisitState.CARD: CardPlaceScreen,
    VisitState.FACE: FaceScreen,
    VisitState.DECISION: DecisionScreen,
    VisitState.PROGRAMMES: first_programme_screen,
    VisitState.SAVED: SavedScreen,
}
"""Which screen begins the step that the visit has reached."""
_CARD_PARTS: Final[dict[CardPart, Callable[[Session], StepScreen]]] = {
    CardPart.PLACE: CardPlaceScreen,
    CardPart.CODE: CardCodeScreen,
    CardPart.FRONT: CardFrontScreen,
}


class FieldApp(App[None]):
    """The program of one field unit for its staff."""

    CSS_PATH: ClassVar = [
        Path(__file__).parents[1] / "styles" / name for name in ("field.tcss", "turn.tcss", "dialogs.tcss")
    ]
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", show=False, priority=True),
        Binding("f9", "loss", show=False, priority=True),
        Binding("f2", "training_card", show=False, priority=True),
        Binding("f8", "training_scene", show=False, priority=True),
        Binding("ctrl+q", "leave", show=False, priority=True),
        Binding("ctrl+c", "leave", show=False, priority=True),
    ]

    def __init__(
        self,
        unit: Unit,
        language: Language = "ja",
        *,
        training_hint: str | None = None,
        hand: TrainingHand | None = None,
        idle_lock_s: float = IDLE_LOCK_S,
    ) -> None:
        """Work with `unit`, which stays its owner's to close.

        `training_hint` is shown at the sign-in and `hand` moves invented cards; both belong to training only.
        """
        super().__init__()
        self.session = Session(unit, catalogue(language), training_hint, hand)
        self._idle_lock_s = idle_lock_s
        self._last_input_s = unit.clock.monotonic_s()
        self._next_step: StepScreen | None = None
        self._is_polling = False

    def on_mount(self) -> None:
        """Show the sign-in and start what runs beside the screens."""
        self.register_theme(PAPER)
        self.theme = THEME_NAME
        unit = self.session.unit
        self.push_screen(StaffScreen(self.session))
        self.set_interval(STANDING_EVERY_S, self._beat)
        run_job(self, lambda: watch_buttons(self, unit.panel), place="panel")
        self._end_on_signals()

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End the program, and at once whatever a turn still holds."""
        self._forget_turn()
        super().exit(result, return_code, message)

    def on_unmount(self) -> None:
        """Wipe what a turn may still hold, whatever ended the program."""
        self._forget_turn()

    def _forget_turn(self) -> None:
        self.session.end_turn()
        for screen in self.screen_stack:
            for picture in screen.query(ChipPicture):
                picture.wipe()

    def _end_on_signals(self) -> None:
        if self.is_headless:
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.exit)

    def _fatal_error(self) -> None:
        """End after a mistake in the program: wipe, and one line instead of a traceback with its variables."""
        self._forget_turn()
        self._exit_renderables.append(Text(self.session.texts("crash.line")))
        self._close_messages_no_wait()

    def _beat(self) -> None:
        if not self.is_headless and has_hung_up(sys.__stdin__.fileno() if sys.__stdin__ else 0):
            self.exit()
            return
        self.lock_when_idle()
        self.poll_standing()

    def poll_standing(self) -> None:
        """Ask the store where the records stand, unless it is still being asked."""
        day = self.session.day
        if self._is_polling:
            return
        self._is_polling = True
        store = self.session.unit.store

        def ask() -> Message:
            try:
                rows = (
                    {} if day is None else {entry.person: day.row_of(entry) for entry in day.roster.entries}
                )
                states = {person: row.state for person, row in rows.items() if row is not None}
                return StandingSeen(Standing(store.counts(), states))
            except UnitError:
                return StandingSeen(Standing(OutboxCounts(), {}, is_known=False))

        run_job(self, ask, place="standing")

    def on_standing_seen(self, message: StandingSeen) -> None:
        """Show it on every screen of the stack that shows it."""
        self._is_polling = False
        self.session.standing = message.standing
        for screen in self.screen_stack:
            for bar in screen.query(UnitBar):
                bar.show(message.standing)
            if isinstance(screen, TodayScreen | SavedScreen):
                screen.show(message.standing)

    def lock_when_idle(self) -> None:
        """Sign the day out when nobody has pressed a key for a long time, unless a record is being committed."""
        idle_s = self.session.unit.clock.monotonic_s() - self._last_input_s
        is_saving = any(isinstance(screen, SaveScreen) and screen.is_saving for screen in self.screen_stack)
        if self.session.day is not None and idle_s >= self._idle_lock_s and not is_saving:
            self._sign_out(self.session.texts("lock.note"))

    async def on_event(self, event: events.Event) -> None:
        """Note that somebody is there; a key that comes while the program closes has no screen left to go to."""
        if isinstance(event, events.InputEvent | events.Paste):
            if not self.screen_stack:
                return
            self._last_input_s = self.session.unit.clock.monotonic_s()
        await super().on_event(event)

    def on_button_pressed(self, message: ButtonPressed) -> None:
        """Press the key that the button stands for."""
        self.simulate_key(message.key)

    def on_signed_in(self, message: SignedIn) -> None:
        """Begin the day."""
        self.session.day = message.day
        self.poll_standing()
        self._show(TodayScreen(self.session))

    def on_person_chosen(self, message: PersonChosen) -> None:
        """Begin a person's turn."""
        self._forget_turn()
        self.session.turn = Turn(self.session.signed_in_day, message.entry)
        self._show(NoticeScreen(self.session))

    def on_proceed(self) -> None:
        """Show the step that the visit has reached."""
        turn = self.session.turn
        if turn is not None:
            self._show(_STEPS[turn.visit.enrollment.state](self.session))

    def on_go(self, message: Go) -> None:
        """Show another screen of the same step, unless its turn has ended meanwhile."""
        if isinstance(message.screen, StepScreen) and message.screen.belongs_to(self.session.turn):
            self._show(message.screen)

    def on_return(self, message: Return) -> None:
        """Show an earlier part of the card step, unless its turn has ended meanwhile."""
        if message.turn is self.session.turn:
            self._show(_CARD_PARTS[message.part](self.session))

    def on_turn_ended(self) -> None:
        """Leave a finished turn at once, an unfinished one only after a question."""
        turn = self.session.turn
        if turn is None:
            return
        if turn.visit.enrollment.state is VisitState.SAVED:
            self._end_turn()
        else:
            self._ask("abandon", self._end_turn)

    def on_sign_out_wished(self) -> None:
        """End the day only after a question."""
        self._ask("sign_out", lambda: self._sign_out(""))

    def _end_turn(self) -> None:
        self._forget_turn()
        self._take_training_card()
        self._show(TodayScreen(self.session) if self.session.day else StaffScreen(self.session))

    def _sign_out(self, note: str) -> None:
        self._forget_turn()
        self._take_training_card()
        day, self.session.day = self.session.day, None
        self.session.standing = Standing(self.session.standing.counts, {})
        if day is not None:
            run_job(self, day.sign_out, place="sign_out")
        self._forget_reader()
        self._close_dialogs()
        self._show(StaffScreen(self.session, note))

    def _forget_reader(self) -> None:
        """Let the next day begin with whichever reader holds the card."""
        readers = self.session.unit.readers
        if readers is not None:
            run_job(self, lambda: readers.choose(""), place="readers")

    def _show(self, screen: StepScreen) -> None:
        """Show a step; while a dialog is open it waits, so that a key meant for the dialog never reaches it."""
        if not self.screen_stack:
            # The program is closing; its last dialog has just gone.
            return
        if isinstance(self.screen, ModalScreen):
            self._next_step = screen
            return
        self._next_step = None
        if isinstance(self.screen, StepScreen):
            self.screen.close_off()
        self.switch_screen(screen)

    def _close_dialogs(self) -> None:
        while isinstance(self.screen, ModalScreen):
            self.pop_screen()
        self._next_step = None

    def on_dialog_closed(self) -> None:
        """Show the step that waited behind a dialog."""
        waiting = self._next_step
        if waiting is not None:
            self._show(waiting)

    def action_help(self) -> None:
        """Say what to do on this screen, and which keys there are."""
        texts = self.session.texts
        section = self.screen.section if isinstance(self.screen, StepScreen) else None
        if section is not None:
            about = texts(f"{section}.help") if texts.has(f"{section}.help") else texts("help.about")
            self._open("help.title", [about, texts("help.keys"), texts("help.line")])

    def action_loss(self) -> None:
        """Say what to do when a card is lost, from anywhere (R26)."""
        if not any(isinstance(screen, LossDialog) for screen in self.screen_stack):
            self.push_screen(LossDialog(self.session))

    def action_leave(self) -> None:
        """End the program after a question; an open turn is wiped."""
        if not isinstance(self.screen, ModalScreen):
            self._ask("leave", self.exit)

    def _ask(self, section: str, act: Callable[[], object]) -> None:
        texts = self.session.texts

        def after(answer: str | None) -> None:
            if answer == "yes":
                act()

        answers = [Choice("no", texts(f"{section}.no")), Choice("yes", texts(f"{section}.yes"))]
        dialog = Dialog(self.session, texts(f"{section}.title"), [texts(f"{section}.about")], answers)
        self.push_screen(dialog, after)

    def _open(self, title: str, paragraphs: Sequence[str]) -> None:
        self.push_screen(Dialog(self.session, self.session.texts(title), paragraphs))

    def on_troubled(self, message: Troubled) -> None:
        """Meet what a worker of the program itself reports."""
        if isinstance(self.screen, StepScreen):
            self.screen.meet(message.error)

    def on_unit_needs_help(self, message: UnitNeedsHelp) -> None:
        """Wipe the turn, note class and place, and say who can help (examples.md E5)."""
        unit, texts = self.session.unit, self.session.texts
        self._forget_turn()
        unit.panel.light(Lamp.ATTENTION, on=True)
        if message.place != "audit":
            run_job(
                self,
                lambda: unit.store.audit("unexpected", f"{message.kind} in {message.place}"),
                place="audit",
            )
        self._is_polling = False
        self._close_dialogs()
        self._show(TodayScreen(self.session) if self.session.day else StaffScreen(self.session))
        self._open(
            "unexpected.title", [texts("unexpected.about"), texts("unexpected.next", kind=message.kind)]
        )

    def action_training_card(self) -> None:
        """Put the invented card of the person whose turn it is on the reader, and seat the person (R30).

        Where the card is held before the camera, it is turned over instead.
        """
        hand, turn = self.session.hand, self.session.turn
        if hand is None or turn is None:
            return
        if isinstance(self.screen, CardFrontScreen):
            self.screen.turn_training_card()
            return
        person = turn.entry.person

        def put() -> None:
            hand.put_card(person)
            hand.seat(person)

        run_job(self, put, place="training_card")

    def action_training_scene(self) -> None:
        """Let a trainee choose what happens before the camera."""
        if not isinstance(self.screen, ModalScreen):
            choose_scene(self, self.session)

    def on_liveness_seen(self, message: LivenessSeen) -> None:
        """Let an invented person do what is asked."""
        if self.session.hand is not None:
            self.session.hand.obey(message.sight.ask)

    def _take_training_card(self) -> None:
        if self.session.hand is not None:
            run_job(self, self.session.hand.take_card, place="training_card")
