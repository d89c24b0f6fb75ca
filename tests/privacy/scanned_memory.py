"""The memory of other processes searched for planted bytes, as their own debugger could (proc(5), /proc/PID/mem).

Whatever its place, a byte string of 15 bytes or more covers a word of eight bytes that starts at a multiple of eight.
So memory is read as such words and compared with all words that the strings may put there; what agrees is compared
in full.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import FileIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WORD_BYTES = 8
CHUNK_BYTES = 8 * 1_048_576
OVERLAP_BYTES = 4096
WITHOUT_CONTENT = ("[vvar]", "[vsyscall]", "[vdso]")
MIXING = np.uint64(0x9E3779B97F4A7C15)
"""Fibonacci hashing: the highest bits of the product depend on all of the word."""

Words = NDArray[np.uint64]


class Wanted:
    """Byte strings of several kinds, and all aligned words that they may leave in memory."""

    def __init__(self, kinds: Mapping[str, Sequence[bytes]]) -> None:
        self._places: dict[int, list[tuple[str, bytes, int]]] = {}
        for kind, needles in kinds.items():
            for needle in needles:
                assert len(needle) >= 2 * WORD_BYTES - 1
                for skipped in range(WORD_BYTES):
                    word = int.from_bytes(needle[skipped : skipped + WORD_BYTES], "little")
                    self._places.setdefault(word, []).append((kind, needle, skipped))
        self._words = np.array(sorted(self._places), dtype=np.uint64)
        self._may_be = np.zeros(1 << 16, dtype=bool)
        self._may_be[_mixed(self._words)] = True

    def found_in(self, content: bytes) -> Iterator[tuple[str, bytes]]:
        """Return kinds and strings that occur in `content`, which starts at a multiple of eight."""
        words = np.frombuffer(content, dtype="<u8", count=len(content) // WORD_BYTES)
        hits = np.flatnonzero(self._may_be[_mixed(words)])
        for place in hits[np.isin(words[hits], self._words)]:
            for kind, needle, skipped in self._places[int(words[place])]:
                start = int(place) * WORD_BYTES - skipped
                if start >= 0 and content[start : start + len(needle)] == needle:
                    yield kind, needle


def _mixed(words: Words) -> NDArray[np.uint64]:
    return (words * MIXING) >> np.uint64(48)


def found_in(process_id: int, kinds: Mapping[str, Sequence[bytes]]) -> dict[str, int]:
    """Count how many of the byte strings of each kind occur anywhere in the memory of the process."""
    wanted = Wanted(kinds)
    found: set[tuple[str, bytes]] = set()
    with FileIO(f"/proc/{process_id}/mem") as memory:
        for first, last in readable_ranges(process_id):
            for content in _pieces(memory, first, last):
                found.update(wanted.found_in(content))
    counts = {kind: sum(1 for of, _ in found if of == kind) for kind in kinds}
    return {kind: count for kind, count in counts.items() if count}


def readable_ranges(process_id: int) -> Iterator[tuple[int, int]]:
    """Return what the process has mapped and may read, but for files that it cannot write into."""
    for line in Path(f"/proc/{process_id}/maps").read_text(encoding="utf-8").splitlines():
        where, rights, _, _, inode, *name = line.split(maxsplit=5)
        is_program = inode != "0" and "w" not in rights
        if rights.startswith("r") and not is_program and not (name and name[0] in WITHOUT_CONTENT):
            first, last = (int(number, 16) for number in where.split("-"))
            yield first, last


def _pieces(memory: FileIO, first: int, last: int) -> Iterator[bytes]:
    """Read a range piece by piece, each with the end of the one before."""
    for start in range(first, last, CHUNK_BYTES):
        begin = max(first, start - OVERLAP_BYTES)
        try:
            memory.seek(begin)
            yield memory.read(min(start + CHUNK_BYTES, last) - begin)
        except (OSError, ValueError):
            # Pages beyond the end of a file, or of a device, cannot be read by anyone.
            continue
