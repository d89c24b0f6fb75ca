"""What characters on a line mean: the birth date in its era, the expiry date, the security code.

Pure: characters with confidences in, numbers with their places out. A line that does not have exactly the printed form
says nothing at all; there is no guessing of a missing sign (R03).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import Final, Protocol

from appliance.domain.era import Era


class Seen(Protocol):
    """A character that was read on a line."""

    @property
    def character(self) -> str:
        """What was read."""

    @property
    def confidence(self) -> float:
        """From 0 to 1."""


@unique
class Part(Enum):
    """A number on the front; its value is its first place and its size among the digits that are voted on.

    The first fourteen places are those of reference code B (card.md §9.2). Month and day of expiry follow: they are not
    in the code, but print the birthday a second time.
    """

    BIRTH_YEAR = (0, 2)
    """In its era."""
    BIRTH_MONTH = (2, 2)
    BIRTH_DAY = (4, 2)
    EXPIRY_YEAR = (6, 4)
    SECURITY_CODE = (10, 4)
    EXPIRY_MONTH = (14, 2)
    EXPIRY_DAY = (16, 2)

    @property
    def first(self) -> int:
        """The place of the first digit."""
        return self.value[0]

    @property
    def size(self) -> int:
        """How many digits it has."""
        return self.value[1]


PLACES: Final = 18
"""Digits that are voted on."""
CODE_PLACES: Final = 14
"""The first of them: reference code B."""


@dataclass(frozen=True, slots=True)
class PartSeen:
    """One number as it was read once."""

    part: Part
    digits: tuple[int, ...]
    """As many as the part has; a month or day of one digit gets a zero before it."""
    confidence: float
    """Of its least certain character, from 0 to 1."""
    characters: tuple[int, int]
    """Where its digits stand among the characters: first, and the one after the last; equal when none is printed (元)."""

    @property
    def printed(self) -> int:
        """How many digits are printed."""
        return self.characters[1] - self.characters[0]

    def __repr__(self) -> str:
        """Show the part only: the digits are a piece of a key (F9.26)."""
        return f"PartSeen({self.part.name}, hidden)"


@dataclass(frozen=True, slots=True)
class LineSeen:
    """What one look at a line said."""

    parts: tuple[PartSeen, ...]
    words: str = ""
    """All that was read on the line."""
    era: Era | None = None

    def __repr__(self) -> str:
        """Show no character (F9.26)."""
        return f"LineSeen({len(self.parts)} parts, hidden)"


NOTHING_SEEN: Final = LineSeen(())

_BIRTH: Final = re.compile(r"(明治|大正|昭和|平成|令和)?([0-9]{1,2}|元)年([0-9]{1,2})月([0-9]{1,2})日生?$")
_EXPIRY: Final = re.compile(r"(20[0-9]{2})年([0-9]{1,2})月([0-9]{1,2})日(?:ま|で|有|効)")
_CODE: Final = re.compile(r"^([0-9]{4})$")
_FIRST_YEAR: Final = "元"
_LABEL_CHARACTERS: Final = frozenset("有効")
_LABEL_START: Final = "まで"


def is_expiry_label(symbols: Sequence[Seen]) -> bool:
    """Tell whether the end of a line says まで有効, which stands on a card's front and nowhere on its back."""
    words = "".join(each.character for each in symbols)
    return _LABEL_START in words and bool(_LABEL_CHARACTERS & set(words))


def understand_birth(symbols: Sequence[Seen]) -> LineSeen:
    """Return the parts of a birth-date line such as 昭和18年 5月14日生."""
    found = _BIRTH.search(_words(symbols))
    if found is None:
        return NOTHING_SEEN
    era = Era(found[1]) if found[1] else None
    named = ((Part.BIRTH_YEAR, 2), (Part.BIRTH_MONTH, 3), (Part.BIRTH_DAY, 4))
    return LineSeen(tuple(_part(part, found, group, symbols) for part, group in named), found.string, era)


def understand_expiry(symbols: Sequence[Seen]) -> LineSeen:
    """Return the parts of an expiry line such as 2035年 5月14日まで有効."""
    found = _EXPIRY.search(_words(symbols))
    if found is None:
        return NOTHING_SEEN
    named = ((Part.EXPIRY_YEAR, 1), (Part.EXPIRY_MONTH, 2), (Part.EXPIRY_DAY, 3))
    return LineSeen(tuple(_part(part, found, group, symbols) for part, group in named), found.string)


def understand_code(symbols: Sequence[Seen]) -> LineSeen:
    """Return the security code of a line that holds four digits and nothing else."""
    found = _CODE.search(_words(symbols))
    return LineSeen((_part(Part.SECURITY_CODE, found, 1, symbols),)) if found else NOTHING_SEEN


def understand_group(part: Part, printed: int, symbols: Sequence[Seen]) -> LineSeen:
    """Return a part of which the digits alone were shown; `printed` of them must be there."""
    words = _words(symbols)
    if len(words) != printed or not (words.isascii() and words.isdecimal()):
        return NOTHING_SEEN
    confidence = min(each.confidence for each in symbols)
    return LineSeen((PartSeen(part, _padded(part, words), confidence, (0, printed)),))


def _words(symbols: Sequence[Seen]) -> str:
    """Return one character for each symbol, so that places in the text are places among the symbols."""
    return "".join(each.character if len(each.character) == 1 else "?" for each in symbols)


def _part(part: Part, found: re.Match[str], group: int, symbols: Sequence[Seen]) -> PartSeen:
    start, end = found.span(group)
    confidence = min(each.confidence for each in symbols[start:end])
    if found[group] == _FIRST_YEAR:
        return PartSeen(part, (0, 1), confidence, (start, start))
    return PartSeen(part, _padded(part, found[group]), confidence, (start, end))


def _padded(part: Part, words: str) -> tuple[int, ...]:
    return tuple(ord(each) - ord("0") for each in words.rjust(part.size, "0"))
