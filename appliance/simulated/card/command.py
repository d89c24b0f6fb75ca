"""Reading a command APDU, short or extended (ISO/IEC 7816-4 §5.1, cases 1 to 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_HEADER_SIZE: Final = 4
_SHORT_LE_MAX: Final = 0x100
_EXTENDED_LE_MAX: Final = 0x10000


@dataclass(frozen=True, slots=True)
class Command:
    """One command as the card understands it."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    expected: int | None = None
    """How many bytes of answer are asked for at most (Le), None when the command has no Le."""
    is_extended: bool = False

    @property
    def p1p2(self) -> int:
        """P1 and P2 as one number."""
        return self.p1 << 8 | self.p2


def parse_command(raw: bytes) -> Command | None:
    """Return the command in `raw`, or None when its lengths contradict each other (the card answers 6700)."""
    if len(raw) < _HEADER_SIZE:
        return None
    body = raw[_HEADER_SIZE:]
    if not body:
        return _command(raw)
    if len(body) == 1:
        return _command(raw, expected=body[0] or _SHORT_LE_MAX)
    return _parse_extended(raw, body) if body[0] == 0 else _parse_short(raw, body)


def _parse_short(raw: bytes, body: bytes) -> Command | None:
    size = body[0]
    data, rest = body[1 : 1 + size], body[1 + size :]
    if len(data) != size or len(rest) > 1:
        return None
    return _command(raw, data, (rest[0] or _SHORT_LE_MAX) if rest else None)


def _parse_extended(raw: bytes, body: bytes) -> Command | None:
    if len(body) < 3:
        return None
    size = int.from_bytes(body[1:3], "big")
    if len(body) == 3:
        return _command(raw, expected=size or _EXTENDED_LE_MAX, is_extended=True)
    data, rest = body[3 : 3 + size], body[3 + size :]
    if size == 0 or len(data) != size or len(rest) not in {0, 2}:
        return None
    expected = (int.from_bytes(rest, "big") or _EXTENDED_LE_MAX) if rest else None
    return _command(raw, data, expected, is_extended=True)


def _command(
    raw: bytes, data: bytes = b"", expected: int | None = None, *, is_extended: bool = False
) -> Command:
    cla, ins, p1, p2 = raw[:_HEADER_SIZE]
    return Command(cla, ins, p1, p2, data, expected, is_extended)
