"""Bytes that may live for one person's step only and are overwritten on every way out (design D4).

Frames, the chip photo, name pictures and code B are held in `bytearray`s owned by exactly one object, so that wiping
reaches the only copy that this program made on purpose.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Wiped(ABC):
    """Something personal that is wiped when its context ends, whatever ended it."""

    __slots__ = ()

    @abstractmethod
    def wipe(self) -> None:
        """Overwrite everything personal; safe to call again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()


class Ephemeral(Wiped):
    """A buffer that wipes itself when its context ends; it never shows its content."""

    __slots__ = ("_buffer",)

    def __init__(self, content: bytes | bytearray) -> None:
        """Take a private copy of `content`; a bytearray given is wiped, so that one copy is left."""
        self._buffer = bytearray(content)
        if isinstance(content, bytearray):
            overwrite(content)

    def reveal(self) -> bytes:
        """Return the content for immediate use; empty after wiping."""
        return bytes(self._buffer)

    def wipe(self) -> None:
        """Overwrite and empty the buffer; safe to call again."""
        overwrite(self._buffer)
        self._buffer.clear()

    def __len__(self) -> int:
        return len(self._buffer)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._buffer)} bytes)"


class Frame(Wiped):
    """One RGB picture from a camera: `rgb` holds height x width x 3 bytes, row by row."""

    __slots__ = ("height", "rgb", "width")

    def __init__(self, width: int, height: int, rgb: bytearray) -> None:
        """Own `rgb`.

        Raises:
            ValueError: the buffer's length does not fit the dimensions.
        """
        if len(rgb) != width * height * 3:
            raise ValueError("rgb length")
        self.width = width
        self.height = height
        self.rgb = rgb

    def wipe(self) -> None:
        """Overwrite the pixels; safe to call again."""
        overwrite(self.rgb)

    def __repr__(self) -> str:
        return f"Frame({self.width}x{self.height})"


class GreyPicture(Wiped):
    """One grey picture from a chip: `grey` holds height x width bytes, row by row, 0 black."""

    __slots__ = ("grey", "height", "width")

    def __init__(self, width: int, height: int, grey: bytearray) -> None:
        """Own `grey`.

        Raises:
            ValueError: the buffer's length does not fit the dimensions.
        """
        if len(grey) != width * height:
            raise ValueError("grey length")
        self.width = width
        self.height = height
        self.grey = grey

    def wipe(self) -> None:
        """Overwrite the pixels; safe to call again."""
        overwrite(self.grey)

    def __repr__(self) -> str:
        return f"GreyPicture({self.width}x{self.height})"


def overwrite(buffer: bytearray) -> None:
    """Write zeros over every byte of `buffer`, in place."""
    buffer[:] = bytes(len(buffer))
