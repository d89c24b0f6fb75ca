"""Memory that a campaign's process shares with the runner: how far it is, and the input it works on just now.

When the process dies or hangs, this is how the runner knows on what.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from dataclasses import dataclass
from typing import Final, Self

INPUT_LIMIT_BYTES: Final = 128 * 1024
"""Longer inputs are cut in the record; the repeating command makes them anew in any case."""
IDLE: Final = -1
_HEAD: Final = struct.Struct("<qqqq")
_ONE: Final = struct.Struct("<q")
_SIZE_BYTES: Final = mmap.PAGESIZE + INPUT_LIMIT_BYTES


@dataclass(frozen=True, slots=True)
class Sign:
    """What the beacon shows at one moment."""

    done: int
    index: int
    """The input in work, `IDLE` when none is."""
    started_ns: int
    """When its trial began, on the monotonic clock of the machine."""

    def age_s(self) -> float:
        """Return for how long the input has been in work."""
        return (time.monotonic_ns() - self.started_ns) / 1e9


class Beacon:
    """One process's place in shared memory."""

    def __init__(self, descriptor: int) -> None:
        """Map `descriptor`, which stays the caller's to close."""
        self._map = mmap.mmap(descriptor, _SIZE_BYTES)

    @classmethod
    def create(cls) -> tuple[Self, int]:
        """Make a new one; return it with the descriptor that the other process maps."""
        descriptor = os.memfd_create("beacon", os.MFD_CLOEXEC)
        os.ftruncate(descriptor, _SIZE_BYTES)
        beacon = cls(descriptor)
        beacon.rest(0)
        return beacon, descriptor

    def begin(self, done: int, index: int, content: bytes) -> None:
        """Show that the trial of an input begins."""
        kept = content[:INPUT_LIMIT_BYTES]
        self._map[mmap.PAGESIZE : mmap.PAGESIZE + len(kept)] = kept
        _HEAD.pack_into(self._map, 0, done, index, time.monotonic_ns(), len(kept))

    def rest(self, done: int) -> None:
        """Show that no input is in work."""
        _HEAD.pack_into(self._map, 0, done, IDLE, time.monotonic_ns(), 0)

    def ended(self) -> None:
        """Show that the input's trial ended; cheaper than `rest`, for the way between two inputs."""
        _ONE.pack_into(self._map, _ONE.size, IDLE)

    def sign(self) -> Sign:
        """Return what is shown now."""
        done, index, started_ns, _ = _HEAD.unpack_from(self._map, 0)
        return Sign(done, index, started_ns)

    def content(self) -> bytes:
        """Return the input that was shown last."""
        size = _HEAD.unpack_from(self._map, 0)[3]
        return self._map[mmap.PAGESIZE : mmap.PAGESIZE + size]

    def close(self) -> None:
        """Unmap; safe to call again."""
        self._map.close()
