"""Which card reader to use today, of those that are attached: one key away from the card's place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from appliance.ports import AttachedReader
from tui.field.dialogs.dialog import Dialog
from tui.field.session import Session
from tui.widgets.choices import Choice

_SHOWN_AT_MOST: Final = 8
"""With the row for any reader, as many as digits can choose."""


class ReadersDialog(Dialog):
    """Returns the name of a reader, empty for whichever holds the card."""

    def __init__(self, session: Session, attached: Sequence[AttachedReader], chosen: str) -> None:
        """Offer the readers in `attached`, with the one in use chosen at first."""
        texts = session.texts
        rows = [
            Choice(reader.name, texts(f"readers.{reader.presence.value}", name=reader.name))
            for reader in attached[:_SHOWN_AT_MOST]
        ]
        answers = [Choice("", texts("readers.any")), *rows] if rows else []
        said = texts("readers.about" if rows else "readers.none")
        names = [answer.value for answer in answers]
        first = names.index(chosen) if chosen in names else 0
        super().__init__(session, texts("readers.title"), [said], answers, first=first)
