"""Bending pictures as their formats know them: chunks, boxes, segments, claimed sizes, and streams that unpack to far more.

Sources: PNG (W3C, third edition) §5 and §11; JPEG 2000 (ITU-T T.800) Annexes A and I; JPEG (ITU-T T.81) §B.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_SIZES: Final = (
    0,
    1,
    2,
    3,
    7,
    8,
    255,
    256,
    1023,
    1024,
    1025,
    2047,
    2048,
    2049,
    8192,
    65_535,
    1 << 20,
    1 << 31,
    (1 << 32) - 1,
)
_BOMB_BYTES: Final = 16 * 1_048_576
"""As much comes out of one small stream: the most that zlib packs into a chip picture's 64 KiB."""
_TEXT_CHUNKS: Final = (
    b"zTXt",
    b"iTXt",
    b"iCCP",
    b"tEXt",
    b"eXIf",
    b"acTL",
    b"fcTL",
    b"fdAT",
    b"PLTE",
    b"tRNS",
)
_CODESTREAM: Final = b"\xff\x4f\xff\x51"
_MARKERS: Final = (
    0x51,
    0x52,
    0x53,
    0x55,
    0x57,
    0x5C,
    0x5D,
    0x5E,
    0x5F,
    0x60,
    0x61,
    0x64,
    0x90,
    0x91,
    0x92,
    0x93,
    0xD9,
)
"""Markers of a JPEG 2000 codestream (T.800 §A.2)."""
_BOXES: Final = (
    b"jp2h",
    b"ihdr",
    b"bpcc",
    b"colr",
    b"pclr",
    b"cmap",
    b"cdef",
    b"res ",
    b"jp2c",
    b"uuid",
    b"xml ",
    b"ftyp",
)


def bomb(content: bytes = bytes(_BOMB_BYTES)) -> bytes:
    """Return a zlib stream that unpacks to far more than its size."""
    return zlib.compress(content, 9)


BOMB: Final = bomb()


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a PNG chunk with a right check sum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    """Return kind and body of each chunk of a valid PNG."""
    found, at = [], len(PNG_MAGIC)
    while at + 12 <= len(content):
        (size,) = struct.unpack_from(">I", content, at)
        found.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + size]))
        at += 12 + size
    return found


