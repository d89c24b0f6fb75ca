"""Files that nobody should give for a picture of a face."""

from __future__ import annotations

import zlib

from PIL import Image

from appliance.simulated.portraits import chip_photo, live_frame
from tests.face.test_engine import as_file, jp2_claiming, jp2_of


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header says it is large, and whose checksum agrees."""
    head = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    chunks = [head, b"IDAT" + zlib.compress(bytes(1000)), b"IEND"]
    body = b"".join(
        (len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big") for chunk in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def bad_pictures() -> dict[str, bytes]:
    """Return them by what is wrong with them."""
    chip = chip_photo("hopper")
    return {
        "nothing": b"",
        "words": b"words\n" * 1000,
        "one pixel": jp2_of(Image.new("L", (1, 1), 90)),
        "hundred megapixels": jp2_claiming(chip, 10_000, 10_000),
        "cut short": chip[:1_500],
        "head alone": chip[:100],
        "zeros inside": chip[:600] + bytes(len(chip) - 600),
        "four gigapixels of PNG": png_claiming(65_000, 65_000),
        "black": as_file(live_frame("hopper", 0.0, 0.0, 1.0, 1), "PNG"),
    }
