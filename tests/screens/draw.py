"""Draws the screens as pictures, for people to look at and for the README.

    python -m tests.screens.draw FOLDER [NAME ...] [--size 100x30] [--language ja]

Writes one SVG a screen, and a PNG beside it when `rsvg-convert` (Debian: librsvg2-bin) and a Japanese monospaced font (Debian:
fonts-noto-cjk) are there.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import re
import shutil
import subprocess
from pathlib import Path

from tests.screens.rig import Rig
from tests.screens.ways import WAYS
from tui.wrapping import cells

_FONT = "'DejaVu Sans Mono', 'Noto Sans Mono CJK JP', 'Noto Sans CJK JP', monospace"
_CELL_PX = 12.2
"""Width of a cell in Textual's pictures, where letters are 20 px high."""
_WIDE_PX = 21
"""Height of a Japanese letter, so that it fills its two cells."""


async def draw(name: str, folder: Path, size: tuple[int, int], language: str) -> Path:
    """Walk to a screen and write its SVG."""
    async with Rig().running(size, "en" if language == "en" else "ja") as walk:
        await WAYS[name](walk)
        svg = walk.app.export_screenshot(title="mynavisit", simplify=True)
    # The fonts that Textual names are fetched from the net; these are on the machine.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: (?:Fira Code|arial)[^;]*;", f"font-family: {_FONT};", svg)
    svg = re.sub(
        r'<text ([^>]*?)x="([0-9.]+)"([^>]*?) textLength="[0-9.]+"([^>]*)>([^<]*)</text>', _placed, svg
    )
    path = folder / f"{name}.svg"
    path.write_text(svg, "utf-8")
    return path


def _placed(text: re.Match[str]) -> str:
    """Give every character its own place, because not every converter obeys a text's length."""
    before, x, middle, after, said = text.groups()
    parts, at = [], float(x)
    for character in html.unescape(said):
        width = cells(character)
        large = f' font-size="{_WIDE_PX}"' if width == 2 else ""
        parts.append(f'<tspan x="{at:.1f}"{large}>{html.escape(character)}</tspan>')
        at += _CELL_PX * width
    return f"<text {before}{middle}{after}>{''.join(parts)}</text>"


def to_png(svg: Path, width_px: int) -> None:
    """Write the PNG beside an SVG, if the converter is installed."""
    converter = shutil.which("rsvg-convert")
    if converter:
        subprocess.run(
            [converter, "-w", str(width_px), str(svg), "-o", str(svg.with_suffix(".png"))], check=True
        )


def main() -> None:
    """Draw what the command line asks for."""
    parser = argparse.ArgumentParser(description="Draw the screens as pictures.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", default=list(WAYS))
    parser.add_argument("--size", default="100x30")
    parser.add_argument("--language", default="ja")
    parser.add_argument("--width", type=int, default=1000)
    given = parser.parse_args()
    columns, rows = map(int, given.size.split("x"))
    given.folder.mkdir(parents=True, exist_ok=True)
    for name in given.names:
        to_png(asyncio.run(draw(name, given.folder, (columns, rows), given.language)), given.width)


if __name__ == "__main__":
    main()
