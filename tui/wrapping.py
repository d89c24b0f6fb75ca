"""Japanese line breaking, counted in terminal cells (design D10).

Japanese has no spaces, so a line may end almost anywhere, but not before a closing mark and not after an opening one
(JIS X 4051, 禁則処理). Words and numbers in Latin letters stay whole where they fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from wcwidth import wcswidth

_NOT_AT_START: Final = frozenset(
    "、。，．・：；？！ー」』）］｝〉》】〕ぁぃぅぇぉっゃゅょァィゥェォッャュョ々"
)
_NOT_AT_END: Final = frozenset("「『（［｛〈《【〔([{")
_PIECE: Final = re.compile(r"[!-~]+|\s|.")
"""A Latin word with its marks, one space, or one other character."""
_CUT_MARK: Final = ".."


def cells(text: str) -> int:
    """Return how many terminal cells a text takes; a text with control characters counts as none."""
    return max(wcswidth(text), 0)


def fit(text: str, width_cells: int) -> str:
    """Return a text cut to a width; a cut text ends with two dots."""
    if cells(text) <= width_cells:
        return text
    return _head(text, width_cells - len(_CUT_MARK)) + _CUT_MARK[: max(width_cells, 0)]


def pad(text: str, width_cells: int) -> str:
    """Return a text cut or filled with spaces to exactly a width."""
    fitted = fit(text, width_cells)
    return fitted + " " * (width_cells - cells(fitted))


def wrap(text: str, width_cells: int) -> list[str]:
    """Return the lines of a text at a width of at least 2 cells; line feeds in it are kept."""
    width_cells = max(width_cells, 2)
    return [line for paragraph in text.split("\n") for line in _fill(paragraph, width_cells)]


def _fill(paragraph: str, width_cells: int) -> Iterator[str]:
    line = ""
    for unit in _units(paragraph):
        if cells(line + unit.rstrip()) <= width_cells:
            line += unit
            continue
        if line.strip():
            yield line.rstrip()
        line = unit.lstrip()
        while cells(line) > width_cells:
            head = _head(line, width_cells)
            yield head
            line = line[len(head) :]
    yield line.rstrip()


def _units(paragraph: str) -> Iterator[str]:
    """Yield the parts that no line break may enter."""
    unit = ""
    for piece in _PIECE.findall(paragraph):
        if unit and piece[0] not in _NOT_AT_START and unit[-1] not in _NOT_AT_END:
            yield unit
            unit = ""
        unit += piece
    if unit:
        yield unit


def _head(text: str, width_cells: int) -> str:
    head = ""
    for character in text:
        if cells(head + character) > width_cells:
            break
        head += character
    return head
