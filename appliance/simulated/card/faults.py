"""Things that go wrong between reader and card, placed at an exact command or byte (proof.md F2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Any


@unique
class FaultKind(Enum):
    """What goes wrong."""

    REMOVED_AT_COMMAND = "removed_at_command"
    """The card leaves instead of answering command number `at`."""
    REMOVED_AT_BYTE = "removed_at_byte"
    """The card leaves when byte number `at` of all answers would be sent."""
    WRONG_STATUS = "wrong_status"
    """Command number `at` is not carried out and answers the status word `value` without data."""
    WRONG_LENGTH = "wrong_length"
    """The answer to command number `at` is cut, or filled with FF, to `value` data bytes."""
    FLIPPED_BIT = "flipped_bit"
    """Bit number `value` of the answer's data to command `at` is inverted (modulo its length)."""
    SILENCE = "silence"
    """Command number `at` is never answered."""
    MUTE = "mute"
    """The chip does not power up; `at` has no meaning."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; commands and bytes are counted from 1 since the card was put in."""

    kind: FaultKind
    at: int = 1
    value: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the fault as plain values for JSON."""
        return {"kind": self.kind.value, "at": self.at, "value": self.value}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Fault:
        """Return the fault that `to_dict` wrote.

        Raises:
            ValueError: unknown kind or a number that is none.
        """
        try:
            return cls(FaultKind(plain["kind"]), int(plain.get("at", 1)), int(plain.get("value", 0)))
        except (KeyError, TypeError) as wrong:
            raise ValueError("fault") from wrong

    def bend(self, answer: bytes) -> bytes:
        """Return the answer as this fault leaves it."""
        data, status_word = answer[:-2], answer[-2:]
        if self.kind is FaultKind.WRONG_LENGTH:
            return data[: self.value].ljust(self.value, b"\xff") + status_word
        if self.kind is FaultKind.FLIPPED_BIT and data:
            octet, bit = divmod(self.value % (8 * len(data)), 8)
            return data[:octet] + bytes((data[octet] ^ 1 << bit,)) + data[octet + 1 :] + status_word
        return answer
