"""Name, address and numbers as the 1-bit PNG pictures that stand on the chip (card.md §7.1, §10).

Real picture sizes are not published; these leave room for three lines of address.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from appliance.errors import TrainingPartMissing

_KNOWN_FONTS: Final = (
    Path("/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf"),
    Path("/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf"),
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
)
"""Where Debian puts Japanese fonts; the first covers JIS X 0213."""
FONT_PACKAGE: Final = "fonts-ipaexfont-gothic"
_FONT_SEARCH_TIMEOUT_S: Final = 10

NAME_SIZE_PX: Final = (360, 40)
ADDRESS_SIZE_PX: Final = (480, 72)
SMALL_DIGIT_SIZE_PX: Final = (6, 12)
"""One digit cell: four make the 24 x 12 security code, twelve the 72 x 12 number (card.md §7.1, §7.3)."""
_NAME_TYPE_PX: Final = 28
_ADDRESS_TYPES_PX: Final = range(20, 9, -1)
_LINE_GAP_PX: Final = 2
_WHITE: Final = 1


@dataclass(frozen=True)
class ChipArtist:
    """Draws chip pictures in one font."""

    font_path: Path

    @classmethod
    def with_system_font(cls) -> ChipArtist:
        """Return an artist with a Japanese font of this machine.

        Raises:
            TrainingPartMissing: there is none.
        """
        return cls(find_japanese_font())

    def name(self, text: str) -> bytes:
        """Draw a name on one line, smaller when it is long."""
        return self._lines((text,), NAME_SIZE_PX, _NAME_TYPE_PX)

    def address(self, text: str) -> bytes:
        """Draw an address on as many lines as it needs, smaller when there are many."""
        type_px = next(
            (size for size in _ADDRESS_TYPES_PX if len(text) <= _room(size)), _ADDRESS_TYPES_PX[-1]
        )
        per_line = ADDRESS_SIZE_PX[0] // type_px
        lines = tuple(text[start : start + per_line] for start in range(0, len(text), per_line))
        return self._lines(lines, ADDRESS_SIZE_PX, type_px)

    def digits(self, text: str) -> bytes:
        """Draw digits in cells of 6 x 12 pixels with the library's built-in type."""
        width, height = SMALL_DIGIT_SIZE_PX
        picture = Image.new("1", (width * len(text), height), _WHITE)
        draw = ImageDraw.Draw(picture)
        for index, digit in enumerate(text):
            draw.text((index * width, 0), digit, fill=0, font=self._digit_type)
        return _png(picture)

    @cached_property
    def _digit_type(self) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
        return ImageFont.load_default_imagefont()

    def _lines(self, lines: tuple[str, ...], size_px: tuple[int, int], type_px: int) -> bytes:
        longest = max(map(len, lines))
        type_px = min(type_px, size_px[0] // max(longest, 1))
        font = ImageFont.truetype(self.font_path, type_px)
        picture = Image.new("1", size_px, _WHITE)
        draw = ImageDraw.Draw(picture)
        draw.fontmode = "1"
        for index, line in enumerate(lines):
            draw.text((0, index * (type_px + _LINE_GAP_PX)), line, fill=0, font=font)
        return _png(picture)


def _room(type_px: int) -> int:
    """Return how many full-width characters of this size fit into the address picture."""
    width, height = ADDRESS_SIZE_PX
    return width // type_px * (height // (type_px + _LINE_GAP_PX))


def find_japanese_font() -> Path:
    """Return the file of a Japanese font: a known place first, then what fontconfig offers.

    Raises:
        TrainingPartMissing: there is none.
    """
    for path in _KNOWN_FONTS:
        if path.exists():
            return path
    matcher = shutil.which("fc-match")
    if matcher:
        found = subprocess.run(
            [matcher, "--format=%{lang}\t%{file}", ":lang=ja"],
            capture_output=True,
            text=True,
            timeout=_FONT_SEARCH_TIMEOUT_S,
            check=False,
        ).stdout
        languages, _, file = found.partition("\t")
        if "ja" in languages.split("|") and Path(file).exists():
            return Path(file)
    raise TrainingPartMissing("Japanese font", FONT_PACKAGE)


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
