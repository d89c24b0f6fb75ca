"""Text in whole lines, broken by Japanese rules and counted in cells."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tui.wrapping import cells, wrap


class Prose(Widget):
    """A block of text; never read as markup, so that nothing typed or read can change the screen's look."""

    DEFAULT_CSS = "Prose { height: auto; width: 1fr; }"

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """Show `text`."""
        super().__init__(id=id, classes=classes)
        self._text = text

    @property
    def text(self) -> str:
        """What is shown."""
        return self._text

    def say(self, text: str) -> None:
        """Show another text; does nothing when it is the same."""
        if text != self._text:
            self._text = text
            self.refresh(layout=True)

    def render(self) -> Content:
        """Return the lines."""
        return Content("\n".join(wrap(self._text, self.content_size.width)))

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002
        """Return the cells of the longest line, or what the container gives."""
        return min(max(map(cells, self._text.split("\n"))), container.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return the lines at a width."""
        return len(wrap(self._text, width)) if self._text else 0
