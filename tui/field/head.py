"""The head of every screen: where and when, training or not, and where the records stand (design D3)."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from appliance.domain.outbox import OutboxCounts
from tui.dates import today_in_full
from tui.field.messages import Standing
from tui.field.session import Session
from tui.widgets.prose import Prose
from tui.wrapping import cells, fit

STEPS: Final = ("notice", "card", "face", "decision", "programme", "saved")
"""The steps of a turn in the head, by their key in the catalogue."""


class UnitBar(Horizontal):
    """Facility and day at the left, the records' counts at the right."""

    def __init__(self, session: Session) -> None:
        """Show the session's standing until a newer one comes."""
        super().__init__()
        self._session = session

    def compose(self) -> ComposeResult:
        """Lay out the two lines."""
        yield Static(id="where", markup=False)
        if self._session.unit.is_training:
            yield Static(self._session.texts("head.training"), id="training", markup=False)
        yield Static(id="counts", markup=False)

    def on_mount(self) -> None:
        """Fill in what is known."""
        self.show(self._session.standing)

    def on_resize(self) -> None:
        """Cut the facility's name to the room there is."""
        self._show_where()

    def show(self, standing: Standing) -> None:
        """Show where the records stand; words, never only colours."""
        counts = self.query_one("#counts", Static)
        counts.update(self._counted(standing))
        counts.set_class(not standing.is_known or standing.counts.refused > 0, "-attention")

    def _show_where(self) -> None:
        session = self._session
        day = today_in_full(session.today, session.texts)
        facility = session.day.roster.facility if session.day else session.texts("head.not_signed_in")
        room = self.size.width - cells(day) - 4
        self.query_one("#where", Static).update(f"{fit(facility, room)}  {day}")

    def _counted(self, standing: Standing) -> str:
        texts = self._session.texts
        if not standing.is_known:
            return texts("head.unknown")
        counted = [texts(f"state.{name}") + f" {count}" for name, count in _shown(standing.counts)]
        return "  ".join(counted)


def _shown(counts: OutboxCounts) -> list[tuple[str, int]]:
    # What was erased after its receipt has arrived, so the day's sum does not shrink.
    shown = [("saved", counts.saved), ("sent", counts.sent), ("arrived", counts.arrived + counts.erased)]
    return [*shown, *([("refused", counts.refused)] if counts.refused else [])]


class Steps(Horizontal):
    """Whose turn it is, and which of its steps this is."""

    def __init__(self, session: Session, step: str) -> None:
        """Mark `step`."""
        super().__init__()
        self._session = session
        self._step = step

    def compose(self) -> ComposeResult:
        """Lay out person and steps."""
        texts = self._session.texts
        entry = self._session.open_turn.entry
        yield Prose(texts("head.person", name=entry.name, room=entry.room), id="person")
        for number, step in enumerate(STEPS, start=1):
            word = f"{number} {texts(f'step.{step}')}"
            is_here = step == self._step
            plate = Static(f"[{word}]" if is_here else f" {word} ", markup=False, classes="step")
            plate.styles.width = cells(word) + 2
            plate.set_class(is_here, "-here")
            plate.set_class(number <= STEPS.index(self._step), "-done")
            yield plate
