"""What it means that a screen fits its terminal, counted in cells (proof.md G9)."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

from tui.widgets.key_bar import KeyPlate
from tui.widgets.prose import Prose
from tui.wrapping import cells


def overflows(app: App[None]) -> list[str]:
    """Return everything on the present screen that does not fit."""
    screen = app.screen
    return [*_rows(app, screen), *_widgets(screen)]


def _rows(app: App[None], screen: Screen[object]) -> Iterator[str]:
    width, height = app.size
    strips = screen._compositor.render_strips()
    if len(strips) != height:
        yield f"{len(strips)} rows on a screen of {height}"
    for number, strip in enumerate(strips):
        text = "".join(segment.text for segment in strip)
        if cells(text) != width:
            yield f"row {number} takes {cells(text)} of {width} cells: {text!r}"


def _widgets(screen: Screen[object]) -> Iterator[str]:
    for widget in screen.walk_children(Widget):
        if not widget.display or not widget.region:
            continue
        if isinstance(widget, Prose):
            yield from _prose(widget)
        if isinstance(widget, KeyPlate) and widget.region.right > screen.region.right:
            yield f"key {widget.render()!s} is cut"
    plates = [widget.region for widget in screen.query(KeyPlate)]
    for index, one in enumerate(plates):
        if any(one.overlaps(other) for other in plates[index + 1 :]):
            yield "keys overlap"


def _prose(prose: Prose) -> Iterator[str]:
    lines = str(prose.render()).split("\n")
    if any(cells(line) > prose.content_size.width for line in lines):
        yield f"too wide for {prose.content_size.width}: {prose.text!r}"
    if len(lines) > prose.content_size.height and prose.text:
        yield f"{len(lines)} lines on {prose.content_size.height}: {prose.text!r}"
    parent = prose.parent
    if isinstance(parent, Widget) and not parent.is_scrollable and prose.region.bottom > parent.region.bottom:
        yield f"runs out of its place below: {prose.text!r}"
