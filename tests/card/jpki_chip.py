"""A small chip with the JPKI application, written from card.md §5: label, availability, certificates, keys, counters."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from appliance.card.reach import VerifierPolicy, VerifierReach
from appliance.errors import CardRemoved
from tests.trust.authority import sign_digest_info
from tests.trust.jpki_issuing import signing_certificate, user_certificate

SELECT = "00A4040C0AD392F000260100000001"
READ_LABEL = "00B0860020"
READ_CERTIFICATE = "00B08A0000"
PIN, PASSWORD = "1234", "TRAINING2026"
CHALLENGE = bytes(range(32))
DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")
VERIFIER = VerifierReach(VerifierPolicy.for_training())


def label(text: str, padding: bytes = b" ") -> bytes:
    return text.encode().ljust(32, padding)


def token_information(name: str = "JPKIAPICCTOKEN2", model: bytes = b"E00X00XX") -> bytes:
    texts = label(name) + b"JPKI-SIM".ljust(32) + model.ljust(16) + b"4711471147114711"
    figures = (0x0000040D, 1, 0, 1, 0, 16, 6, *[0xFFFFFFFF] * 4)
    return texts + b"".join(each.to_bytes(4, "big") for each in figures) + b"0301" + b"9" * 16


@dataclass
class Reference:
    """A PIN or password with its counter."""

    secret: bytes
    tries_max: int
    tries: int
    is_open: bool = False

    def verify(self, data: bytes) -> bytes:
        if not data:
            return bytes((0x63, 0xC0 | self.tries))
        if self.tries == 0:
            return bytes.fromhex("6984")
        self.is_open = data == self.secret
        self.tries = self.tries_max if self.is_open else self.tries - 1
        return bytes.fromhex("9000") if self.is_open else bytes((0x63, 0xC0 | self.tries))


@dataclass
class JpkiChip:
    """A chip whose every part may be false."""

    information: bytes = field(default_factory=token_information)
    availability: bytes = bytes.fromhex("8F8F00")
    user_certificate: bytes = field(default_factory=user_certificate)
    signing_certificate: bytes = field(default_factory=signing_certificate)
    user_key: str | None = "holder user"
    signing_key: str | None = "holder signing"
    pin_tries: int = 3
    password_tries: int = 5
    filler: bytes = b"\xff" * 40
    wake_up_answer: bytes = b""
    """Answer to the very first command, when set."""
    intercept: Callable[[int, bytes], bytes | None] = lambda _index, _command: None
    """May answer, or raise, in the chip's place; gets the command's index from 0."""
    commands: list[bytes] = field(default_factory=list)
    _is_selected: bool = False
    _current: bytes | None = None

    def __post_init__(self) -> None:
        self.references = {
            0x98: Reference(PIN.encode(), 3, self.pin_tries),
            0x9B: Reference(PASSWORD.encode(), 5, self.password_tries),
        }
        self._files = {
            0x01: (self.signing_certificate + self.filler, 0x9B),
            0x06: (self.information, None),
            0x08: (self.availability, None),
            0x0A: (self.user_certificate + self.filler, None),
        }

    @property
    def presented(self) -> list[bytes]:
        """PINs and passwords ever presented."""
        return [command[5:] for command in self.commands if command[1] == 0x20 and len(command) > 4]

    def transmit(self, command: bytes) -> bytes:
        index = len(self.commands)
        self.commands.append(command)
        if index == 0 and self.wake_up_answer:
            return self.wake_up_answer
        answer = self.intercept(index, command)
        return self._carry_out(command) if answer is None else answer

    def _carry_out(self, command: bytes) -> bytes:
        if command == bytes.fromhex(SELECT):
            self._is_selected = True
            for reference in self.references.values():
                reference.is_open = False
            return bytes.fromhex("9000")
        if not self._is_selected:
            return bytes.fromhex("6986")
        if command[1] == 0x20:
            return self.references[command[3]].verify(command[5:])
        if command[1] == 0xB0:
            return self._read(command)
        return self._sign(command)

    def _read(self, command: bytes) -> bytes:
        p1, p2, le = command[2], command[3], command[4] or 256
        offset = p1 << 8 | p2
        if p1 & 0x80:
            content, opener = self._files[p1 & 0x1F]
            if opener is not None and not self.references[opener].is_open:
                return bytes.fromhex("6982")
            self._current, offset = content, p2
        assert self._current is not None
        return self._current[offset : offset + le] + bytes.fromhex("9000")

    def _sign(self, command: bytes) -> bytes:
        assert command.startswith(bytes.fromhex("802A00"))
        key, opener = {0x97: (self.user_key, 0x98), 0x9A: (self.signing_key, 0x9B)}[command[3]]
        if not self.references[opener].is_open:
            return bytes.fromhex("6982")
        if key is None:
            return bytes.fromhex("6A88")
        return sign_digest_info(key, command[5:-1]) + bytes.fromhex("9000")


def sha256(message: bytes) -> bytes:
    return hashlib.sha256(message).digest()


Interception = bytes | CardRemoved | None

WRONG_ANSWERS: st.SearchStrategy[Interception] = st.one_of(
    st.none(),
    st.binary(max_size=300),
    st.integers(0, 0xFFFF).map(lambda status: status.to_bytes(2, "big")),
    st.just(CardRemoved()),
)


def answers_wrongly(wrong: dict[int, Interception]) -> Callable[[int, bytes], bytes | None]:
    """Return an interception that answers, or takes the card away, at the commands with these numbers."""

    def intercept(index: int, _command: bytes) -> bytes | None:
        answer = wrong.get(index)
        if isinstance(answer, CardRemoved):
            raise CardRemoved
        return answer

    return intercept
