"""The fourteen digits of a card's front in their three fields, each with a mark of its own: here, doubtful, confirmed (R03)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget

from tui.widgets.code_entry import CODE_SIZE, FIELD_SIZES
from tui.widgets.prose import Prose

_FULL_WIDTH_ZERO: Final = ord("０")
_UNREAD: Final = "？"
_HERE: Final = "^^"
_DOUBTFUL: Final = "??"
_PLAIN: Final = "  "


class DigitBoard(Horizontal):
    """Shows digits; the one that is looked at is marked by a sign and a colour."""

    def __init__(self, names: Sequence[str], confirmed: str, *, id: str | None = None) -> None:  # noqa: A002
        """Name the three fields; `confirmed` is the sign of two cells under a confirmed digit."""
        super().__init__(id=id)
        self._names = tuple(names)
        self._confirmed = confirmed
        self._cells = tuple(DigitCell() for _ in range(CODE_SIZE))

    def compose(self) -> ComposeResult:
        """Lay out the three fields."""
        ends = list(accumulate(FIELD_SIZES))
        for name, size, end in zip(self._names, FIELD_SIZES, ends, strict=True):
            cells = Horizontal(*self._cells[end - size : end], classes="cells")
            yield Vertical(Prose(name, classes="name"), cells, classes=f"field of-{size}")

    def show(
        self, digits: bytes, place: int | None, doubtful: Collection[int], confirmed: Collection[int]
    ) -> None:
        """Show fourteen ASCII digits, `?` for an unread one, with the marks of their places."""
        for at, (cell, digit) in enumerate(zip(self._cells, digits, strict=True)):
            is_here, is_confirmed = at == place, at in confirmed
            is_doubtful = at in doubtful and not is_confirmed
            sign = _DOUBTFUL if is_doubtful else self._confirmed if is_confirmed else _PLAIN
            cell.show(_wide(digit), _HERE if is_here else sign)
            cell.set_class(is_here, "-here")
            cell.set_class(is_doubtful, "-doubtful")
            cell.set_class(is_confirmed, "-confirmed")

    def wipe(self) -> None:
        """Show nothing any more; safe to call again."""
        for cell in self._cells:
            cell.show(_PLAIN, _PLAIN)

    def on_unmount(self) -> None:
        """Leave nothing behind."""
        self.wipe()


class DigitCell(Widget):
    """One digit and its mark."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self._lines = (_PLAIN, _PLAIN)

    @property
    def lines(self) -> tuple[str, str]:
        """The digit in full width, and the mark under it."""
        return self._lines

    def show(self, digit: str, mark: str) -> None:
        """Show a digit and a mark, each two cells wide."""
        self._lines = (digit, mark)
        self.refresh()

    def render(self) -> Content:
        """Return both lines."""
        return Content("\n".join(self._lines))


def _wide(digit: int) -> str:
    value = digit - ord("0")
    return chr(_FULL_WIDTH_ZERO + value) if 0 <= value <= 9 else _UNREAD
