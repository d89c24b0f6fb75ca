"""The highest sequence ever used, in a small file beside the database (proof.md W5).

It is written after each commit, so it never runs ahead of a true database; a database that stands behind it was put back
from an older copy, and writing on would use numbers twice. The write is not synced each time: what a power cut may leave is
an older number, which is harmless.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_NUMBER_DIGITS: Final = 20
_LINE_SIZE_BYTES: Final = 30
"""Far below a sector, so that one write is never torn."""


@dataclass(frozen=True, slots=True)
class SequenceFile:
    """One number in one file."""

    path: Path

    def read(self) -> int:
        """Return the number; 0 when the file is missing or unreadable, which is never a reason to stop saving."""
        try:
            line = self.path.read_bytes()
        except FileNotFoundError:
            return 0
        number = line[:_NUMBER_DIGITS]
        if line != _line(number) or not number.isdigit():
            return 0
        return int(number)

    def raise_to(self, sequence: int) -> None:
        """Put `sequence` in the file unless a higher one stands there."""
        if sequence <= self.read():
            return
        with self._open() as handle:
            os.pwrite(handle, _line(b"%0*d" % (_NUMBER_DIGITS, sequence)), 0)

    def sync(self) -> None:
        """Make the number survive a power cut."""
        with self._open() as handle:
            os.fsync(handle)

    @contextmanager
    def _open(self) -> Iterator[int]:
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield handle
        finally:
            os.close(handle)


def _line(number: bytes) -> bytes:
    return b"%b %08x\n" % (number, zlib.crc32(number))
