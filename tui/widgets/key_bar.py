"""The foot of every screen: the keys that work here, which the mouse can press too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from tui.wrapping import cells


@dataclass(frozen=True, slots=True)
class KeyWord:
    """A key, its word, and the screen's action behind it."""

    key: str
    word: str
    action: str


class KeyBar(Horizontal):
    """Keys from left to right, the way on at the right end."""

    def __init__(self, keys: Sequence[KeyWord]) -> None:
        """Show `keys`."""
        super().__init__()
        self._keys = tuple(keys)

    def compose(self) -> ComposeResult:
        """Lay out the keys."""
        for key in self._keys:
            yield KeyPlate(key)


class KeyPlate(Static):
    """One key with its word."""

    def __init__(self, key: KeyWord) -> None:
        """Show the key."""
        super().__init__(
            f" {key.key} {key.word} ", markup=False, classes=f"for-{key.action.replace('.', '-')}"
        )
        self._action = key.action
        self.styles.width = cells(f" {key.key} {key.word} ")

    async def on_click(self) -> None:
        """Do what the key does."""
        await self.screen.run_action(self._action)
