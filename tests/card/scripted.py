"""Channels for tests: an exact script of exchanges, and a small chip that counts its tries."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from appliance.errors import CardRemoved
from tests.card.chip_bytes import Face, card_certificate
from tests.trust.authority import sign_message

SURFACE = "00A4040C0AD3921000310001010402"
QUERY = "00200092"
CODE = "60040120331234"
VERIFY = f"002000920E{CODE.encode().hex().upper()}"
SIGN_HEADER = bytes.fromhex("802A000033 3031300D060960864801650304020105000420")


class Script:
    """A channel that knows each command in order; an answer may be an error to raise."""

    def __init__(self, *exchanges: tuple[str, str | Exception]) -> None:
        self._exchanges = list(exchanges)
        self.sent: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        assert self._exchanges, f"a command too many: {command.hex()}"
        expected, answer = self._exchanges.pop(0)
        assert command == bytes.fromhex(expected)
        self.sent.append(command)
        if isinstance(answer, Exception):
            raise answer
        return bytes.fromhex(answer)

    def assert_finished(self) -> None:
        assert not self._exchanges


@dataclass
class Chip:
    """A chip with the surface application: card face behind code B, certificate, signing key."""

    face: Face = field(default_factory=Face)
    code: bytes = CODE.encode()
    tries: int = 10
    tries_max: int = 10
    certificate: bytes | None = field(default_factory=card_certificate)
    signing_key: str | None = "card"
    filler: bytes = b"\xff" * 9
    """Stands behind each file's object."""
    wake_up_answer: bytes = b""
    """Answer to the very first command, when set."""
    intercept: Callable[[int, bytes], bytes | None] = lambda _index, _command: None
    """May answer, or raise, in the chip's place; gets the command's index from 0."""
    commands: list[bytes] = field(default_factory=list)
    spent: int = 0
    """Wrong tries ever counted."""
    presented: int = 0
    """Codes ever presented."""
    _is_selected: bool = False
    _is_unlocked: bool = False
    _current: bytes | None = None

    def __post_init__(self) -> None:
        self._files = {0x02: self.face.encode() + self.filler}
        if self.certificate is not None:
            self._files[0x04] = self.certificate + self.filler

    def transmit(self, command: bytes) -> bytes:
        index = len(self.commands)
        self.commands.append(command)
        if index == 0 and self.wake_up_answer:
            return self.wake_up_answer
        answer = self.intercept(index, command)
        return self._carry_out(command) if answer is None else answer

    def _carry_out(self, command: bytes) -> bytes:
        if command[1] == 0xA4:
            return self._select(command)
        if not self._is_selected:
            return bytes.fromhex("6986")
        if command[1] == 0x20:
            return self._verify(command)
        if command[1] == 0xB0:
            return self._read(command)
        if command.startswith(SIGN_HEADER):
            return self._sign(command)
        return bytes.fromhex("6D00")

    def _select(self, command: bytes) -> bytes:
        self._is_selected = command == bytes.fromhex(SURFACE)
        self._is_unlocked, self._current = False, None
        return bytes.fromhex("9000" if self._is_selected else "6A82")

    def _verify(self, command: bytes) -> bytes:
        assert command[3] == 0x92, "only the key of code B"
        if len(command) == 4:
            return bytes((0x63, 0xC0 | self.tries))
        self.presented += 1
        if self.tries == 0:
            return bytes.fromhex("6984")
        if command[5:] == self.code:
            self.tries, self._is_unlocked = self.tries_max, True
            return bytes.fromhex("9000")
        self.tries, self._is_unlocked = self.tries - 1, False
        self.spent += 1
        return bytes((0x63, 0xC0 | self.tries))

    def _read(self, command: bytes) -> bytes:
        p1, p2, le = command[2], command[3], command[4] or 256
        offset = p1 << 8 | p2
        if p1 & 0x80:
            if p1 & 0x1F not in self._files:
                return bytes.fromhex("6A82")
            if p1 & 0x1F == 0x02 and not self._is_unlocked:
                return bytes.fromhex("6982")
            self._current, offset = self._files[p1 & 0x1F], p2
        if self._current is None:
            return bytes.fromhex("6986")
        if offset >= len(self._current):
            return bytes.fromhex("6B00")
        return self._current[offset : offset + le] + bytes.fromhex("9000")

    def _sign(self, command: bytes) -> bytes:
        if self.signing_key is None:
            return bytes.fromhex("6A88")
        challenge = CHALLENGES.get(command[len(SIGN_HEADER) : -1], b"")
        return sign_message(self.signing_key, challenge) + bytes.fromhex("9000")


CHALLENGE = bytes(range(32))
OTHER_CHALLENGE = bytes(range(1, 33))
CHALLENGES = {hashlib.sha256(each).digest(): each for each in (CHALLENGE, OTHER_CHALLENGE)}
"""What the chip is asked to sign is a digest; the tests' signer wants the message."""


def removed_at(position: int) -> Callable[[int, bytes], bytes | None]:
    """Return an interception that takes the card away at that command."""

    def intercept(index: int, _command: bytes) -> bytes | None:
        if index >= position:
            raise CardRemoved
        return None

    return intercept


def answers_at(position: int, answer: bytes) -> Callable[[int, bytes], bytes | None]:
    """Return an interception that answers one command falsely."""
    return lambda index, _command: answer if index == position else None


def inses(commands: Sequence[bytes]) -> list[int]:
    """Return the instruction bytes."""
    return [command[1] for command in commands]
