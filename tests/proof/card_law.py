"""What may be asked of a card in the `outreach` profile, written out anew from domain.md §9.5 and card.md §2 to §9.

The product has its own allow-list, which decides what is sent. This one judges what arrived at the card, and neither
imports nor resembles the other, so that a mistake in one shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_SURFACE: Final = "D3921000310001010402"
_TEXT: Final = "D3921000310001010408"
_STAY: Final = "D392F0004F0100000000000000000000"
_RESIDENCE_CARD: Final = "D392F0004F0200000000000000000000"
_DIGITS: Final = "(3[0-9])"

_SELECTS: Final = {
    f"00A4040C0A{_SURFACE}": _SURFACE,
    f"00A4040C0A{_TEXT}": _TEXT,
    # Named to be told apart; nothing in it may be asked for.
    f"00A4040C10{_STAY}": _STAY,
    f"00A4040C10{_RESIDENCE_CARD}": _RESIDENCE_CARD,
}
_FILES: Final = {
    _SURFACE: {1, 2, 3, 4},
    _TEXT: {2, 3, 4, 7},
    _STAY: set[int](),
    _RESIDENCE_CARD: set[int](),
}
"""Without the My Number as picture (surface 5) and as text (text 1), and without files nobody needs."""
_KEY_QUERIES: Final = {
    _SURFACE: {"00200091": 0x11, "00200092": 0x12},
    _TEXT: {"00200095": 0x15},
    _STAY: {},
    _RESIDENCE_CARD: {},
}
_KEY_TRIES: Final = {
    _SURFACE: (
        (re.compile(f"0020009106{_DIGITS}{{6}}"), 0x11),
        (re.compile(f"002000920E{_DIGITS}{{14}}"), 0x12),
    ),
    _TEXT: ((re.compile(f"002000950E{_DIGITS}{{14}}"), 0x15),),
    _STAY: (),
    _RESIDENCE_CARD: (),
}
"""The birth date's six digits, and code B's fourteen; never code A (13 and 14), never a PIN (11)."""
_SIGN: Final = re.compile("802A0000333031300D060960864801650304020105000420[0-9A-F]{64}00")
_READ_BY_FILE: Final = re.compile("00B0([89][0-9A-F])00([0-9A-F]{2})")
_READ_ON: Final = re.compile("00B0([0-7][0-9A-F])([0-9A-F]{2})([0-9A-F]{2})")
_GET_RESPONSE: Final = re.compile("00C00000([0-9A-F]{2})")
_OK: Final = 0x9000
_END_OF_FILE: Final = 0x6282


@dataclass(slots=True)
class CardLaw:
    """Follows one card and judges each command that reaches it."""

    application: str = ""
    """The application that is current, by its AID in hexadecimal; empty for none that is known."""
    file: int | None = None

    def power_off(self) -> None:
        """Nothing is current any more."""
        self.application, self.file = "", None

    def judge(self, command: bytes, status_word: int) -> str:
        """Return what is wrong with a command that the card answered so; empty when it is allowed."""
        written = command.hex().upper()
        if written in _SELECTS:
            if status_word == _OK:
                self.application, self.file = _SELECTS[written], None
            return ""
        if not self.application:
            return f"{written[:8]} before any application was selected"
        if not self._allows(written, status_word):
            return f"{written[:8]} is on no list for application {self.application[-2:]}"
        return ""

    def _allows(self, written: str, status_word: int) -> bool:
        if found := _READ_BY_FILE.fullmatch(written):
            file = int(found[1], 16) - 0x80
            if status_word in {_OK, _END_OF_FILE}:
                self.file = file
            return file in _FILES[self.application]
        if _READ_ON.fullmatch(written):
            return self.file in _FILES[self.application]
        if written in _KEY_QUERIES[self.application]:
            self.file = _KEY_QUERIES[self.application][written]
            return True
        for shape, key in _KEY_TRIES[self.application]:
            if shape.fullmatch(written):
                self.file = key
                return True
        may_sign = self.application != _RESIDENCE_CARD
        return bool(may_sign and (_SIGN.fullmatch(written) or _GET_RESPONSE.fullmatch(written)))


def is_try(command: bytes) -> bool:
    """Tell whether a command presents a secret to a key, whichever way."""
    return len(command) > 4 and command[1] in {0x20, 0x24, 0x32}
