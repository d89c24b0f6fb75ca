"""Channels for tests: an exact script of exchanges, and a small chip that counts its tries."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from appliance.errors import CardRemoved
from tests.card.chip_bytes import (
    NUMBER_FILE,
    Face,
    age_record,
    card_certificate,
    certified_card_key,
    four_attributes,
    signed_digests,
    text_certificate,
)
from tests.trust.authority import sign_message

SURFACE = "00A4040C0AD3921000310001010402"
TEXT = "00A4040C0AD3921000310001010408"
STAY = "00A4040C10D392F0004F0100000000000000000000"
RESIDENCE = "00A4040C10D392F0004F0200000000000000000000"
JPKI = "00A4040C0AD392F000260100000001"
QUERY = "00200092"
BIRTH_QUERY = "00200091"
TEXT_QUERY = "00200095"
BIRTH = "600401"
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


def text_files() -> dict[int, bytes]:
    """Return the text application's files that belong together."""
    attributes = four_attributes()
    return {
        0x02: attributes,
        0x03: signed_digests(NUMBER_FILE, attributes),
        0x04: text_certificate(),
        0x07: certified_card_key(),
    }


LOCKED = {SURFACE: {0x01: 0x91, 0x02: 0x92}, TEXT: {0x02: 0x95, 0x03: 0x95, 0x07: 0x95}}
"""Which key opens which file; the others are free."""


@dataclass
class Chip:
    """A chip with surface and text application; one counter stands for those of all its keys."""

    face: Face = field(default_factory=Face)
    code: bytes = CODE.encode()
    tries: int = 10
    tries_max: int = 10
    certificate: bytes | None = field(default_factory=card_certificate)
    age_record: bytes = field(default_factory=age_record)
    text: dict[int, bytes] = field(default_factory=text_files)
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
    """Secrets ever presented."""
    _selected: str = ""
    _unlocked: int = 0
    _current: bytes | None = None

    def __post_init__(self) -> None:
        surface = {0x01: self.age_record, 0x02: self.face.encode()}
        if self.certificate is not None:
            surface[0x04] = self.certificate
        self._files = {SURFACE: surface, TEXT: self.text}
        self._keys = {(SURFACE, 0x91): self.code[:6], (SURFACE, 0x92): self.code, (TEXT, 0x95): self.code}

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
        if not self._selected:
            return bytes.fromhex("6986")
        if command[1] == 0x20:
            return self._verify(command)
        if command[1] == 0xB0:
            return self._read(command)
        if command.startswith(SIGN_HEADER):
            return self._sign(command)
        return bytes.fromhex("6D00")

    def _select(self, command: bytes) -> bytes:
        named = command.hex().upper()
        self._selected = named if named in self._files else ""
        self._unlocked, self._current = 0, None
        return bytes.fromhex("9000" if self._selected else "6A82")

    def _verify(self, command: bytes) -> bytes:
        secret = self._keys[self._selected, command[3]]
        if len(command) == 4:
            return bytes((0x63, 0xC0 | self.tries))
        self.presented += 1
        if self.tries == 0:
            return bytes.fromhex("6984")
        if command[5:] == secret:
            self.tries, self._unlocked = self.tries_max, command[3]
            return bytes.fromhex("9000")
        self.tries, self._unlocked = self.tries - 1, 0
        self.spent += 1
        return bytes((0x63, 0xC0 | self.tries))

    def _read(self, command: bytes) -> bytes:
        p1, p2, le = command[2], command[3], command[4] or 256
        offset = p1 << 8 | p2
        if p1 & 0x80:
            files = self._files[self._selected]
            if p1 & 0x1F not in files:
                return bytes.fromhex("6A82")
            if LOCKED[self._selected].get(p1 & 0x1F, self._unlocked) != self._unlocked:
                return bytes.fromhex("6982")
            self._current, offset = files[p1 & 0x1F] + self.filler, p2
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
