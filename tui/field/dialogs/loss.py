"""What to do when a card is lost: the number, the hours, and who alone can undo it (R26, F4.21 to F4.23)."""

from __future__ import annotations

from tui.field.dialogs.dialog import Dialog
from tui.field.session import Session


class LossDialog(Dialog):
    """The loss help, one key from anywhere."""

    def __init__(self, session: Session) -> None:
        """Say it in the session's language."""
        texts = session.texts
        parts = [texts(f"loss.{part}") for part in ("call", "police", "undo", "reissue")]
        super().__init__(session, texts("loss.title"), parts)
        self.add_class("-loss")
