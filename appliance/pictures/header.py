"""The dimensions that a picture claims, read from its first bytes and refused beyond bounds (hazard H11).

Nothing is decompressed here: a few fields at fixed places tell how much memory and time a decoder would take, and a
picture that asks for more than any true one is refused before a decoder sees it. Sources: PNG (W3C, third edition)
§11.2.1; JPEG 2000 (ITU-T T.800) §A.5.1 and Annex I.5; JPEG (ITU-T T.81) §B.2.2.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

from appliance.errors import PictureRefused

_PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_JP2_MAGIC: Final = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_CODESTREAM_MAGIC: Final = b"\xff\x4f\xff\x51"
_JPEG_MAGIC: Final = b"\xff\xd8\xff"
_BOXES_READ_LIMIT: Final = 64
_SEGMENTS_READ_LIMIT: Final = 256


@unique
class PictureFormat(Enum):
    """The formats that the unit decodes, by the decoder's own names; every other one stays off."""

    PNG = "PNG"
    """Name and address pictures of the chip (card.md §7.1, §10)."""
    JPEG2000 = "JPEG2000"
    """The chip photo (card.md §7.1, §10)."""
    JPEG = "JPEG"
    """Picture files that a developer or maintainer names; never from a chip."""


@dataclass(frozen=True, slots=True)
class PictureBounds:
    """The largest picture of one kind that is looked at."""

    formats: frozenset[PictureFormat]
    size_bytes: int
    width_px: int
    height_px: int
    pixels: int
    bit_depth: int = 8
    components: int = 4
    tiles: int = 64
    """JPEG 2000 tiles: many tiny tiles cost a decoder time and memory out of proportion."""


CHIP_BOUNDS: Final = PictureBounds(
    formats=frozenset({PictureFormat.PNG, PictureFormat.JPEG2000}),
    size_bytes=65_536,
    width_px=2_048,
    height_px=2_048,
    pixels=1_048_576,
    components=3,
)
"""The chip's record gives its own length in two bytes (card.md §7.1), so no picture in it reaches 64 KiB."""

FILE_BOUNDS: Final = PictureBounds(
    formats=frozenset(PictureFormat),
    size_bytes=16 * 1_048_576,
    width_px=8_192,
    height_px=8_192,
    pixels=24_000_000,
)
"""Picture files named on the command line: as large as an ordinary camera writes."""


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """What a picture claims to be, within its bounds."""

    format: PictureFormat
    width_px: int
    height_px: int
    bit_depth: int
    components: int
    tiles: int = 1


def read_header(content: bytes | memoryview, bounds: PictureBounds) -> PictureHeader:
    """Read the claimed dimensions of `content` without decoding it.

    Raises:
        PictureRefused: `size`, `format` (unknown, not enabled or malformed) or `dimensions`.
    """
    if not 0 < len(content) <= bounds.size_bytes:
        raise PictureRefused("size")
    try:
        header = _parse(content)
    except (struct.error, ZeroDivisionError, OverflowError) as error:
        # A box may claim 64 bits of length (T.800 §I.4), which is more than the machine can count to.
        raise PictureRefused("format") from error
    if header.format not in bounds.formats:
        raise PictureRefused("format")
    _check_dimensions(header, bounds)
    return header


def _check_dimensions(header: PictureHeader, bounds: PictureBounds) -> None:
    inside = (
        1 <= header.width_px <= bounds.width_px
        and 1 <= header.height_px <= bounds.height_px
        and header.width_px * header.height_px <= bounds.pixels
        and 1 <= header.bit_depth <= bounds.bit_depth
        and 1 <= header.components <= bounds.components
        and 1 <= header.tiles <= bounds.tiles
    )
    if not inside:
        raise PictureRefused("dimensions")


def _parse(content: bytes | memoryview) -> PictureHeader:
    start = bytes(content[:12])
    if start.startswith(_PNG_MAGIC):
        return _parse_png(content)
    if start == _JP2_MAGIC:
        return _parse_jp2(content)
    if start.startswith(_CODESTREAM_MAGIC):
        return _parse_codestream(content, 0)
    if start.startswith(_JPEG_MAGIC):
        return _parse_jpeg(content)
    raise PictureRefused("format")


