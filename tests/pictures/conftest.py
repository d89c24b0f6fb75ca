"""Pictures to refuse and to decode, all drawn here."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import pytest
from PIL import Image

from appliance.pictures.guarded import PictureChild


def encode(mode: str, size: tuple[int, int], kind: str, shade: int = 90) -> bytes:
    stream = io.BytesIO()
    picture = Image.linear_gradient("L").resize(size).point(lambda value: (value + shade) % 256)
    picture.convert(mode).save(stream, kind)
    return stream.getvalue()


@pytest.fixture
def photo() -> bytes:
    """A grey JPEG 2000 picture of a chip photo's size."""
    return encode("L", (240, 320), "JPEG2000")


@pytest.fixture
def name_picture() -> bytes:
    """A one-bit PNG, as the chip holds for the name."""
    return encode("1", (320, 24), "PNG")


def claim_in_jp2(content: bytes, width: int, height: int) -> bytes:
    """Let a JP2 file claim other dimensions, in its container and in its codestream alike."""
    changed = bytearray(content)
    struct.pack_into(">II", changed, content.index(b"ihdr") + 4, height, width)
    struct.pack_into(">II", changed, content.index(b"\xff\x4f\xff\x51") + 8, width, height)
    return bytes(changed)


@pytest.fixture(scope="module")
def child() -> Iterator[PictureChild]:
    with PictureChild(deadline_s=20.0) as running:
        yield running
