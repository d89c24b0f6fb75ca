"""How long an exchange takes on a real link: the sleeping itself is done by the transports.

Contact: T=1 blocks at the rate and size that the answer to reset offers (ISO/IEC 7816-3 §7, §8 and §11). Contactless:
ISO/IEC 14443 Type B at 106 to 424 kbit/s, with the rates and frame size of the card's ATQB, which readers put into the
answer to reset they make up (PC/SC part 3 §3.1.3.2.3, card.md §1.1). The computing times are assumptions, as no source
gives any; they are of the usual order for an RSA coprocessor of the card's generation and for one EEPROM write.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

_INSTRUCTION_SIGN: Final = frozenset({0x2A, 0x88})
_INSTRUCTION_VERIFY: Final = frozenset({0x20, 0x24, 0x32})
_SIGN_S: Final = 0.2
_VERIFY_S: Final = 0.03
_HEADER_SIZE_BYTES: Final = 4
"""A question for the tries left is no longer, and writes nothing."""
_OTHER_S: Final = 0.002

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
_LEAST_GUARD: Final = 0xFF
"""Value of TC1 for the shortest characters, 11 bits; others add to 12 (ISO/IEC 7816-3 §8.3 and §11.2)."""
_DEFAULT_INFORMATION_SIZE: Final = 32
_INFORMATION_SIZE_MAX: Final = 254
"""Largest information field of a T=1 block; readers ask for it (ISO/IEC 7816-3 §11.4.2)."""
_T1_FRAME_CHARACTERS: Final = 4
_T1_BLOCK_GUARD_BITS: Final = 22

_TYPE_B_HEAD: Final = bytes.fromhex("3B888001")
"""Beginning of an answer to reset made from an ATQB (PC/SC part 3 §3.1.3.2.3.2)."""
_CONTACTLESS_HEADS: Final = (bytes.fromhex("3B8F8001"), bytes.fromhex("3BF591"))
"""Beginnings of others that readers make up, from which no rate can be told (card.md §1.1)."""
_PROTOCOL_INFORMATION: Final = 8
"""Where the ATQB's protocol information stands: bit rates, frame size and protocol, waiting time and options."""
_BASIC_FRAME_SIZE: Final = 256
_FRAME_SIZES: Final = (16, 24, 32, 40, 48, 64, 96, 128, 256)
"""Largest frame of the card in bytes, by the upper half of the second byte (ISO/IEC 14443-3 §7.9.4.3)."""
_SAME_RATE: Final = 0x80
_RATE_BITS_UNKNOWN: Final = 0x08
"""A reader that sees this bit set takes the byte as zero (ISO/IEC 14443-3 §7.9.4.2)."""
_TO_CARD_SHIFT, _TO_READER_SHIFT = 0, 4
_BASIC_KBIT: Final = 106
_BASIC_HZ: Final = 13_560_000 / 128
_TYPE_B_CHARACTER_BITS: Final = 12
"""Start, eight data bits, stop, and an extra guard time of two bits, which is assumed (ISO/IEC 14443-3 §7.1.2)."""
_TYPE_B_FRAME_CHARACTERS: Final = 3
"""Block byte and two bytes of checksum; no CID, no NAD (ISO/IEC 14443-4 §7.1)."""
_TYPE_B_FRAME_BITS: Final = 22
"""Start and end of frame at their shortest: 10 + 2 and 10 bits (ISO/IEC 14443-3 §7.1.4 and §7.1.5)."""
_TYPE_B_TURNAROUND_S: Final = 0.0005
"""Silence and synchronisation before an answer and before the next command; assumed (ISO/IEC 14443-3 §7.1.6)."""


@unique
class Pace(Enum):
    """How a simulated card times its answers."""

    INSTANT = "instant"
    """As fast as the machine."""
    REALISTIC = "realistic"
    """As slow as the link that the answer to reset stands for."""


@unique
class BitRate(Enum):
    """A contactless bit rate by its usual name, in kbit/s; the exact one is a fraction of the carrier."""

    KBIT_106 = 106
    KBIT_212 = 212
    KBIT_424 = 424
    KBIT_847 = 847

    @property
    def hz(self) -> float:
        """Bits per second: fc/128 for the basic rate, twice as many for each step (ISO/IEC 14443-2 §9.1)."""
        return _BASIC_HZ * round(self.value / _BASIC_KBIT)


_RATE_BITS: Final = {BitRate.KBIT_212: 1, BitRate.KBIT_424: 2, BitRate.KBIT_847: 4}
"""Bits of one direction in the first byte of the protocol information (ISO/IEC 14443-3 §7.9.4.2)."""


@dataclass(frozen=True, slots=True)
class ReaderLimits:
    """What the reader can do; the card's offer is cut down to it."""

    clock_hz: float = 4_000_000
    """Clock that the reader gives to a contact card."""
    bit_rate: BitRate = BitRate.KBIT_424
    """Fastest contactless rate."""
    frame_size_bytes: int = _BASIC_FRAME_SIZE
    """Largest contactless frame that the reader takes (FSD, ISO/IEC 14443-3 §7.10.4)."""


ORDINARY_READER: Final = ReaderLimits()


