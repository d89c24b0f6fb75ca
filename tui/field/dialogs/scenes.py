"""What happens before the camera in training: a plain list of scenes, one key away from anywhere in a person's turn."""

from __future__ import annotations

from typing import Any, Final

from textual.app import App

from appliance.simulated.face_scenes import SceneName
from tui.field.background import run_job
from tui.field.dialogs.dialog import Dialog
from tui.field.session import Session
from tui.widgets.choices import Choice

_ON_A_PAGE: Final = 8
"""With the row for the other page, as many as digits can choose."""
_MORE: Final = "more"
_NAMES: Final = tuple(SceneName)
_PAGES: Final = tuple(_NAMES[first : first + _ON_A_PAGE] for first in range(0, len(_NAMES), _ON_A_PAGE))


class ScenesDialog(Dialog):
    """Returns a scene's name, or the word for the next page."""

    def __init__(self, session: Session, page: int) -> None:
        """Offer the scenes of one page."""
        texts = session.texts
        answers = [Choice(str(name.value), texts(f"training.{name.value}")) for name in _PAGES[page]]
        answers.append(Choice(_MORE, texts("training.more")))
        super().__init__(session, texts("training.title"), [texts("training.about")], answers)


def choose_scene(app: App[Any], session: Session, page: int = 0) -> None:
    """Let a trainee choose what happens before the camera in the open turn; does nothing in service or without a turn."""
    hand, turn = session.hand, session.turn
    if hand is None or turn is None:
        return
    person = turn.entry.person

    def after(answer: str | None) -> None:
        if answer == _MORE:
            choose_scene(app, session, (page + 1) % len(_PAGES))
        elif answer is not None:
            run_job(app, lambda: hand.play(person, SceneName(answer)), place="training_scene")

    app.push_screen(ScenesDialog(session, page), after)
