"""Who is to be visited today, and how far each one's record has come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from textual.coordinate import Coordinate
from textual.widget import Widget
from textual.widgets import DataTable

from appliance.domain.roster import RosterEntry
from tui.field.messages import PersonChosen, SignOutWished, Standing
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.widgets.key_bar import KeyWord
from tui.widgets.prose import Prose
from tui.wrapping import fit

_ROOM_CELLS: Final = 8
_STATE_CELLS: Final = 10
_PADDING_CELLS: Final = 14
"""Around and between the columns, and the scroll bar."""
_NAME_SHARE: Final = 0.45


class TodayScreen(StepScreen):
    """The roster as a table; Enter opens the chosen person's turn."""

    section = "today"

    def __init__(self, session: Session) -> None:
        """Show the roster of the day that is open."""
        super().__init__(session)
        self._table: DataTable[str] = DataTable(cursor_type="row", zebra_stripes=True)

    def body(self) -> Iterable[Widget]:
        """Return the table."""
        yield Prose(self.words("title", count=len(self._entries)), classes="title")
        yield self._table

    def keys(self) -> Sequence[KeyWord]:
        """Return the foot's keys; Esc ends the day."""
        keys = super().keys()
        return [KeyWord("Esc", self.words("sign_out"), "back"), *keys[1:]]

    @property
    def _entries(self) -> Sequence[RosterEntry]:
        return self.session.signed_in_day.roster.entries

    def on_mount(self) -> None:
        """Fill the table."""
        self._fill()

    def on_resize(self) -> None:
        """Give the columns the width there is."""
        self._fill()

    def show(self, standing: Standing) -> None:
        """Show how far the records have come."""
        table = self._table
        for row, entry in enumerate(self._entries[: table.row_count]):
            table.update_cell_at(Coordinate(row, 3), self._state(entry, standing))

    def go_on(self) -> None:
        """Open the chosen person's turn."""
        row = self._table.cursor_row
        if 0 <= row < len(self._entries):
            self.leave(PersonChosen(self._entries[row]))

    def go_back(self) -> None:
        """Ask whether the day is to end."""
        self.post_message(SignOutWished())

    def on_data_table_row_selected(self, message: DataTable.RowSelected) -> None:
        """Take Enter or a click on a row like Enter on the screen."""
        message.stop()
        self.action_next()

    def _fill(self) -> None:
        table = self._table
        row = table.cursor_row
        table.clear(columns=True)
        names = self.size.width - _ROOM_CELLS - _STATE_CELLS - _PADDING_CELLS
        name_cells = int(names * _NAME_SHARE)
        widths = (_ROOM_CELLS, name_cells, names - name_cells, _STATE_CELLS)
        for column, width in zip(("room", "name", "kana", "state"), widths, strict=True):
            table.add_column(self.words(column), width=width)
        for entry in self._entries:
            shown = (entry.room, entry.name, entry.name_kana, self._state(entry, self.session.standing))
            table.add_row(*(fit(text, width) for text, width in zip(shown, widths, strict=True)))
        table.move_cursor(row=row)

    def _state(self, entry: RosterEntry, standing: Standing) -> str:
        state = standing.states.get(entry.person)
        return self.session.texts("state.none" if state is None else f"state.{state.value}")
