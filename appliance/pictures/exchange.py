"""The memory that the unit shares with one confined process, wiped after each job.

Pictures cross the border here and nowhere else: no pickle, no pipe buffer and no file holds a copy, so one overwrite on
either side reaches all there is (design D4). The first byte tells what the process is doing, which outlives its death
and says whether a picture brought it down.
"""

from __future__ import annotations

import mmap
import os
from enum import IntEnum, unique
from typing import Final, Self

_BODY_OFFSET: Final = mmap.PAGESIZE
"""Pixels start on a page of their own; the page before holds the stage alone."""


@unique
class Stage(IntEnum):
    """What the confined process is doing."""

    IDLE = 0
    """Waiting, loading or computing on decoded pixels."""
    DECODING = 1
    """Inside a picture decoder, the place where hostile bytes work."""


class ExchangeFull(ValueError):
    """More bytes were put than the exchange holds."""


class Exchange:
    """An anonymous piece of memory that two processes map."""

    def __init__(self, descriptor: int, capacity_bytes: int) -> None:
        """Map `descriptor`, which stays the caller's to close."""
        self._map = mmap.mmap(descriptor, _BODY_OFFSET + capacity_bytes)
        self._capacity_bytes = capacity_bytes
        self._used_bytes = 0

    @classmethod
    def create(cls, capacity_bytes: int) -> tuple[Self, int]:
        """Make a new piece of memory; return it with the descriptor that the other process maps."""
        descriptor = os.memfd_create("exchange", os.MFD_CLOEXEC)
        os.ftruncate(descriptor, _BODY_OFFSET + capacity_bytes)
        return cls(descriptor, capacity_bytes), descriptor

    @property
    def stage(self) -> Stage:
        """What the confined process was last doing."""
        return Stage.DECODING if self._map[0] == Stage.DECODING else Stage.IDLE

    @stage.setter
    def stage(self, stage: Stage) -> None:
        self._map[0] = stage

    def put(self, content: bytes | bytearray | memoryview) -> int:
        """Copy `content` behind what is there; return its offset.

        Raises:
            ExchangeFull: it does not fit.
        """
        offset = self._used_bytes
        if offset + len(content) > self._capacity_bytes:
            raise ExchangeFull
        self._map[_BODY_OFFSET + offset : _BODY_OFFSET + offset + len(content)] = content
        self._used_bytes = offset + len(content)
        return offset

    def view(self, offset: int, size_bytes: int) -> memoryview:
        """Lend `size_bytes` from `offset` without copying; release the view before the exchange closes.

        Raises:
            ExchangeFull: the range is not inside the exchange.
        """
        if offset < 0 or size_bytes < 0 or offset + size_bytes > self._capacity_bytes:
            raise ExchangeFull
        self._used_bytes = max(self._used_bytes, offset + size_bytes)
        return memoryview(self._map)[_BODY_OFFSET + offset : _BODY_OFFSET + offset + size_bytes]

    def wipe(self) -> None:
        """Overwrite all that was put or lent and give the pages back; safe to call again."""
        if self._used_bytes:
            self._map[_BODY_OFFSET : _BODY_OFFSET + self._used_bytes] = bytes(self._used_bytes)
            self._map.madvise(mmap.MADV_REMOVE, _BODY_OFFSET, _whole_pages(self._used_bytes))
        self._used_bytes = 0
        self._map[0] = Stage.IDLE

    def close(self) -> None:
        """Wipe and unmap; safe to call again."""
        if not self._map.closed:
            self.wipe()
            self._map.close()


def _whole_pages(size_bytes: int) -> int:
    return -(-size_bytes // mmap.PAGESIZE) * mmap.PAGESIZE
