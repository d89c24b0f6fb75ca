"""Fourteen digits from the card's front in three fields: birth date by era, expiry year, security code (R03).

The digits live in one buffer that is wiped, not in a text widget: nothing of them can be copied, suggested or remembered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from appliance.domain.ephemeral import overwrite
from tui.widgets.prose import Prose

FIELD_NAMES: Final = ("birth_date", "expiry_year", "security_code")
FIELD_SIZES: Final = (6, 4, 4)
CODE_SIZE: Final = sum(FIELD_SIZES)
_GROUPS: Final = ((2, 2, 2), (4,), (4,))
_FULL_WIDTH_ZERO: Final = ord("０")
_EMPTY: Final = "_"
_MASKED: Final = "*"


@dataclass(frozen=True, slots=True)
class FieldWords:
    """A field's name and what it is made of."""

    name: str
    hint: str


class CodeEntry(Horizontal, can_focus=True):
    """Takes digits one after the other and knows which field the next one belongs to."""

    class Changed(Message):
        """Digits were typed or taken back."""

    def __init__(self, words: Sequence[FieldWords], *, id: str | None = None) -> None:  # noqa: A002
        """Name the three fields."""
        super().__init__(id=id)
        self._words = tuple(words)
        self._fields = tuple(
            Prose(classes="digits", id=f"digits-{index}") for index in range(len(FIELD_SIZES))
        )
        # Of fixed size, so that growing never leaves a copy behind.
        self._digits = bytearray(CODE_SIZE)
        self._typed = 0

    @property
    def is_complete(self) -> bool:
        """Whether all fourteen digits are there."""
        return self._typed == CODE_SIZE

    @property
    def birth_digits(self) -> tuple[int, int, int] | None:
        """Era year, month and day once the first field is full."""
        if self._typed < FIELD_SIZES[0]:
            return None
        year, month, day = (self._number(at, at + 2) for at in (0, 2, 4))
        return year, month, day

    @property
    def expiry_year(self) -> int | None:
        """The expiry year once the second field is full."""
        end = FIELD_SIZES[0] + FIELD_SIZES[1]
        return self._number(FIELD_SIZES[0], end) if self._typed >= end else None

    def take_digits(self) -> bytearray:
        """Return a copy of the digits, which the caller wipes."""
        return self._digits[: self._typed]

    def put_digits(self, digits: bytes) -> None:
        """Show digits that were typed before."""
        self._typed = min(len(digits), CODE_SIZE)
        self._digits[: self._typed] = digits[: self._typed]
        self._changed()

    def wipe(self) -> None:
        """Overwrite the digits; safe to call again."""
        self._forget()
        if self.is_mounted:
            self._changed()

    def on_unmount(self) -> None:
        """Leave nothing behind."""
        self._forget()

    def compose(self) -> ComposeResult:
        """Lay out the three fields."""
        for words, digits in zip(self._words, self._fields, strict=True):
            yield Vertical(
                Prose(words.name, classes="name"),
                digits,
                Prose(words.hint, classes="hint"),
                classes="field",
            )

    def on_mount(self) -> None:
        """Show the empty fields."""
        self._show()

    def on_key(self, event: events.Key) -> None:
        """Take a digit, or take the last one back."""
        if event.key in {"backspace", "left"}:
            event.stop()
            self._take_back()
            self._changed()
        elif event.character is not None and self._take(event.character):
            event.stop()
            self._changed()

    def on_paste(self, event: events.Paste) -> None:
        """Take the digits of what a scanner or an input method sends in one piece."""
        event.stop()
        for character in event.text:
            self._take(character)
        self._changed()

    def _take(self, character: str) -> bool:
        digit = digit_of(character)
        if digit is None:
            return False
        if not self.is_complete:
            self._digits[self._typed] = ord("0") + digit
            self._typed += 1
        return True

    def _take_back(self) -> None:
        if self._typed:
            self._typed -= 1
            self._digits[self._typed] = 0

    def _forget(self) -> None:
        overwrite(self._digits)
        self._typed = 0

    def _changed(self) -> None:
        self._show()
        self.post_message(self.Changed())

    def _show(self) -> None:
        start = 0
        for index, size in enumerate(FIELD_SIZES):
            self._fields[index].say(self._field(start, index))
            is_next = start <= self._typed < start + size
            self._fields[index].set_class(is_next, "-next")
            start += size

    def _field(self, start: int, index: int) -> str:
        groups = []
        for size in _GROUPS[index]:
            typed = self._digits[start : min(start + size, self._typed)].decode("ascii")
            groups.append(" ".join(typed.ljust(size, _EMPTY)))
            start += size
        return "  ".join(groups)

    def _number(self, start: int, end: int) -> int:
        value = 0
        for each in self._digits[start:end]:
            value = value * 10 + each - ord("0")
        return value


def masked_code() -> str:
    """Return the code's place after its confirmation, in the same groups without its digits."""
    return "   ".join(_MASKED * size for size in FIELD_SIZES)


def digit_of(character: str) -> int | None:
    """Return the value of a digit, also of a full-width one, or None for any other text."""
    code = ord(character) if len(character) == 1 else -1
    for zero in (ord("0"), _FULL_WIDTH_ZERO):
        if zero <= code <= zero + 9:
            return code - zero
    return None
