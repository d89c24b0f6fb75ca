"""The head of every screen: where and when, training or not, and where the records stand (design D3)."""

from __future__ import annotations

from functools import partial
from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from appliance.domain.outbox import OutboxCounts
from tui.dates import today_in_full
from tui.field.messages import Standing
from tui.field.session import Session
from tui.wrapping import cells, fit

STEPS: Final = ("notice", "card", "face", "decision", "programme", "saved")
"""The steps of a turn in the head, by their key in the catalogue."""


_WIDE_CELLS: Final = 100
"""From this terminal width all steps show their words."""


class UnitBar(Horizontal):
    """Facility and day at the left, the records' counts at the right."""

    def __init__(self, session: Session) -> None:
        """Show the session's standing until a newer one comes."""
        super().__init__()
        self._session = session
        self._shown: Standing | None = None
        self._where = Static(id="where", markup=False)
        self._counts = Static(id="counts", markup=False)

    def compose(self) -> ComposeResult:
        """Lay out the two lines."""
        yield self._where
        if self._session.unit.is_training:
            yield Static(self._session.texts("head.training"), id="training", markup=False)
        yield self._counts

    def on_mount(self) -> None:
        """Fill in what is known."""
        self.show(self._session.standing)

    def on_resize(self) -> None:
        """Cut the facility's name to the room there is."""
        self._show_where()

    def show(self, standing: Standing) -> None:
        """Show where the records stand, in words; draws only what changed."""
        if standing == self._shown:
            return
        self._shown = standing
        self._counts.update(self._counted(standing))
        self._counts.set_class(not standing.is_known or standing.counts.refused > 0, "-attention")

    def _show_where(self) -> None:
        session = self._session
        day = today_in_full(session.today, session.texts)
        facility = session.day.roster.facility if session.day else session.texts("head.not_signed_in")
        room = self.size.width - cells(day) - 4
        self._where.update(f"{fit(facility, room)}  {day}")

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
        self._person = Static(id="person", markup=False)
        self._plates = {name: Static(markup=False, classes="step") for name in STEPS}

    def compose(self) -> ComposeResult:
        """Lay out person and steps."""
        yield self._person
        for step, plate in self._plates.items():
            plate.set_class(step == self._step, "-here")
            plate.set_class(STEPS.index(step) < STEPS.index(self._step), "-done")
            yield plate

    def on_resize(self) -> None:
        """Give the person's name the room that the steps leave; on a narrow screen they leave out their words."""
        taken = sum(self._show_step(number, step) for number, step in enumerate(STEPS, start=1))
        entry = self._session.open_turn.entry
        said = partial(self._session.texts, "head.person", room=entry.room)
        name = fit(entry.name, self.content_size.width - taken - cells(said(name="")))
        self._person.update(said(name=name))

    def _show_step(self, number: int, step: str) -> int:
        is_here = step == self._step
        is_wide = self.app.size.width >= _WIDE_CELLS
        word = f"{number} {self._session.texts(f'step.{step}')}" if is_here or is_wide else str(number)
        plate = self._plates[step]
        plate.update(f"[{word}]" if is_here else f" {word} ")
        plate.styles.width = cells(word) + 2
        return cells(word) + 2
