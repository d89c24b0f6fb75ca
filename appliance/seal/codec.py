"""The one encoding of everything that is sealed or signed: a canonical CBOR array that starts with its version.

One shape has one encoding (RFC 8949 §4.2.1), so a signature covers exactly what a reader sees and no second spelling of
the same record can pass. Reading is strict: a size bound first, then no tags, no floats, no indefinite lengths, nothing
behind the last field, and only the field types that the shape names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Self

import cbor2

from appliance.errors import FormatUnknown, SealBroken

Field = int | str | bytes | Sequence["Field"]
"""What an encoded array may hold."""

LARGEST_NUMBER: Final = 2**63 - 1
"""Numbers end where a database column ends."""

_DEEPEST: Final = 4


class _NoTags(Mapping[int, Callable[..., Any]]):
    """Decoders for no tag at all, so that no tag's own parser ever sees foreign bytes."""

    def __getitem__(self, tag: int) -> Callable[..., Any]:
        raise SealBroken("format")

    def __iter__(self) -> Iterator[int]:
        return iter(())

    def __len__(self) -> int:
        return 0


def encode(version: int, *fields: Field) -> bytes:
    """Return the canonical bytes of a shape of this version."""
    return cbor2.dumps([version, *fields], canonical=True)


class Fields:
    """The fields of one decoded array, taken in order, each as the type that its place demands."""

    __slots__ = ("_left",)

    def __init__(self, fields: Sequence[object]) -> None:
        """Read `fields` from the first on."""
        self._left = list(reversed(fields))

    @classmethod
    def decode(cls, encoded: bytes, *, shape: str, version: int, limit_bytes: int) -> Self:
        """Return the fields behind the version.

        Raises:
            SealBroken: part `format`: too long, not canonical, or not an array that starts with a version.
            FormatUnknown: the version is another one than `version`.
        """
        array = _decode_canonical(encoded, limit_bytes)
        if not isinstance(array, list):
            raise SealBroken("format")
        fields = cls(array)
        found = fields.number()
        if found != version:
            raise FormatUnknown(shape, found)
        return fields

    def number(self) -> int:
        """Take a whole number from 0 to `LARGEST_NUMBER`."""
        value = self._take()
        if type(value) is not int or not 0 <= value <= LARGEST_NUMBER:
            raise SealBroken("format")
        return value

    def text(self, longest: int) -> str:
        """Take a text of at most `longest` characters."""
        value = self._take()
        if not isinstance(value, str) or len(value) > longest:
            raise SealBroken("format")
        return value

    def octets(self, *, longest: int, shortest: int = 0) -> bytes:
        """Take a byte string within these lengths."""
        value = self._take()
        if not isinstance(value, bytes) or not shortest <= len(value) <= longest:
            raise SealBroken("format")
        return value

    def rows(self, most: int) -> Iterator[Fields]:
        """Take an array of at most `most` arrays."""
        value = self._take()
        if not isinstance(value, list) or len(value) > most:
            raise SealBroken("format")
        for row in value:
            if not isinstance(row, list):
                raise SealBroken("format")
            yield Fields(row)

    def end(self) -> None:
        """Demand that nothing is left."""
        if self._left:
            raise SealBroken("format")

    def _take(self) -> object:
        if not self._left:
            raise SealBroken("format")
        return self._left.pop()


def _decode_canonical(encoded: bytes, limit_bytes: int) -> object:
    if len(encoded) > limit_bytes:
        raise SealBroken("format")
    try:
        value: object = cbor2.loads(
            encoded,
            semantic_decoders=_NoTags(),
            max_depth=_DEEPEST,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
        again = cbor2.dumps(value, canonical=True)
    except (cbor2.CBORError, RecursionError) as error:
        raise SealBroken("format") from error
    if again != encoded:
        raise SealBroken("format")
    return value
