"""Pictures from the chip on the screen: the photo, and name and address as they are drawn (R05), because fonts lack characters."""

from __future__ import annotations

from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from appliance.domain.ephemeral import GreyPicture
from tui.widgets.picture_cells import (
    QUADRANTS,
    best_ink_lines,
    grey_of,
    photo_cells,
    photo_size_cells,
)

_PAPER: Final = Style(color="#000000", bgcolor="#ffffff")


class ChipPicture(Widget):
    """A picture that is drawn once for each size and can be wiped."""

    def __init__(self, picture: GreyPicture | None = None, *, id: str | None = None) -> None:  # noqa: A002
        """Show `picture`, which stays its owner's."""
        super().__init__(id=id)
        self._picture = picture
        self._drawn_for = Size(0, 0)
        self._strips: list[Strip] = []

    def show(self, picture: GreyPicture) -> None:
        """Show another picture."""
        self.wipe()
        self._picture = picture
        self.refresh(layout=True)

    def wipe(self) -> None:
        """Forget the picture and what was drawn of it; safe to call again."""
        self._picture = None
        self._strips = []
        self._drawn_for = Size(0, 0)
        self.refresh()

    @property
    def is_wiped(self) -> bool:
        """Whether nothing of a picture is left here."""
        return self._picture is None and not self._strips

    def on_unmount(self) -> None:
        """Leave nothing behind."""
        self.wipe()

    def render_line(self, y: int) -> Strip:
        """Return one row of cells."""
        size = self.size
        if self._picture is not None and self._drawn_for != size:
            self._strips = self.draw(self._picture, size)
            self._drawn_for = size
        if y < len(self._strips):
            return self._strips[y].adjust_cell_length(size.width, self.rich_style)
        return Strip.blank(size.width, self.rich_style)

    def draw(self, picture: GreyPicture, size: Size) -> list[Strip]:
        """Return the picture's rows for a size in cells."""
        raise NotImplementedError


class ChipPhoto(ChipPicture):
    """A grey photograph in its true proportions, as large as its place."""

    def draw(self, picture: GreyPicture, size: Size) -> list[Strip]:
        """Return rows of quadrant blocks."""
        columns, rows = photo_size_cells(picture, size.width, size.height)
        drawn = photo_cells(grey_of(picture), columns, rows)
        return [
            Strip(
                [
                    Segment(QUADRANTS[mask], _tones(int(front), int(back)))
                    for mask, front, back in zip(*row, strict=True)
                ],
                columns,
            )
            for row in zip(drawn.masks, drawn.front, drawn.back, strict=True)
        ]


class ChipWriting(ChipPicture):
    """Name or address as drawn on the chip: black dots on white paper, as large as fits."""

    def __init__(self, picture: GreyPicture, most_rows: int, *, id: str | None = None) -> None:  # noqa: A002
        """Show `picture` on at most `most_rows` rows where it can be read so."""
        super().__init__(picture, id=id)
        self._most_rows = most_rows

    def draw(self, picture: GreyPicture, size: Size) -> list[Strip]:
        """Return rows of braille dots."""
        lines = best_ink_lines(grey_of(picture), size.width, self._most_rows)
        return [Strip([Segment(line.ljust(size.width), _PAPER)], size.width) for line in lines]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return the rows that the writing needs at a width."""
        if self._picture is None:
            return 1
        return max(len(best_ink_lines(grey_of(self._picture), width, self._most_rows)), 1)


def _tones(front: int, back: int) -> Style:
    return Style(color=f"#{front:02x}{front:02x}{front:02x}", bgcolor=f"#{back:02x}{back:02x}{back:02x}")
