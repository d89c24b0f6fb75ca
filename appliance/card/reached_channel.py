"""The guard at the lowest layer: no byte leaves for a card unless the allow-list has a row for it (design D1, R01).

It does not trust the code above: it parses each command anew, follows which application and file are current, and
refuses by default. What it cannot follow (a failed SELECT, a lost answer) leaves nothing current, and so nothing
allowed but SELECT.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from appliance.card.apdu import SHORT_LE_MAX, CommandApdu, ResponseApdu, parse_command, parse_response
from appliance.card.channel import Channel
from appliance.card.reach import OUTREACH, SHA256_DIGEST_INFO, ApplicationReach, VerifierReach
from appliance.card.status import StatusWord, more_data_bytes
from appliance.card.trace import Trace
from appliance.errors import CardNotUnderstood, OutOfReach

_BY_SHORT_ID: Final = 0x80
_SIGNED_SIZE_BYTES: Final = len(SHA256_DIGEST_INFO) + 32
_SELECT: Final = bytes.fromhex("00A4040C")
_SIGN: Final = bytes.fromhex("802A00")
_GET_RESPONSE: Final = bytes.fromhex("00C00000")
_READ: Final = bytes.fromhex("00B0")
_VERIFY: Final = bytes.fromhex("002000")


class _Rule(Protocol):
    def __call__(self, command: CommandApdu, /) -> bool:
        """Tell whether the command is allowed now."""


class ReachedChannel:
    """A channel that sends only what the allow-list names."""

    def __init__(
        self, channel: Channel, *, verifier: VerifierReach | None = None, trace: Trace | None = None
    ) -> None:
        """Guard `channel`; nothing is known to be current, whatever was done with it before."""
        rows: Iterable[ApplicationReach] = OUTREACH if verifier is None else (*OUTREACH, verifier.application)
        self._rows = {row.aid: row for row in rows}
        self._channel = channel
        self._trace = trace
        self._current: ApplicationReach | None = None
        self._has_current_file = False
        self._has_more_data = False
        self._rules: tuple[tuple[bytes, _Rule], ...] = (
            (_SELECT, self._allows_select),
            (_READ, self._allows_read),
            (_VERIFY, self._allows_verify),
            (_SIGN, self._allows_signature),
            (_GET_RESPONSE, self._allows_get_response),
        )
        self.apdus = 0
        self.sent_bytes = 0
        self.received_bytes = 0

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU that the allow-list names and return the response APDU.

        Raises:
            OutOfReach: the allow-list has no row for it; nothing was sent.
            CardNotUnderstood: the answer has no status word.
            CardTrouble: the line to the card broke.
        """
        parsed = self._allowed(command)
        current, had_file = self._current, self._has_current_file
        self._current, self._has_current_file, self._has_more_data = None, False, False
        self.apdus += 1
        self.sent_bytes += len(command)
        response: ResponseApdu | None = None
        try:
            answer = self._channel.transmit(command)
            self.received_bytes += len(answer)
            response = parse_response(answer)
        finally:
            if self._trace is not None:
                self._trace.note(parsed, response)
        self._follow(parsed, response, current, had_file=had_file)
        return answer

    def _allowed(self, command: bytes) -> CommandApdu:
        try:
            parsed = parse_command(command)
        except CardNotUnderstood:
            raise OutOfReach("malformed") from None
        if parsed.encode() != command:
            # A second spelling of an allowed command is one that was never examined.
            raise OutOfReach("spelling")
        header = parsed.header
        for start, allows in self._rules:
            if header.startswith(start) and allows(parsed):
                return parsed
        raise OutOfReach(header.hex().upper())

    def _allows_select(self, command: CommandApdu) -> bool:
        return command.data in self._rows and command.le is None

    def _allows_read(self, command: CommandApdu) -> bool:
        if self._current is None or command.data or command.le is None or command.le > SHORT_LE_MAX:
            return False
        if command.p1 & _BY_SHORT_ID:
            return command.p2 == 0 and command.p1 - _BY_SHORT_ID in self._current.files
        return self._has_current_file

    def _allows_verify(self, command: CommandApdu) -> bool:
        if self._current is None or command.le is not None:
            return False
        shape = self._current.keys.get(command.p2 - _BY_SHORT_ID)
        return shape is not None and (not command.data or shape.fits(command.data))

    def _allows_signature(self, command: CommandApdu) -> bool:
        return (
            self._current is not None
            and command.p2 in self._current.signing_keys
            and len(command.data) == _SIGNED_SIZE_BYTES
            and command.data.startswith(SHA256_DIGEST_INFO)
            and command.le == SHORT_LE_MAX
        )

    def _allows_get_response(self, command: CommandApdu) -> bool:
        return self._has_more_data and not command.data and command.le is not None

    def _follow(
        self,
        command: CommandApdu,
        response: ResponseApdu,
        current: ApplicationReach | None,
        *,
        had_file: bool,
    ) -> None:
        """Keep up with what the chip now holds as current application and file."""
        self._has_more_data = more_data_bytes(response.status_word) is not None
        if command.header == _SELECT:
            succeeded = response.status_word == StatusWord.OK
            self._current = self._rows[command.data] if succeeded else None
            return
        self._current = current
        is_read_by_short_id = command.header.startswith(_READ) and bool(command.p1 & _BY_SHORT_ID)
        if is_read_by_short_id:
            self._has_current_file = _made_current(response.status_word)
        else:
            # A key named by short id may become the current file; READ BINARY must not follow it.
            names_a_key = command.header.startswith((_VERIFY, _SIGN)) and bool(command.p2)
            self._has_current_file = had_file and not names_a_key


def _made_current(status_word: int) -> bool:
    return status_word in {StatusWord.OK, StatusWord.END_OF_FILE} or more_data_bytes(status_word) is not None
