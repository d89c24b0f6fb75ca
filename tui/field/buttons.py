"""The three big buttons beside the screen: each is a key under another name."""

from __future__ import annotations

from typing import Final

from textual.dom import DOMNode
from textual.message import Message
from textual.worker import get_current_worker

from appliance.ports import Button, Panel

_WAIT_S: Final = 0.5
"""How long one look at the panel lasts; short, so that the program's end is never held up."""
_KEYS: Final = {Button.BACK: "escape", Button.HELP: "f1", Button.NEXT: "enter"}


class ButtonPressed(Message):
    """One of the three big buttons was pressed."""

    def __init__(self, button: Button) -> None:
        """Tell which."""
        super().__init__()
        self.button = button

    @property
    def key(self) -> str:
        """The key that the button stands for."""
        return _KEYS[self.button]


def watch_buttons(node: DOMNode, panel: Panel) -> None:
    """Post every press to `node` until the worker that this runs in is cancelled."""
    worker = get_current_worker()
    while not worker.is_cancelled:
        button = panel.pressed(_WAIT_S)
        if button is not None:
            node.post_message(ButtonPressed(button))
