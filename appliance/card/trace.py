"""A record of what was asked of a card, for the proof that only allow-listed things were (proof.md V2).

It notes headers, lengths, application and file names and status words; never a data field other than an AID.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from appliance.card.apdu import CommandApdu, ResponseApdu

_SELECT_BY_NAME: Final = (0xA4, 0x04)


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """One command and its status word."""

    cla: int
    ins: int
    p1: int
    p2: int
    data_size_bytes: int
    le: int | None
    aid: str
    """The application named by a SELECT, in hexadecimal; empty otherwise."""
    response_size_bytes: int
    status_word: int | None
    """None when no answer came."""


class Trace:
    """A growing list of entries."""

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        """Begin empty."""
        self._entries: list[TraceEntry] = []

    @property
    def entries(self) -> tuple[TraceEntry, ...]:
        """What was asked so far, in order."""
        return tuple(self._entries)

    def note(self, command: CommandApdu, response: ResponseApdu | None) -> None:
        """Add one exchange; `response` is None when the line broke."""
        is_select = (command.ins, command.p1) == _SELECT_BY_NAME
        self._entries.append(
            TraceEntry(
                cla=command.cla,
                ins=command.ins,
                p1=command.p1,
                p2=command.p2,
                data_size_bytes=len(command.data),
                le=command.le,
                aid=command.data.hex().upper() if is_select else "",
                response_size_bytes=len(response.data) if response else 0,
                status_word=response.status_word if response else None,
            )
        )
