"""Dimensions are read and refused before anything is decoded (hazard H11)."""

from __future__ import annotations

import struct
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import PictureRefused
from appliance.pictures.header import CHIP_BOUNDS, FILE_BOUNDS, PictureFormat, PictureHeader, read_header
from tests.pictures.conftest import claim_in_jp2, encode

SMALL = replace(FILE_BOUNDS, width_px=400, height_px=400, pixels=100_000, size_bytes=1_000_000)


def png(
    width: int, height: int, depth: int = 8, colour: int = 0, length: int = 13, kind: bytes = b"IHDR"
) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(
        ">I4sIIBBBBB", length, kind, width, height, depth, colour, 0, 0, 0
    )


def codestream(
    size: tuple[int, int] = (240, 320),
    origin: tuple[int, int] = (0, 0),
    tile: tuple[int, int] = (240, 320),
    tile_origin: tuple[int, int] = (0, 0),
    components: tuple[tuple[int, int, int], ...] = ((7, 1, 1),),
) -> bytes:
    head = struct.pack(">HHHH", 0xFF4F, 0xFF51, 38 + 3 * len(components), 0)
    grid = struct.pack(">IIIIIIII", *size, *origin, *tile, *tile_origin)
    parts = b"".join(struct.pack(">BBB", *part) for part in components)
    return head + grid + struct.pack(">H", len(components)) + parts


def reason(content: bytes, bounds: object = CHIP_BOUNDS) -> str:
    with pytest.raises(PictureRefused) as refused:
        read_header(content, bounds)  # type: ignore[arg-type]
    return refused.value.reason


@pytest.mark.parametrize(
    ("mode", "size", "kind", "expected"),
    [
        ("L", (240, 320), "JPEG2000", PictureHeader(PictureFormat.JPEG2000, 240, 320, 8, 1)),
        ("RGB", (120, 160), "JPEG2000", PictureHeader(PictureFormat.JPEG2000, 120, 160, 8, 3)),
        ("1", (320, 24), "PNG", PictureHeader(PictureFormat.PNG, 320, 24, 1, 1)),
        ("L", (72, 12), "PNG", PictureHeader(PictureFormat.PNG, 72, 12, 8, 1)),
        ("RGBA", (9, 5), "PNG", PictureHeader(PictureFormat.PNG, 9, 5, 8, 4)),
        ("RGB", (300, 200), "JPEG", PictureHeader(PictureFormat.JPEG, 300, 200, 8, 3)),
        ("L", (301, 201), "JPEG", PictureHeader(PictureFormat.JPEG, 301, 201, 8, 1)),
    ],
)
def test_an_encoder_and_the_header_agree(
    mode: str, size: tuple[int, int], kind: str, expected: PictureHeader
) -> None:
    assert read_header(encode(mode, size, kind), FILE_BOUNDS) == expected


def test_a_bare_codestream_is_read_like_one_in_a_container() -> None:
    assert read_header(codestream(), CHIP_BOUNDS) == PictureHeader(PictureFormat.JPEG2000, 240, 320, 8, 1)


def test_a_jpeg_is_no_chip_picture() -> None:
    assert reason(encode("L", (240, 320), "JPEG")) == "format"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP", "PPM"])
def test_other_formats_stay_off(kind: str) -> None:
    assert reason(encode("L", (20, 20), kind), FILE_BOUNDS) == "format"


@pytest.mark.parametrize("content", [b"", bytes(CHIP_BOUNDS.size_bytes + 1)])
def test_nothing_and_too_much_are_refused_by_length_alone(content: bytes) -> None:
    assert reason(content) == "size"


@pytest.mark.parametrize(
    ("width", "height"),
    [(0, 10), (10, 0), (401, 1), (1, 401), (400, 251), (2**31, 2**31), (2**32 - 1, 1)],
)
def test_dimensions_out_of_bounds_are_refused(width: int, height: int) -> None:
    assert reason(png(width, height), SMALL) == "dimensions"
    assert reason(codestream((width, height), tile=(400, 400)), SMALL) == "dimensions"


@pytest.mark.parametrize(("width", "height"), [(1, 1), (400, 1), (1, 400), (400, 250)])
def test_dimensions_at_the_bounds_are_taken(width: int, height: int) -> None:
    assert read_header(png(width, height), SMALL).width_px == width
    assert read_header(codestream((width, height), tile=(400, 400)), SMALL).height_px == height