_PNG_COMPONENTS: Final = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}
"""Samples per pixel by colour type (PNG §11.2.1); a palette's entries are RGB."""


def _parse_png(content: bytes | memoryview) -> PictureHeader:
    length, kind, width, height, depth, colour = struct.unpack_from(">I4sIIBB", content, 8)
    if length != 13 or kind != b"IHDR" or colour not in _PNG_COMPONENTS:
        raise PictureRefused("format")
    return PictureHeader(PictureFormat.PNG, width, height, depth, _PNG_COMPONENTS[colour])


def _parse_jp2(content: bytes | memoryview) -> PictureHeader:
    """Find the codestream box; the dimensions that count are the codestream's own, the container must agree."""
    claimed: tuple[int, int] | None = None
    offset = 0
    for _ in range(_BOXES_READ_LIMIT):
        kind, body, following = _box(content, offset)
        if kind == b"jp2h":
            claimed = _container_size(content, body)
        if kind == b"jp2c":
            header = _parse_codestream(content, body)
            if claimed != (header.width_px, header.height_px):
                raise PictureRefused("dimensions")
            return header
        offset = following
    raise PictureRefused("format")


def _box(content: bytes | memoryview, offset: int) -> tuple[bytes, int, int]:
    """Return kind, start of the body and start of the next box (T.800 §I.4)."""
    length, kind = struct.unpack_from(">I4s", content, offset)
    body = offset + 8
    if length == 1:
        (length,) = struct.unpack_from(">Q", content, body)
        body += 8
    if length == 0:
        length = len(content) - offset
    if length < body - offset:
        raise PictureRefused("format")
    return kind, body, offset + length


def _container_size(content: bytes | memoryview, body: int) -> tuple[int, int]:
    """Return width and height of the image header box, which comes first in its parent (T.800 §I.5.3.1)."""
    kind, inner, _ = _box(content, body)
    if kind != b"ihdr":
        raise PictureRefused("format")
    height, width = struct.unpack_from(">II", content, inner)
    return width, height


def _parse_codestream(content: bytes | memoryview, offset: int) -> PictureHeader:
    """Read the SIZ segment (T.800 §A.5.1)."""
    if bytes(content[offset : offset + 4]) != _CODESTREAM_MAGIC:
        raise PictureRefused("format")
    right, bottom, left, top = struct.unpack_from(">IIII", content, offset + 8)
    tile_width, tile_height, tile_left, tile_top = struct.unpack_from(">IIII", content, offset + 24)
    (components,) = struct.unpack_from(">H", content, offset + 40)
    if not 1 <= components <= 4 or right <= left or bottom <= top or tile_left > left or tile_top > top:
        raise PictureRefused("dimensions")
    depths = []
    for index in range(components):
        depth, step_x, step_y = struct.unpack_from(">BBB", content, offset + 42 + 3 * index)
        if step_x == 0 or step_y == 0:
            raise PictureRefused("dimensions")
        depths.append((depth & 0x7F) + 1)
    tiles = -(-(right - tile_left) // tile_width) * -(-(bottom - tile_top) // tile_height)
    # A decoder lays the grid from the origin, so an offset costs memory although it is not shown.
    if left or top:
        raise PictureRefused("dimensions")
    return PictureHeader(PictureFormat.JPEG2000, right, bottom, max(depths), components, tiles)


def _parse_jpeg(content: bytes | memoryview) -> PictureHeader:
    """Walk the segments to the frame header (T.81 §B.2.2)."""
    offset = 2
    for _ in range(_SEGMENTS_READ_LIMIT):
        fill, marker, length = struct.unpack_from(">BBH", content, offset)
        if fill != 0xFF or length < 2:
            raise PictureRefused("format")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            depth, height, width, components = struct.unpack_from(">BHHB", content, offset + 4)
            return PictureHeader(PictureFormat.JPEG, width, height, depth, components)
        offset += 2 + length
    raise PictureRefused("format")
