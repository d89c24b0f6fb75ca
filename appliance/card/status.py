"""Status words of this card family, with what each means here (card.md §3, which names its sources)."""

from __future__ import annotations

from enum import Enum, IntEnum, unique
from typing import Final, Self

TRIES_LEFT: Final = 0x63C0
"""Verification failed, or the answer to a query: the last digit counts the tries left (card.md §3)."""
_TRIES_MASK: Final = 0x000F
_MORE_DATA: Final = 0x61
_OTHER_LENGTH: Final = 0x6C


@unique
class Confidence(Enum):
    """How sure the meaning is, by the marks of card.md."""

    AGREED = "A"
    """Measured on a card, or two independent sources agree."""
    ONE_SOURCE = "B"
    """One good source."""
    INFERRED = "C"
    """Follows from facts of the two kinds above."""


@unique
class StatusWord(IntEnum):
    """A two-byte answer of the chip: value, meaning in English for developers, confidence."""

    meaning: str
    confidence: Confidence

    def __new__(cls, value: int, meaning: str, confidence: Confidence) -> Self:
        """Make a member that is its number and knows its meaning."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        member.confidence = confidence
        return member

    OK = 0x9000, "done", Confidence.AGREED
    END_OF_FILE = 0x6282, "end of file before Le bytes", Confidence.INFERRED
    VERIFY_FAILED = 0x6300, "wrong, key without a try limit", Confidence.ONE_SOURCE
    NO_KEY_DELIVERY = 0x66F1, "no session key delivery set up", Confidence.ONE_SOURCE
    WRONG_LENGTH = 0x6700, "wrong length", Confidence.ONE_SOURCE
    NO_CHANNELS = 0x6881, "logical channels not supported", Confidence.ONE_SOURCE
    NO_SECURE_MESSAGING = 0x6882, "secure messaging not supported", Confidence.ONE_SOURCE
    WRONG_FILE_KIND = 0x6981, "command does not fit the file's structure", Confidence.ONE_SOURCE
    NOT_UNLOCKED = 0x6982, "security status not satisfied", Confidence.AGREED
    METHOD_BLOCKED = 0x6983, "authentication method blocked", Confidence.INFERRED
    KEY_BLOCKED = 0x6984, "key blocked", Confidence.AGREED
    CONDITION_NOT_MET = 0x6985, "condition of use not satisfied", Confidence.ONE_SOURCE
    NO_CURRENT_FILE = 0x6986, "no current file", Confidence.ONE_SOURCE
    MESSAGING_OBJECT_MISSING = 0x6987, "secure messaging object missing", Confidence.ONE_SOURCE
    MESSAGING_BROKEN = 0x6988, "secure messaging session lost", Confidence.ONE_SOURCE
    NO_MESSAGING_SESSION = 0x69FC, "no secure messaging session", Confidence.ONE_SOURCE
    WRONG_DATA = 0x6A80, "wrong data field", Confidence.ONE_SOURCE
    FUNCTION_NOT_SUPPORTED = 0x6A81, "function not supported", Confidence.AGREED
    NOT_FOUND = 0x6A82, "file or application not found", Confidence.AGREED
    RECORD_NOT_FOUND = 0x6A83, "record not found", Confidence.ONE_SOURCE
    WRONG_PARAMETERS = 0x6A86, "wrong P1 or P2", Confidence.ONE_SOURCE
    DATA_NOT_FOUND = 0x6A88, "referenced data not found", Confidence.ONE_SOURCE
    BEYOND_END = 0x6B00, "offset beyond the end of the file", Confidence.ONE_SOURCE
    UNKNOWN_INSTRUCTION = 0x6D00, "INS unknown", Confidence.ONE_SOURCE
    UNKNOWN_CLASS = 0x6E00, "CLA unknown", Confidence.ONE_SOURCE
    INTERNAL_ERROR = 0x6F00, "internal error; seen once after power-up", Confidence.ONE_SOURCE


_MEANINGS: Final = {int(status): status.meaning for status in StatusWord}
BLOCKED: Final = frozenset({StatusWord.METHOD_BLOCKED, StatusWord.KEY_BLOCKED})
"""Answers that say a key is used up, besides 63C0."""


def tries_left(status_word: int) -> int | None:
    """Return the count in 63Cx, or None for another status word."""
    return status_word & _TRIES_MASK if status_word & ~_TRIES_MASK == TRIES_LEFT else None


def more_data_bytes(status_word: int) -> int | None:
    """Return how many bytes wait behind 61xx (0 counts as 256), or None for another status word."""
    return (status_word & 0xFF) or 256 if status_word >> 8 == _MORE_DATA else None


def exact_length(status_word: int) -> int | None:
    """Return the Le that 6Cxx asks for (0 counts as 256), or None for another status word."""
    return (status_word & 0xFF) or 256 if status_word >> 8 == _OTHER_LENGTH else None


def describe(status_word: int) -> str:
    """Return number and meaning in English, for developers."""
    counted = tries_left(status_word)
    if counted is not None:
        return f"{status_word:04X} not verified, {counted} tries left"
    waiting = more_data_bytes(status_word)
    if waiting is not None:
        return f"{status_word:04X} done, {waiting} bytes wait"
    length = exact_length(status_word)
    if length is not None:
        return f"{status_word:04X} wrong Le, {length} would be right"
    return f"{status_word:04X} {_MEANINGS.get(status_word, 'unknown')}"