def test_a_hundred_megapixel_photo_is_refused(photo: bytes) -> None:
    assert reason(claim_in_jp2(photo, 10_000, 10_000)) == "dimensions"


def test_container_and_codestream_must_claim_the_same(photo: bytes) -> None:
    changed = bytearray(photo)
    struct.pack_into(">I", changed, photo.index(b"ihdr") + 4, 319)
    assert reason(bytes(changed)) == "dimensions"


@pytest.mark.parametrize(
    "content",
    [
        png(10, 10, length=12),
        png(10, 10, kind=b"IDAT"),
        png(10, 10, colour=1),
        png(10, 10, colour=5),
        png(10, 10)[:20],
    ],
)
def test_a_png_without_a_true_header_is_refused(content: bytes) -> None:
    assert reason(content) == "format"


def test_sixteen_bit_pictures_are_refused() -> None:
    assert reason(png(10, 10, depth=16)) == "dimensions"
    assert reason(codestream(components=((15, 1, 1),))) == "dimensions"


@pytest.mark.parametrize(
    "content",
    [
        codestream(components=()),
        codestream(components=((7, 1, 1),) * 5),
        codestream(components=((7, 0, 1),)),
        codestream(components=((7, 1, 0),)),
        codestream(origin=(240, 0)),
        codestream(origin=(1, 0)),
        codestream(origin=(0, 1)),
        codestream(tile_origin=(1, 0)),
        codestream(tile=(8, 8)),
        codestream(tile=(1, 320)),
    ],
)
def test_a_codestream_with_a_hostile_grid_is_refused(content: bytes) -> None:
    assert reason(content) == "dimensions"


def test_tiles_without_area_are_refused() -> None:
    assert reason(codestream(tile=(0, 0))) == "format"


def boxed(*boxes: bytes) -> bytes:
    return b"\x00\x00\x00\x0cjP  \r\n\x87\n" + b"".join(boxes)


def box(kind: bytes, body: bytes = b"", length: int | None = None) -> bytes:
    return struct.pack(">I4s", 8 + len(body) if length is None else length, kind) + body


IHDR = box(b"ihdr", struct.pack(">IIHBBBB", 320, 240, 1, 7, 7, 0, 0))


def test_a_box_may_give_its_length_in_eight_bytes_or_reach_to_the_end() -> None:
    long_header = struct.pack(">I4sQ", 1, b"jp2h", 16 + len(IHDR)) + IHDR
    assert read_header(boxed(long_header, box(b"jp2c", codestream(), length=0)), CHIP_BOUNDS).width_px == 240


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (boxed(), "format"),
        (boxed(box(b"jp2h", IHDR)), "format"),
        (boxed(box(b"jp2h", box(b"colr"))), "format"),
        (boxed(box(b"free", length=4)), "format"),
        (boxed(*[box(b"free")] * 100), "format"),
        (boxed(box(b"jp2h", IHDR), box(b"jp2c", b"\xff\x4f")), "format"),
        (boxed(box(b"jp2c", codestream())), "dimensions"),
    ],
)
def test_a_container_without_its_boxes_is_refused(content: bytes, expected: str) -> None:
    assert reason(content) == expected


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\x00\x01",
        b"\xff\xd8\xff\xe0\x00\x04ab\x00\x00\x00\x00",
        b"\xff\xd8" + b"\xff\xe0\x00\x02" * 300,
    ],
)
def test_a_jpeg_without_a_frame_header_is_refused(content: bytes) -> None:
    assert reason(content, FILE_BOUNDS) == "format"


@given(
    st.binary(min_size=1, max_size=200),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", codestream()[:4], b"\xff\xd8\xff"]),
)
def test_any_bytes_give_a_header_in_bounds_or_a_refusal(content: bytes, magic: bytes) -> None:
    assert_bounded(magic + content)


@given(st.binary(max_size=200))
def test_any_boxes_give_a_header_in_bounds_or_a_refusal(content: bytes) -> None:
    assert_bounded(boxed(content))


def assert_bounded(content: bytes) -> None:
    with suppress(PictureRefused):
        header = read_header(content, CHIP_BOUNDS)
        assert 0 < header.width_px * header.height_px <= CHIP_BOUNDS.pixels


def test_a_view_is_as_good_as_bytes(photo: bytes) -> None:
    assert read_header(memoryview(photo), CHIP_BOUNDS) == read_header(photo, CHIP_BOUNDS)
