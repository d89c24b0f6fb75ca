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
    WRONG_STATUS_AT_BYTE = "wrong_status_at_byte"
    """The answer that holds byte number `at` was worked out, and arrives as the status word `value` alone."""
    WRONG_LENGTH_AT_BYTE = "wrong_length_at_byte"
    """The data of the answer that holds byte number `at` ends before that byte; the status word follows."""
    FLIPPED_BIT_AT_BYTE = "flipped_bit_at_byte"
    """Bit number `value` (modulo 8) of byte number `at` of all answers is inverted, also in a status word."""
    SILENCE_AT_BYTE = "silence_at_byte"
    """The card falls silent when byte number `at` of all answers would be sent, and stays so."""
    MUTE = "mute"
    """The chip does not power up; `at` has no meaning."""

    @property
    def is_by_byte(self) -> bool:
        """True when `at` counts bytes of answers instead of commands."""
        return self.value.endswith("_at_byte")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; commands and bytes are counted from 1 since the card was put in. Several may meet in one answer."""

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

    def bend(self, answer: bytes, sent_bytes: int = 0) -> bytes:
        """Return the answer as this fault leaves it; `sent_bytes` is how much went out before it."""
        data, status_word = answer[:-2], answer[-2:]
        within = self.at - sent_bytes - 1
        match self.kind:
            case FaultKind.WRONG_STATUS | FaultKind.WRONG_STATUS_AT_BYTE:
                return (self.value & 0xFFFF).to_bytes(2, "big")
            case FaultKind.WRONG_LENGTH:
                return data[: self.value].ljust(self.value, b"\xff") + status_word
            case FaultKind.WRONG_LENGTH_AT_BYTE:
                return data[:within] + status_word
            case FaultKind.FLIPPED_BIT if data:
                octet, bit = divmod(self.value % (8 * len(data)), 8)
                return _flipped(data, octet, bit) + status_word
            case FaultKind.FLIPPED_BIT_AT_BYTE:
                return _flipped(answer, within, self.value % 8)
            case _:
                return answer


def _flipped(octets: bytes, index: int, bit: int) -> bytes:
    return octets[:index] + bytes((octets[index] ^ 1 << bit,)) + octets[index + 1 :]
