"""What passed between reader and card: every command with the application and file it worked on, never a secret.

Tests prove design D1 and D5 on this: a trace that names a forbidden application or file, or one VERIFY too many, is a
failure, because on this card the access would have succeeded.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from appliance.simulated.card.files import ApplicationName

_SECRET_BEARING: Final = frozenset({0x20, 0x24, 0x32})
"""Instructions whose data field is a secret: VERIFY, CHANGE REFERENCE DATA, CHANGE KEY."""
_HEADER_SIZE: Final = 4


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """One command and its answer; a status word of 0 and no bytes when the card gave none."""

    command: str
    """The command APDU in hexadecimal; the data of secret-bearing commands is shown as `xx`."""
    application: str
    """The application that is selected after the command (`ApplicationName` value)."""
    file: str
    """Identifier of the file that is selected after the command, four hexadecimal digits, empty when none is."""
    status_word: int
    answer_size_bytes: int
    """Size of the answer with its status word."""

    @property
    def header(self) -> str:
        """CLA, INS, P1 and P2 in hexadecimal."""
        return self.command[: 2 * _HEADER_SIZE]

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as plain values for JSON."""
        return asdict(self)


def entry_of(command: bytes, answer: bytes, application: ApplicationName, file_id: int | None) -> TraceEntry:
    """Return the trace entry of one exchange."""
    return TraceEntry(
        command=_without_secret(command),
        application=application.value,
        file="" if file_id is None else f"{file_id:04X}",
        status_word=int.from_bytes(answer[-2:], "big"),
        answer_size_bytes=len(answer),
    )


def _without_secret(command: bytes) -> str:
    if len(command) > _HEADER_SIZE + 1 and command[1] in _SECRET_BEARING:
        return command[: _HEADER_SIZE + 1].hex().upper() + "xx" * (len(command) - _HEADER_SIZE - 1)
    return command.hex().upper()