@dataclass(frozen=True, slots=True)
class Lane:
    """One direction of a link."""

    bit_rate_hz: float
    bits_per_character: int
    """With start, parity or stop bits and guard time."""
    block_size_bytes: int
    """How much data travels in one block."""
    frame_characters: int
    """What is sent around the data of each block, and instead of data in an acknowledgement."""
    frame_bits: int = 0
    """What is sent around a block in bits that are no characters."""

    def seconds(self, size_bytes: int) -> float:
        """Return how long one block with this much data takes."""
        characters = size_bytes + self.frame_characters
        return (characters * self.bits_per_character + self.frame_bits) / self.bit_rate_hz


@dataclass(frozen=True, slots=True)
class Link:
    """The speed of one link, from the reader to the card and back."""

    to_card: Lane
    to_reader: Lane
    turnaround_s: float
    """Pause between the last character of one side and the first of the other."""

    def seconds(self, command: bytes, answer_size_bytes: int) -> float:
        """Return how long one command and its answer take, with the card's own work."""
        sent_s = self._transfer_s(len(command), self.to_card, self.to_reader)
        received_s = self._transfer_s(answer_size_bytes, self.to_reader, self.to_card)
        return sent_s + _work_s(command) + received_s

    def _transfer_s(self, size_bytes: int, along: Lane, against: Lane) -> float:
        full_blocks, rest = divmod(max(size_bytes, 1) - 1, along.block_size_bytes)
        # Every block but the last is acknowledged by the other side.
        chained_s = full_blocks * (along.seconds(along.block_size_bytes) + against.seconds(0))
        last_s = along.seconds(min(rest + 1, size_bytes))
        return chained_s + last_s + (2 * full_blocks + 1) * self.turnaround_s


def link_of(atr: bytes, reader: ReaderLimits = ORDINARY_READER) -> Link:
    """Return the link that an answer to reset stands for on a reader with these limits."""
    if atr.startswith(_TYPE_B_HEAD):
        rates, sizes = atr[_PROTOCOL_INFORMATION : _PROTOCOL_INFORMATION + 2]
        return _type_b(rates, sizes >> 4, reader)
    if atr.startswith(_CONTACTLESS_HEADS):
        return _type_b(0, len(_FRAME_SIZES) - 1, reader)
    return _contact(atr, reader)


def _type_b(rates: int, frame_size_code: int, reader: ReaderLimits) -> Link:
    to_card, to_reader = rates >> _TO_CARD_SHIFT, rates >> _TO_READER_SHIFT
    if rates & _SAME_RATE:
        to_card = to_reader = to_card & to_reader
    if rates & _RATE_BITS_UNKNOWN:
        to_card = to_reader = 0
    card_frame = _FRAME_SIZES[min(frame_size_code, len(_FRAME_SIZES) - 1)]
    return Link(
        _type_b_lane(_fastest(to_card, reader), card_frame),
        _type_b_lane(_fastest(to_reader, reader), reader.frame_size_bytes),
        _TYPE_B_TURNAROUND_S,
    )


def _fastest(offered: int, reader: ReaderLimits) -> BitRate:
    possible = [
        rate for rate, bit in _RATE_BITS.items() if offered & bit and rate.value <= reader.bit_rate.value
    ]
    return max(possible, key=lambda rate: rate.value, default=BitRate.KBIT_106)


def _type_b_lane(bit_rate: BitRate, frame_size_bytes: int) -> Lane:
    room = frame_size_bytes - _TYPE_B_FRAME_CHARACTERS
    return Lane(
        bit_rate.hz, _TYPE_B_CHARACTER_BITS, room, _TYPE_B_FRAME_CHARACTERS, frame_bits=_TYPE_B_FRAME_BITS
    )


def _contact(atr: bytes, reader: ReaderLimits) -> Link:
    interface = _interface_bytes(atr)
    ta1 = interface.get("TA1", _DEFAULT_TA1)
    clocks_per_bit = _CLOCK_RATE.get(ta1 >> 4, 372) / _BIT_RATE_ADJUSTMENT.get(ta1 & 0x0F, 1)
    bit_rate_hz = reader.clock_hz / clocks_per_bit
    guard = interface.get("TC1", 0)
    character_bits = 11 if guard == _LEAST_GUARD else 12 + guard
    card_room = min(interface.get("TA3", _DEFAULT_INFORMATION_SIZE), _INFORMATION_SIZE_MAX)
    return Link(
        Lane(bit_rate_hz, character_bits, card_room, _T1_FRAME_CHARACTERS),
        Lane(bit_rate_hz, min(character_bits, 12), _INFORMATION_SIZE_MAX, _T1_FRAME_CHARACTERS),
        _T1_BLOCK_GUARD_BITS / bit_rate_hz,
    )


def _interface_bytes(atr: bytes) -> dict[str, int]:
    """Return the interface bytes by name, TA1 to TDn (ISO/IEC 7816-3 §8.2.3)."""
    found: dict[str, int] = {}
    present, group, position = atr[1] >> 4, 1, 2
    while present:
        for bit, letter in enumerate("ABCD"):
            if present >> bit & 1 and position < len(atr):
                found[f"T{letter}{group}"] = atr[position]
                position += 1
        present = found.get(f"TD{group}", 0) >> 4
        group += 1
    return found


def _work_s(command: bytes) -> float:
    instruction = command[1] if len(command) > 1 else 0
    if instruction in _INSTRUCTION_SIGN:
        return _SIGN_S
    writes_counter = instruction in _INSTRUCTION_VERIFY and len(command) > _HEADER_SIZE_BYTES
    return _VERIFY_S if writes_counter else _OTHER_S
