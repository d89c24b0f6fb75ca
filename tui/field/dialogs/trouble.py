"""What went wrong and what to do next, in the words of the one outcome table (examples.md E4)."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.errors import UnitError
from appliance.service.outcomes import advise
from tui.field.dialogs.dialog import Dialog
from tui.field.session import Session
from tui.widgets.choices import Choice


class TroubleDialog(Dialog):
    """One known error; its title names what a person can do about it."""

    def __init__(self, session: Session, error: UnitError, ways: Sequence[Choice[str]]) -> None:
        """Tell about `error` and offer `ways`."""
        advice = advise(error, session.texts.language)
        title = session.texts(f"outcome.{advice.outcome.value}")
        super().__init__(session, title, [advice.says, advice.next_step], ways)
        self.add_class(f"-{advice.outcome.value.replace('_', '-')}")
        self.error = error
