"""Reference code B: the fourteen digits, all printed on a card's front, that open its face record (card.md §9.2).

Whoever holds the three parts together holds a key to the card (F9.26), so the digits live in one buffer that is wiped
after use, and show in no text, `repr` or error.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from appliance.card.secret import Secret
from appliance.domain.era import EraDate, days_written, to_era
from appliance.errors import CodeMalformed

CODE_B_SIZE_BYTES: Final = 14
BIRTH_KEY_SIZE_BYTES: Final = 6
FIRST_EXPIRY_YEAR: Final = 2016
"""The first cards were issued in January 2016."""
LAST_EXPIRY_YEAR: Final = 2099
GREATEST_AGE_AT_EXPIRY: Final = 130
"""No one has come near it; it keeps Meiji out of a child's code."""
_BIRTH_DATE: Final = slice(0, BIRTH_KEY_SIZE_BYTES)
_EXPIRY_YEAR: Final = slice(6, 10)
_SECURITY_CODE_SIZE: Final = 4

_TYPED_DIGITS: Final = {ord("０") + digit: str(digit) for digit in range(10)}
_IGNORED: Final = dict.fromkeys(
    map(ord, " \t\r\n\u00a0\u3000-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\u30fc")
)
"""Spaces, hyphens and what Japanese input methods write for them."""
_TYPED: Final[dict[int, str | None]] = {**_TYPED_DIGITS, **_IGNORED}


class CodeB(Secret):
    """One card's code, for one person's step; wiped when its context ends."""

    __slots__ = ()

    def __init__(self, digits: bytearray) -> None:
        """Own the fourteen ASCII digits in `digits`, which is wiped here.

        Raises:
            CodeMalformed: not the shape of such a code, or a birth date that no era has.
        """
        super().__init__(digits, _require_code_b)

    @property
    def expiry_year(self) -> int:
        """The Gregorian year in which the card expires."""
        return _number(self.reveal()[_EXPIRY_YEAR])

    def birth_dates(self, on: date) -> tuple[EraDate, ...]:
        """Return each birth date, up to the day `on`, that the first six digits can mean, oldest first.

        The code leaves the era out: `150401` is 昭和15年 as well as 平成15年. The person, or the card's print,
        tells which (R03); the chip takes the same digits either way.
        """
        return tuple(written for written in _birth_dates(self.reveal()) if written.to_date() <= on)

    def birth_key(self) -> BirthKey:
        """Return the code's first six digits as the key of the age record, whichever era they mean.

        Raises:
            CodeMalformed: the code was wiped.
        """
        return BirthKey(bytearray(self.reveal()[_BIRTH_DATE]))


class BirthKey(Secret):
    """The birth date as the key of the age record: era year, month and day, two digits each (card.md §7, §9.1)."""

    __slots__ = ()

    def __init__(self, digits: bytearray) -> None:
        """Own the six ASCII digits in `digits`, which is wiped here.

        Raises:
            CodeMalformed: not six digits, or a birth date that no era has.
        """
        super().__init__(digits, _require_birth_key)


def parse_code_b(text: str) -> CodeB:
    """Return the code in typed text; full-width digits, spaces and hyphens are understood.

    Raises:
        CodeMalformed: other characters, not fourteen digits, or parts that no card has.
    """
    narrow = text.translate(_TYPED)
    if not narrow.isascii():
        raise CodeMalformed("digits")
    return CodeB(bytearray(narrow, "ascii"))


def code_b_from_print(birth_date: date, expiry_year: int, security_code: str) -> CodeB:
    """Return the code made of what a card's front says: birth date, expiry year, four-digit security code.

    Raises:
        CodeMalformed: a part is no such thing.
    """
    narrow_code = security_code.translate(_TYPED)
    if not narrow_code.isascii():
        raise CodeMalformed("digits")
    if len(narrow_code) != _SECURITY_CODE_SIZE:
        raise CodeMalformed("length")
    if not FIRST_EXPIRY_YEAR <= expiry_year <= LAST_EXPIRY_YEAR:
        raise CodeMalformed("expiry_year")
    # The digits alone may fit another era, so the date itself must be possible; none before Meiji is.
    if not _can_be_alive(birth_date, expiry_year):
        raise CodeMalformed("birth_date")
    return CodeB(bytearray(f"{to_era(birth_date).digits}{expiry_year:04}{narrow_code}", "ascii"))


def birth_key_from_print(birth_date: date) -> BirthKey:
    """Return the key made of the birth date on a card's front.

    Raises:
        CodeMalformed: a date before the eras that a living person can be born in.
    """
    if birth_date.year < FIRST_EXPIRY_YEAR - GREATEST_AGE_AT_EXPIRY:
        raise CodeMalformed("birth_date")
    return BirthKey(bytearray(to_era(birth_date).digits, "ascii"))


def _require_code_b(digits: bytes) -> None:
    _require_digits(digits, CODE_B_SIZE_BYTES)
    if not FIRST_EXPIRY_YEAR <= _number(digits[_EXPIRY_YEAR]) <= LAST_EXPIRY_YEAR:
        raise CodeMalformed("expiry_year")
    if not _birth_dates(digits):
        raise CodeMalformed("birth_date")


def _require_birth_key(digits: bytes) -> None:
    _require_digits(digits, BIRTH_KEY_SIZE_BYTES)
    if not _days_meant(digits):
        raise CodeMalformed("birth_date")


def _require_digits(digits: bytes, size_bytes: int) -> None:
    if not all(0x30 <= each <= 0x39 for each in digits):
        raise CodeMalformed("digits")
    if len(digits) != size_bytes:
        raise CodeMalformed("length")


def _birth_dates(digits: bytes) -> tuple[EraDate, ...]:
    """Return the birth dates that the first six digits can mean on a card that expires in the year behind them."""
    expiry_year = _number(digits[_EXPIRY_YEAR])
    return tuple(
        written
        for written in _days_meant(digits[_BIRTH_DATE])
        if _can_be_alive(written.to_date(), expiry_year)
    )


def _days_meant(digits: bytes) -> tuple[EraDate, ...]:
    year, month, day = (_number(digits[at : at + 2]) for at in range(0, BIRTH_KEY_SIZE_BYTES, 2))
    return tuple(days_written(year, month, day))


def _can_be_alive(birth_date: date, expiry_year: int) -> bool:
    return 0 <= expiry_year - birth_date.year <= GREATEST_AGE_AT_EXPIRY


def _number(digits: bytes) -> int:
    """Return the number in ASCII digits without an error text that would repeat them."""
    value = 0
    for each in digits:
        value = value * 10 + each - 0x30
    return value
