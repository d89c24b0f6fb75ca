"""How long an exchange takes on a real link: the sleeping itself is done by the transports.

Contact: T=1 blocks at the rate that the answer to reset offers (ISO/IEC 7816-3 §7 and §11). Contactless: ISO/IEC 14443
Type B at 106 kbit/s. The computing times are assumptions, as no source gives any; they are of the usual order for an
RSA coprocessor of the card's generation and for one EEPROM write.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

_INSTRUCTION_SIGN: Final = frozenset({0x2A, 0x88})
_INSTRUCTION_VERIFY: Final = frozenset({0x20, 0x24, 0x32})
_SIGN_S: Final = 0.2
_VERIFY_S: Final = 0.03
_OTHER_S: Final = 0.002

_READER_CLOCK_HZ: Final = 4_000_000
_DEFAULT_TA1: Final = 0x11
_CLOCK_RATE: Final = {
    1: 372,
    2: 558,
    3: 744,
    4: 1116,
    5: 1488,
    6: 1860,
    9: 512,
    10: 768,
    11: 1024,
    12: 1536,
    13: 2048,
}
_BIT_RATE_ADJUSTMENT: Final = {1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 6: 32, 7: 64, 8: 12, 9: 20}
"""Fi and Di by the halves of TA1 (ISO/IEC 7816-3, tables 7 and 8)."""
_CONTACTLESS_STORAGE: Final = bytes.fromhex("8001")
"""Third and fourth byte of the answer to reset that readers make up for contactless cards (PC/SC part 3 §3.1.3.2.3)."""
_CONTACTLESS_OTHER: Final = bytes.fromhex("3BF591")
"""How another such answer begins (card.md §1.1)."""


@unique
class Pace(Enum):
    """How a simulated card times its answers."""

    INSTANT = "instant"
    """As fast as the machine."""
    REALISTIC = "realistic"
    """As slow as the link that the answer to reset stands for."""


@dataclass(frozen=True, slots=True)
class Link:
    """The speed of one kind of link."""

    bit_rate_hz: float
    bits_per_character: int
    """With start, parity or stop bits and guard time."""
    block_size_bytes: int
    """How much data travels in one block."""
    frame_characters: int
    """What is sent around the data of each block, and instead of data in an acknowledgement."""
    turnaround_s: float
    """Pause between the last character of one side and the first of the other."""

    def seconds(self, command: bytes, answer_size_bytes: int) -> float:
        """Return how long one command and its answer take, with the card's own work."""
        return self._transfer_s(len(command)) + _work_s(command) + self._transfer_s(answer_size_bytes)

    def _transfer_s(self, size_bytes: int) -> float:
        blocks = -(-size_bytes // self.block_size_bytes) or 1
        # Every block but the last is acknowledged by the other side.
        frames = 2 * blocks - 1
        characters = size_bytes + frames * self.frame_characters
        return characters * self.bits_per_character / self.bit_rate_hz + frames * self.turnaround_s


CONTACTLESS_106: Final = Link(106_000, 12, 253, 6, 0.0005)
"""Type B at its basic rate; characters carry start, stop and extra guard bits (ISO/IEC 14443-3 §7.1)."""


def link_of(atr: bytes) -> Link:
    """Return the link that an answer to reset stands for."""
    if atr[2:4] == _CONTACTLESS_STORAGE or atr.startswith(_CONTACTLESS_OTHER):
        return CONTACTLESS_106
    has_ta1 = atr[1] & 0x10
    ta1 = atr[2] if has_ta1 else _DEFAULT_TA1
    clocks_per_bit = _CLOCK_RATE.get(ta1 >> 4, 372) / _BIT_RATE_ADJUSTMENT.get(ta1 & 0x0F, 1)
    bit_rate_hz = _READER_CLOCK_HZ / clocks_per_bit
    # T=1 (ISO/IEC 7816-3 §11): prologue of 3 and epilogue of 1 around each block, block guard time of 22 bits.
    return Link(bit_rate_hz, 11, 254, 4, 22 / bit_rate_hz)


def _work_s(command: bytes) -> float:
    instruction = command[1] if len(command) > 1 else 0
    if instruction in _INSTRUCTION_SIGN:
        return _SIGN_S
    return _VERIFY_S if instruction in _INSTRUCTION_VERIFY else _OTHER_S