def png(parts: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return a PNG of these chunks."""
    return PNG_MAGIC + b"".join(chunk(kind, body) for kind, body in parts)


def mutate_png(content: bytes, random: Random) -> bytes:
    """Return a PNG bent in its chunks, check sums right again."""
    parts = chunks(content)
    random.choice(_PNG_WAYS)(parts, random)
    return png(parts)


def _other_header(parts: list[tuple[bytes, bytes]], random: Random) -> None:
    width, height, depth, colour, packed, filtered, interlaced = struct.unpack(">IIBBBBB", parts[0][1])
    width, height = random.choice(
        (
            (random.choice(_SIZES), height),
            (width, random.choice(_SIZES)),
            (random.choice(_SIZES),) * 2,
            (1024, 1024),
        )
    )
    depth = random.choice((depth, 1, 2, 4, 8, 16, 0, 3))
    colour = random.choice((colour, colour, 0, 2, 3, 4, 6, 1))
    interlaced = random.choice((interlaced, 0, 1, 2))
    parts[0] = (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, packed, filtered, interlaced))


def _bomb_inside(parts: list[tuple[bytes, bytes]], random: Random) -> None:
    at = next((at for at, (kind, _) in enumerate(parts) if kind == b"IDAT"), 1)
    parts[at] = (b"IDAT", BOMB[: random.choice((len(BOMB), len(BOMB) // 2))])
    if random.random() < 0.5:
        parts[0] = (b"IHDR", struct.pack(">IIBBBBB", 1024, 1024, 8, 0, 0, 0, random.choice((0, 1))))


def _side_chunk(parts: list[tuple[bytes, bytes]], random: Random) -> None:
    kind = random.choice(_TEXT_CHUNKS)
    body = random.choice(
        (b"key\0\0" + BOMB, b"key\0\0\0\0\0" + BOMB, random.randbytes(random.randint(0, 64)), b"")
    )
    parts.insert(random.randint(1, len(parts)), (kind, body))


def _chunks_mixed(parts: list[tuple[bytes, bytes]], random: Random) -> None:
    kind = random.choice(("drop", "repeat", "swap", "many"))
    at = random.randrange(len(parts))
    if kind == "drop":
        del parts[at]
    elif kind == "repeat":
        parts.insert(at, parts[at])
    elif kind == "many":
        parts[at:at] = [(b"tEXt", b"a\0b")] * 2000
    else:
        random.shuffle(parts)


def _chunk_body(parts: list[tuple[bytes, bytes]], random: Random) -> None:
    at = random.randrange(len(parts))
    kind, body = parts[at]
    spoilt = bytearray(body)
    for _ in range(random.choice((1, 1, 4)) if spoilt else 0):
        spoilt[random.randrange(len(spoilt))] = random.randrange(256)
    parts[at] = (
        kind,
        bytes(spoilt[: random.randint(0, len(spoilt))]) if random.random() < 0.3 else bytes(spoilt),
    )


_PNG_WAYS: Final[tuple[Callable[[list[tuple[bytes, bytes]], Random], None], ...]] = (
    _other_header,
    _bomb_inside,
    _side_chunk,
    _chunks_mixed,
    _chunk_body,
    _chunk_body,
)


def mutate_jpeg2000(content: bytes, random: Random) -> bytes:
    """Return a JPEG 2000 picture bent in its boxes or in its codestream."""
    return random.choice(_JPEG2000_WAYS)(content, random)


def _claimed_size(content: bytes, random: Random) -> bytes:
    """Claim other dimensions, in the codestream and, half of the time, in the container too."""
    bent = bytearray(content)
    siz = content.find(_CODESTREAM)
    header = content.find(b"ihdr")
    if siz < 0 or len(bent) < siz + 48:
        return content
    width, height = random.choice(_SIZES), random.choice(_SIZES)
    width, height = random.choice(((width, height), (1024, 1024), (2048, 512), (512, 2048)))
    struct.pack_into(">II", bent, siz + 8, width, height)
    if random.random() < 0.5:
        struct.pack_into(
            ">II", bent, siz + 24, random.choice((width, 1, 16, 128)), random.choice((height, 1, 16, 128))
        )
    elif random.random() < 0.5:
        struct.pack_into(">II", bent, siz + 24, width, height)
    if header >= 0 and random.random() < 0.8:
        struct.pack_into(">II", bent, header + 4, height, width)
    return bytes(bent)


def _size_segment(content: bytes, random: Random) -> bytes:
    siz = content.find(_CODESTREAM)
    return _bytes_set_within(content, siz + 4, siz + 52, random)


def _coding_segments(content: bytes, random: Random) -> bytes:
    """Spoil what stands between the size and the first data: coding style, quantisation (T.800 §A.6)."""
    siz = content.find(_CODESTREAM)
    end = content.find(b"\xff\x93", siz)
    return _bytes_set_within(content, siz + 50, end if end > 0 else len(content), random)


def _packed_data(content: bytes, random: Random) -> bytes:
    start = content.find(b"\xff\x93")
    return _bytes_set_within(content, max(start, 0) + 2, len(content), random)


def _marker(content: bytes, random: Random) -> bytes:
    at = random.randrange(max(1, len(content) - 4))
    segment = (
        b"\xff"
        + bytes((random.choice(_MARKERS),))
        + struct.pack(">H", random.choice((2, 3, 38, 255, 65_535)))
    )
    return content[:at] + segment + content[at + random.choice((0, 4)) :]


def _box_header(content: bytes, random: Random) -> bytes:
    """Give one box another length or kind, or put a new one before it."""
    at = content.find(random.choice(_BOXES))
    if at < 4:
        return content
    length = struct.pack(">I", random.choice((0, 1, 7, 8, 9, 15, 16, 45, 0xFFFFFFFF, len(content))))
    kind = content[at : at + 4] if random.random() < 0.6 else random.choice(_BOXES)
    if random.random() < 0.3:
        return content[: at - 4] + length + kind + random.randbytes(random.randint(0, 20)) + content[at - 4 :]
    return content[: at - 4] + length + kind + content[at + 4 :]


def _bare_codestream(content: bytes, random: Random) -> bytes:
    bare = content[max(0, content.find(_CODESTREAM)) :]
    return random.choice((_size_segment, _coding_segments, _packed_data))(bare, random)


_JPEG2000_WAYS: Final[tuple[Callable[[bytes, Random], bytes], ...]] = (
    _claimed_size,
    _size_segment,
    _coding_segments,
    _coding_segments,
    _packed_data,
    _packed_data,
    _marker,
    _box_header,
    _bare_codestream,
)


def mutate_jpeg(content: bytes, random: Random) -> bytes:
    """Return a camera's JPEG bent in its segments."""
    return random.choice(_JPEG_WAYS)(content, random)


def _frame_size(content: bytes, random: Random) -> bytes:
    """Claim other dimensions, components or samplings in the frame header (T.81 §B.2.2)."""
    at = next((found for kind in (0xC0, 0xC2) if (found := content.find(bytes((0xFF, kind)))) > 0), -1)
    if at < 0:
        return content
    bent = bytearray(content)
    if random.random() < 0.6:
        struct.pack_into(
            ">HH", bent, at + 5, *random.choices([size for size in _SIZES if size < 65_536], k=2)
        )
        return bytes(bent)
    return _bytes_set_within(content, at + 1, at + 19, random)


def _tables(content: bytes, random: Random) -> bytes:
    start = content.find(b"\xff\xdb")
    end = content.find(b"\xff\xda")
    return _bytes_set_within(content, max(start, 0), end if end > 0 else len(content), random)


def _scan(content: bytes, random: Random) -> bytes:
    start = content.find(b"\xff\xda")
    return _bytes_set_within(content, max(start, 0), len(content), random)


def _scans_repeated(content: bytes, random: Random) -> bytes:
    """Repeat the last scan: each one costs a decoder a pass over the whole picture."""
    start = content.rfind(b"\xff\xda")
    scan = content[start:-2]
    return content[:start] + scan * random.choice((2, 10, 200)) + content[-2:] if start > 0 else content


def _segment_put_in(content: bytes, random: Random) -> bytes:
    kind = random.choice((0xE0, 0xE1, 0xE2, 0xEE, 0xFE, 0xDD, 0xC4, 0xDB))
    head = random.choice(
        (b"", b"Exif\0\0MM\0*\0\0\0\x08", b"JFIF\0\x01\x01", b"ICC_PROFILE\0\x01\x01", b"Adobe\0d")
    )
    body = head + random.randbytes(random.randint(0, 80))
    return content[:2] + bytes((0xFF, kind)) + struct.pack(">H", len(body) + 2) + body + content[2:]


_JPEG_WAYS: Final[tuple[Callable[[bytes, Random], bytes], ...]] = (
    _frame_size,
    _tables,
    _scan,
    _scan,
    _scans_repeated,
    _segment_put_in,
)


def _bytes_set_within(content: bytes, start: int, end: int, random: Random) -> bytes:
    end = min(end, len(content))
    if not 0 <= start < end:
        return content
    bent = bytearray(content)
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        at = random.randrange(start, end)
        bent[at] = random.choice((bent[at] ^ 1 << random.randrange(8), 0x00, 0xFF, random.randrange(256)))
    return bytes(bent)
