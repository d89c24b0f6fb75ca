"""The proposed digits before a person: one after the other, the doubtful ones first, confirmed or typed anew (R03).

Only a person's act passes a digit: Enter where it is the card's, or the right digit's own key. An Enter that is held down
does not run through them, and none that was meant for a digit reaches the confirmation of the try. What comes out is a
typed code like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import ClassVar, Final

from textual import events
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from appliance.domain.front_sight import UNREAD
from appliance.errors import CodeMalformed
from appliance.service.digit_check import DigitCheck
from tui.field.code_meaning import BirthDigits, meaning_said, require_code
from tui.field.messages import CardPart
from tui.field.screens.card_confirm import CardConfirmScreen
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.widgets.code_entry import FIELD_NAMES, digit_of
from tui.widgets.digit_board import DigitBoard
from tui.widgets.key_bar import KeyWord
from tui.widgets.large_letters import LargeLetters
from tui.widgets.prose import Prose

HELD_KEY_S: Final = 0.15
"""A key that is held down repeats faster than this, and a bouncing button too; nobody compares a digit in that time."""
SETTLES_S: Final = 1.0
"""Somebody who has pressed Enter fourteen times may press it once more before seeing that the screen is another one."""
_PARTS: Final = (
    ("birth_year", 2),
    ("birth_month", 2),
    ("birth_day", 2),
    ("expiry_year", 4),
    ("security_code", 4),
)
"""What the digits stand for, in their order."""
_BIRTH: Final = ((0, 2), (2, 4), (4, 6))
_EXPIRY: Final = (6, 10)
_UNKNOWN: Final = "-"
"""Stands for an unread digit in large letters."""


class FrontDigitsScreen(StepScreen):
    """One digit at a time, large, with what all of them mean."""

    BINDINGS: ClassVar[list[BindingType]] = [("f4", "camera", "")]
    section = "front_digits"
    step = "card"

    def __init__(self, session: Session) -> None:
        """Ask about the digits that the turn keeps."""
        super().__init__(session)
        self._last_enter_s = session.unit.clock.monotonic_s()
        names = [session.texts(f"card_code.{name}.name") for name in FIELD_NAMES]
        self._board = DigitBoard(names, self.words("confirmed"))

    @property
    def check(self) -> DigitCheck | None:
        """The digits, None once the turn has ended."""
        return self.turn.digit_check

    def body(self) -> Iterable[Widget]:
        """Return the digits, the one that is asked about, and their meaning."""
        yield Prose(self.words("title"), classes="title")
        yield Prose(self.words("about"), classes="paragraph")
        yield self._board
        yield Horizontal(
            LargeLetters(_UNKNOWN, id="digit"),
            Vertical(Prose(id="here", classes="state"), Prose(id="meaning"), id="asked"),
            id="one",
        )

    def keys(self) -> Sequence[KeyWord]:
        """Return the foot's keys; the way back is typing."""
        *others, last = super().keys()[1:]
        typing = KeyWord("Esc", self.words("back"), "back")
        return [typing, *others, KeyWord("F4", self.words("again"), "camera"), last]

    def on_mount(self) -> None:
        """Ask about the first digit."""
        self._show()

    def on_unmount(self) -> None:
        """Leave no digit behind."""
        if self.check is not None:
            self.turn.forget_check()
        for place in ("here", "meaning"):
            self.say(place, "")
        for digit in self.query(LargeLetters):
            digit.say(_UNKNOWN)

    def on_key(self, event: events.Key) -> None:
        """Take the digit that a person typed, or go back to the one before."""
        check = self.check
        if check is None or self._is_left:
            return
        digit = digit_of(event.character or "")
        if event.key in {"backspace", "left"}:
            check.take_back()
        elif digit is not None:
            check.correct(digit)
        else:
            return
        event.stop()
        self._do(self._go_through)

    def go_on(self) -> None:
        """Confirm one digit; an unread one has to be typed."""
        check = self.check
        if check is None or self._is_held():
            return
        if check.place is not None and check.reveal()[check.place] == UNREAD:
            return
        check.confirm()
        self._go_through()

    def go_back(self) -> None:
        """Type the digits instead; the proposal is forgotten."""
        self.turn.forget_check()
        self.return_to(CardPart.CODE)

    def action_camera(self) -> None:
        """Look at the card once more."""
        if not self._is_left:
            self.turn.forget_check()
            self.return_to(CardPart.FRONT)

    def _go_through(self) -> None:
        """Ask about the next digit; after the last one go on as with a typed code.

        Raises:
            CodeMalformed: no card has these digits; all are asked about once more.
        """
        check = self.check
        if check is None:
            return
        if check.is_complete:
            digits = check.take_digits()
            try:
                require_code(digits)
            except CodeMalformed:
                check.begin_again()
                self._show()
                raise
            self.turn.keep_code(digits)
            self.turn.forget_check()
            self.show_instead(CardConfirmScreen(self.session, SETTLES_S))
            return
        self._show()

    def _is_held(self) -> bool:
        """Tell whether this Enter comes from a key that is held down, or that was meant for the screen before."""
        now_s = self.session.unit.clock.monotonic_s()
        since_s, self._last_enter_s = now_s - self._last_enter_s, now_s
        return since_s < HELD_KEY_S

    def _show(self) -> None:
        check = self.check
        if check is None or check.place is None:
            return
        digits, place = check.reveal(), check.place
        self._board.show(digits, place, check.doubtful, check.confirmed)
        is_unread = digits[place] == UNREAD
        for large in self.query(LargeLetters):
            large.say(_UNKNOWN if is_unread else chr(digits[place]))
        state = "unread" if is_unread else "doubtful" if place in check.doubtful else "read"
        self.say("here", self.words(f"here.{state}", digit=self._name_of(place)))
        self.query("#here").set_class(state != "read", "-attention")
        birth, expiry_year = _birth(digits), _number(digits, *_EXPIRY)
        self.say("meaning", meaning_said(self.session, birth, expiry_year, check.era))

    def _name_of(self, place: int) -> str:
        """Return how the digit at `place` is called, such as the first of the birth year."""
        ends = list(accumulate(size for _, size in _PARTS))
        at = next(index for index, end in enumerate(ends) if place < end)
        part, size = _PARTS[at]
        number = place - (ends[at] - size) + 1
        return self.words("digit", part=self.words(f"part.{part}"), number=number)


def _birth(digits: bytes) -> BirthDigits | None:
    year, month, day = (_number(digits, *span) for span in _BIRTH)
    return None if year is None or month is None or day is None else (year, month, day)


def _number(digits: bytes, start: int, end: int) -> int | None:
    """Return the number in ASCII digits, None where one was not read."""
    value = 0
    for each in digits[start:end]:
        if each == UNREAD:
            return None
        value = value * 10 + each - ord("0")
    return value
