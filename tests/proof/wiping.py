"""Watching the buffers that a reading makes, to see that one that was broken off leaves nothing behind (design D4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from appliance.card import file_reading
from appliance.domain.ephemeral import Ephemeral


class Buffers:
    """The buffers made since the last `forget`."""

    def __init__(self) -> None:
        """Begin with none."""
        self._files: list[_FileBuffer] = []
        self._ephemerals: list[Ephemeral] = []

    def forget(self) -> None:
        """Begin anew."""
        self._files.clear()
        self._ephemerals.clear()

    def keep_file(self, buffer: _FileBuffer) -> None:
        self._files.append(buffer)

    def keep_ephemeral(self, buffer: Ephemeral) -> None:
        self._ephemerals.append(buffer)

    @property
    def made(self) -> int:
        """How many buffers were made."""
        return len(self._files) + len(self._ephemerals)

    def unwiped_files(self) -> int:
        """Return how many file buffers still hold something."""
        return sum(any(each) for each in self._files)

    def unwiped_ephemerals(self) -> int:
        """Return how many personal values are not wiped."""
        return sum(len(each) > 0 for each in self._ephemerals)


class _FileBuffer(bytearray):
    """A buffer for one file that tells when it is made."""


@contextmanager
def watched_buffers() -> Iterator[Buffers]:
    """Lend the buffers that the card core makes while this is open."""
    buffers = Buffers()
    made_before = Ephemeral.__init__

    class _Told(_FileBuffer):
        def __init__(self, *arguments: Any) -> None:  # noqa: ANN401 - what bytearray takes
            super().__init__(*arguments)
            buffers.keep_file(self)

    def make(self: Ephemeral, content: bytes | bytearray) -> None:
        made_before(self, content)
        buffers.keep_ephemeral(self)

    with (
        patch.object(file_reading, "bytearray", _Told, create=True),
        patch.object(Ephemeral, "__init__", make),
    ):
        yield buffers
