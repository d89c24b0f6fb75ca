"""Command and response APDUs in short and extended form (ISO/IEC 7816-4:2020 §5.1 to §5.2).

Data fields never show in a `repr`: they hold code B on the way in and a person's record on the way out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from appliance.errors import CardNotUnderstood

SHORT_DATA_MAX: Final = 255
SHORT_LE_MAX: Final = 256
EXTENDED_DATA_MAX: Final = 65535
EXTENDED_LE_MAX: Final = 65536
_HEADER_SIZE_BYTES: Final = 4
_STATUS_SIZE_BYTES: Final = 2
_COMMAND: Final = "command APDU"
_RESPONSE: Final = "response APDU"


@dataclass(frozen=True, slots=True)
class CommandApdu:
    """One command; the encoding is short whenever its lengths allow."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    le: int | None = None
    """Greatest number of data bytes wanted back, 1 to 65,536; None when none are."""

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            ValueError: a header byte, the data's length or `le` is out of range.
        """
        # One expression for four ranges, as this runs twice for each command: a negative number keeps its high bits.
        if (self.cla | self.ins | self.p1 | self.p2) & ~0xFF:
            raise ValueError("header")
        if len(self.data) > EXTENDED_DATA_MAX:
            raise ValueError("data length")
        if self.le is not None and not 1 <= self.le <= EXTENDED_LE_MAX:
            raise ValueError("le")

    @property
    def header(self) -> bytes:
        """CLA, INS, P1 and P2."""
        return bytes((self.cla, self.ins, self.p1, self.p2))

    def encode(self) -> bytes:
        """Return the bytes to send: case 1, 2, 3 or 4."""
        if len(self.data) > SHORT_DATA_MAX or (self.le or 0) > SHORT_LE_MAX:
            return self.header + self._extended_body()
        length = bytes((len(self.data),)) if self.data else b""
        expected = b"" if self.le is None else bytes((self.le % SHORT_LE_MAX,))
        return self.header + length + self.data + expected

    def _extended_body(self) -> bytes:
        expected = b"" if self.le is None else (self.le % EXTENDED_LE_MAX).to_bytes(2, "big")
        if not self.data:
            return b"\x00" + expected
        return b"\x00" + len(self.data).to_bytes(2, "big") + self.data + expected


@dataclass(frozen=True, slots=True)
class ResponseApdu:
    """One answer: data and status word."""

    data: bytes = field(repr=False)
    status_word: int


def parse_command(encoded: bytes) -> CommandApdu:
    """Return the command in `encoded`.

    Raises:
        CardNotUnderstood: the lengths inside do not fit the length of the whole.
    """
    if len(encoded) < _HEADER_SIZE_BYTES:
        raise CardNotUnderstood(_COMMAND, len(encoded))
    body = encoded[_HEADER_SIZE_BYTES:]
    data, le = _parse_extended(body) if len(body) > 1 and body[0] == 0 else _parse_short(body)
    cla, ins, p1, p2 = encoded[:_HEADER_SIZE_BYTES]
    return CommandApdu(cla, ins, p1, p2, data, le)


def parse_response(encoded: bytes) -> ResponseApdu:
    """Return the answer in `encoded`.

    Raises:
        CardNotUnderstood: no room for a status word.
    """
    if len(encoded) < _STATUS_SIZE_BYTES:
        raise CardNotUnderstood(_RESPONSE, len(encoded))
    return ResponseApdu(encoded[:-_STATUS_SIZE_BYTES], int.from_bytes(encoded[-_STATUS_SIZE_BYTES:], "big"))


def _parse_short(body: bytes) -> tuple[bytes, int | None]:
    if not body:
        return b"", None
    if len(body) == 1:
        return b"", body[0] or SHORT_LE_MAX
    return _split(body[1:], body[0], le_size_bytes=1)


def _parse_extended(body: bytes) -> tuple[bytes, int | None]:
    length = int.from_bytes(body[1:3], "big")
    if len(body) == 3:
        return b"", length or EXTENDED_LE_MAX
    if len(body) < 3 or length == 0:
        raise CardNotUnderstood(_COMMAND, _HEADER_SIZE_BYTES)
    return _split(body[3:], length, le_size_bytes=2)


def _split(rest: bytes, data_size_bytes: int, le_size_bytes: int) -> tuple[bytes, int | None]:
    if len(rest) == data_size_bytes:
        return rest, None
    if len(rest) != data_size_bytes + le_size_bytes:
        raise CardNotUnderstood(_COMMAND, _HEADER_SIZE_BYTES)
    le = int.from_bytes(rest[data_size_bytes:], "big")
    return rest[:data_size_bytes], le or 1 << (8 * le_size_bytes)
