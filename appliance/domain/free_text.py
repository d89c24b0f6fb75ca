"""Free text that may be kept: no My Number, no control characters, no more than the record allows (R17, design D11).

A My Number is looked for in any script and through any grouping: every twelve digits in a row count, whatever spaces,
hyphens or invisible characters stand between them and whatever digits stand beside them. About one in ten such rows
passes the check digit by chance and is refused too: words between two numbers avoid that, while a My Number once kept
cannot be taken back (domain.md F9.1).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

from appliance.errors import FactsMalformed, MyNumberInText, TextTooLong

FREE_TEXT_LIMIT: Final = 400
"""Most characters of any free text; a field may allow fewer."""

_MY_NUMBER_DIGITS: Final = 12
_WEIGHTS: Final = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
"""Weights of the first eleven digits from the left (総務省令第85号, by way of card.md §9.3)."""
_DASHES_OF_OTHER_KINDS: Final = frozenset("ーｰ−_.．・･")
"""Written between groups of digits like a hyphen, but not of Unicode's dash category."""
_PIN_WORD: Final = re.compile(
    r"暗証|パスワード|(?<![ァ-ヶー])ピン(?![ァ-ヶー])|password|passcode|(?<![a-z])pin(?![a-z])"
)
_FOUR_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_NEAR: Final = 20
"""Characters between a word for a PIN and a group of four digits up to which they belong together."""


@unique
class TextWarning(Enum):
    """Something in an accepted text that staff should look at again."""

    LOOKS_LIKE_PIN = "looks_like_pin"
    """Four digits stand near a word for a PIN; a PIN is never written down (R16)."""


@dataclass(frozen=True, slots=True)
class FreeText:
    """A text that passed; `FreeText(...)` checks what `parse_free_text` checks."""

    text: str

    def __post_init__(self) -> None:
        """Refuse what may not be kept.

        Raises:
            TextTooLong: over `FREE_TEXT_LIMIT` characters.
            FactsMalformed: control characters or broken Unicode (`free_text`).
            MyNumberInText: twelve digits that could be a My Number.
        """
        if len(self.text) > FREE_TEXT_LIMIT:
            raise TextTooLong(FREE_TEXT_LIMIT)
        if any(_is_control(character) for character in self.text):
            raise FactsMalformed("free_text")
        if any(could_be_my_number(row) for row in _rows_of_twelve(self.text)):
            raise MyNumberInText

    @property
    def warnings(self) -> tuple[TextWarning, ...]:
        """What staff should look at again before saving; empty for most texts."""
        return (TextWarning.LOOKS_LIKE_PIN,) if _has_digits_near_pin_word(self.text) else ()

    def __repr__(self) -> str:
        """Show the length only, so that no log or traceback holds what was typed."""
        return f"FreeText({len(self.text)} characters)"


def parse_free_text(text: str, limit: int = FREE_TEXT_LIMIT) -> FreeText:
    """Return `text` as one that may be kept, of at most `limit` characters, without white space around it.

    Raises:
        TextTooLong: over `limit` characters, or over `FREE_TEXT_LIMIT`.
        FactsMalformed: control characters or broken Unicode (`free_text`).
        MyNumberInText: twelve digits that could be a My Number.
    """
    stripped = text.strip()
    if len(stripped) > limit:
        raise TextTooLong(limit)
    return FreeText(stripped)


def could_be_my_number(digits: str) -> bool:
    """Tell whether twelve ASCII digits end in the My Number's check digit (card.md §9.3); never a proof that they are one."""
    if len(digits) != _MY_NUMBER_DIGITS or not (digits.isascii() and digits.isdecimal()):
        return False
    remainder = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False)) % 11
    return int(digits[-1]) == (0 if remainder <= 1 else 11 - remainder)


def _rows_of_twelve(text: str) -> Iterator[str]:
    for row in _digit_rows(text):
        for start in range(len(row) - _MY_NUMBER_DIGITS + 1):
            yield row[start : start + _MY_NUMBER_DIGITS]


def _digit_rows(text: str) -> Iterator[str]:
    row = ""
    for character in text:
        digit = _digit(character)
        if digit is not None:
            row += digit
        elif not _is_separator(character):
            yield row
            row = ""
    yield row


def _digit(character: str) -> str | None:
    """Return the ASCII digit that a character of any script stands for: ３, ③, ٣ and 三 are all `3`."""
    value = unicodedata.numeric(character, -1.0)
    return str(int(value)) if value in range(10) else None


def _is_separator(character: str) -> bool:
    return (
        character.isspace()
        or character in _DASHES_OF_OTHER_KINDS
        or unicodedata.category(character) in {"Pd", "Cf", "Mn", "Me"}
    )


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t"


def _has_digits_near_pin_word(text: str) -> bool:
    plain = unicodedata.normalize("NFKC", text).casefold()
    groups = [match.span() for match in _FOUR_DIGITS.finditer(plain)]
    words = [match.span() for match in _PIN_WORD.finditer(plain)]
    return any(_gap(group, word) <= _NEAR for group in groups for word in words)


def _gap(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(one[0] - other[1], other[0] - one[1])
