"""BER-TLV as this card writes it: long tags, lengths of one to three bytes, not always the shortest (card.md §6).

Stricter than the standard wherever the card allows it: nothing may be left over, nest too deep, or come in crowds.
Values are views of the one buffer they were read from, so that wiping the buffer wipes them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from appliance.errors import CardNotUnderstood

Buffer = bytes | bytearray | memoryview

DEPTH_MAX: Final = 4
"""The deepest object of the card is on the third level (the modulus in a public key)."""
OBJECTS_MAX: Final = 32
"""The card's fullest object has ten children (card.md §7.1)."""
_FILLERS: Final = frozenset({0x00, 0xFF})
_TAG_SIZE_MAX_BYTES: Final = 3
_LENGTH_FORMS: Final = {0x81: 1, 0x82: 2}
"""First length byte to the number of length bytes after it; no file of the card needs three."""


@dataclass(frozen=True, slots=True)
class Tlv:
    """One object in a buffer."""

    tag: int
    """The tag's bytes as a number, such as 0xDF21."""
    value: memoryview = field(repr=False)
    encoded: memoryview = field(repr=False)
    """Tag, length and value as stored, for digests."""
    start: int
    """Where the object begins in the outermost buffer."""
    depth: int = 0

    @property
    def name(self) -> str:
        """The tag in hexadecimal."""
        return f"{self.tag:02X}"

    @property
    def value_start(self) -> int:
        """Where the value begins in the outermost buffer."""
        return self.start + len(self.encoded) - len(self.value)

    def children(self) -> tuple[Tlv, ...]:
        """Return the objects that fill the value exactly.

        Raises:
            CardNotUnderstood: the value is not a sequence of objects, or one too many or too deep.
        """
        if self.depth + 1 >= DEPTH_MAX:
            raise CardNotUnderstood(self.name, self.value_start)
        reader = _Reader(self.value, self.name, self.value_start, self.depth + 1)
        objects: list[Tlv] = []
        while not reader.is_at_end:
            if len(objects) == OBJECTS_MAX:
                raise CardNotUnderstood(self.name, reader.position)
            objects.append(reader.take())
        return tuple(objects)

    def fields(self, *tags: int) -> tuple[Tlv, ...]:
        """Return the children, which must bear exactly these tags in this order.

        Raises:
            CardNotUnderstood: another sequence.
        """
        objects = self.children()
        for found, tag in zip(objects, tags, strict=False):
            found.require(tag)
        if len(objects) != len(tags):
            raise CardNotUnderstood(self.name, self.value_start)
        return objects

    def require(self, tag: int, size_bytes: int | None = None) -> Self:
        """Return the object itself if it has this tag and, when given, this value size.

        Raises:
            CardNotUnderstood: it has not.
        """
        if self.tag != tag:
            raise CardNotUnderstood(f"{tag:02X}", self.start)
        if size_bytes is not None and len(self.value) != size_bytes:
            raise CardNotUnderstood(self.name, self.value_start)
        return self


def read_object(buffer: Buffer, what: str, *, filler_allowed: bool = False) -> Tlv:
    """Return the one object that fills `buffer`; bytes 00 and FF may follow it when `filler_allowed`.

    Raises:
        CardNotUnderstood: no such object; `what` names the file.
    """
    reader = _Reader(memoryview(buffer), what)
    outermost = reader.take()
    rest = reader.rest
    if rest and not (filler_allowed and _FILLERS.issuperset(rest)):
        raise CardNotUnderstood(what, reader.position)
    return outermost


def object_size_bytes(beginning: Buffer, what: str) -> int:
    """Return the size of the object that starts with `beginning`, of which tag and length must be there.

    Raises:
        CardNotUnderstood: no tag and length.
    """
    reader = _Reader(memoryview(beginning), what)
    reader.take_tag()
    length = reader.take_length()
    return reader.position + length


def numbers(value: memoryview) -> Sequence[int]:
    """Return the unsigned 16-bit big-endian numbers of an offset table; an odd last byte is left."""
    return [int.from_bytes(value[at : at + 2], "big") for at in range(0, len(value) - 1, 2)]


class _Reader:
    """A place in a buffer; `origin` is where the buffer begins in the outermost one."""

    __slots__ = ("_at", "_buffer", "_depth", "_origin", "_what")

    def __init__(self, buffer: memoryview, what: str, origin: int = 0, depth: int = 0) -> None:
        self._buffer = buffer
        self._what = what
        self._origin = origin
        self._depth = depth
        self._at = 0

    @property
    def position(self) -> int:
        """Where the next byte stands in the outermost buffer."""
        return self._origin + self._at

    @property
    def is_at_end(self) -> bool:
        """Whether every byte was taken."""
        return self._at == len(self._buffer)

    @property
    def rest(self) -> memoryview:
        """What was not taken."""
        return self._buffer[self._at :]

    def take(self) -> Tlv:
        """Take one object."""
        begun_at, start = self._at, self.position
        tag = self.take_tag()
        length = self.take_length()
        if length > len(self.rest):
            raise CardNotUnderstood(self._what, self.position)
        value = self._buffer[self._at : self._at + length]
        self._at += length
        return Tlv(tag, value, self._buffer[begun_at : self._at], start, self._depth)

    def take_tag(self) -> int:
        """Take a tag of one to three bytes (ISO/IEC 8825-1 §8.1.2)."""
        start = self.position
        tag = self._take_byte()
        if tag == 0:
            raise CardNotUnderstood(self._what, start)
        if tag & 0x1F != 0x1F:
            return tag
        for _ in range(_TAG_SIZE_MAX_BYTES - 1):
            byte = self._take_byte()
            tag = tag << 8 | byte
            if not byte & 0x80:
                return tag
        raise CardNotUnderstood(self._what, start)

    def take_length(self) -> int:
        """Take a length of one to three bytes, shortest form or not (card.md §6.4)."""
        start = self.position
        first = self._take_byte()
        if first < 0x80:
            return first
        count = _LENGTH_FORMS.get(first)
        if count is None:
            raise CardNotUnderstood(self._what, start)
        return int.from_bytes(bytes(self._take_byte() for _ in range(count)), "big")

    def _take_byte(self) -> int:
        if self.is_at_end:
            raise CardNotUnderstood(self._what, self.position)
        byte = self._buffer[self._at]
        self._at += 1
        return byte
