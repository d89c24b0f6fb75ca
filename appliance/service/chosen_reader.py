"""Several card readers behind one port: whichever holds the card, or the one that staff chose for the day.

The choice lives in memory alone. A reader is opened by its name through a function of the assembly, so nothing here knows
what kind of readers they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from appliance.ports import AttachedReader, CardChannel, CardReader, Presence


class ListingReader(CardReader, Protocol):
    """A card reader that knows which others are attached."""

    def attached(self) -> Sequence[AttachedReader]:
        """Return all attached readers with what stands on them; never raises."""


OpenReader = Callable[[str], ListingReader]
"""Opens the reader of a name, or, with an empty name, whichever holds the card; touches no device yet."""


class ChosenReader:
    """Keeps the contract of `ports.CardReader` and of `ports.ReaderChoice`."""

    def __init__(self, open_reader: OpenReader, preset: str = "") -> None:
        """Use the reader whose name contains `preset` until another one is chosen; any reader when it is empty."""
        self._open = open_reader
        self._preset = preset
        self._chosen = ""
        self._reader = open_reader(preset)

    @property
    def name(self) -> str:
        """The name of the reader in use, empty while it is not attached."""
        return self._reader.name

    @property
    def chosen(self) -> str:
        """The chosen reader's name; empty while nobody chose."""
        return self._chosen

    def presence(self) -> Presence:
        """Tell what stands on the reader in use."""
        return self._reader.presence()

    def wait_for(self, wanted: Presence, timeout_s: float) -> Presence:
        """Return as soon as `wanted` holds, or what holds after `timeout_s`."""
        return self._reader.wait_for(wanted, timeout_s)

    def connect(self) -> CardChannel:
        """Power the card and hold it alone (see `ports.CardReader.connect` for what it raises)."""
        return self._reader.connect()

    def attached(self) -> tuple[AttachedReader, ...]:
        """Return every attached reader with its state."""
        return tuple(self._reader.attached())

    def choose(self, name: str) -> None:
        """Use the reader of this name from now on, or with an empty name the preset; a card in use is powered down."""
        if name == self._chosen:
            return
        before, self._reader = self._reader, self._open(name or self._preset)
        self._chosen = name
        before.close()

    def close(self) -> None:
        """Let the reader go; safe to call again."""
        self._reader.close()
