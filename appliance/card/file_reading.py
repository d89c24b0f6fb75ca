"""Reading one file in the fewest commands: as long as its first object, in pieces of up to 256 bytes.

Short commands are enough on every card seen (card.md §1.3; proof.md S2). A full piece and its status word need two
blocks on either link; so where the fewest commands leave room, pieces are cut to what one block carries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from appliance.card import reach
from appliance.card.apdu import SHORT_LE_MAX, CommandApdu
from appliance.card.channel import Channel
from appliance.card.tlv import object_size_bytes
from appliance.card.transmission import require_success, transmit
from appliance.domain.ephemeral import overwrite
from appliance.errors import CardNotUnderstood, ReadingCancelled

FILE_SIZE_MAX_BYTES: Final = reach.READ_OFFSET_MAX + 1
ONE_BLOCK_MAX: Final = 251
"""Largest piece that travels in one block with its status word: of ISO/IEC 14443-4 with frames of 256 bytes, which carry
253 (§7.1), and so of T=1, whose blocks carry 254 (ISO/IEC 7816-3 §11.4.2)."""
_PIECES_MAX: Final = 2 * FILE_SIZE_MAX_BYTES // SHORT_LE_MAX
"""Twice the pieces of the largest file: a chip may give less than asked, but not byte by byte for ever."""
_READ: Final = "READ BINARY"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reading has come; later values replace earlier ones."""

    done_bytes: int
    total_bytes: int


class Watch:
    """Counts what was read for the person who waits, and lets that person stop between two commands."""

    def __init__(
        self,
        total_bytes: int,
        progress: Callable[[Progress], None] | None,
        is_cancelled: Callable[[], bool] | None,
    ) -> None:
        """Begin at nothing of `total_bytes`, which grows when a file's true size shows."""
        self._done_bytes = 0
        self._total_bytes = total_bytes
        self._progress = progress
        self._is_cancelled = is_cancelled

    def expect(self, more_bytes: int) -> None:
        """Add to the total, or take from it when a file is shorter than was thought."""
        self._total_bytes += more_bytes

    def advance(self, read_bytes: int) -> None:
        """Count `read_bytes` more and tell.

        Raises:
            ReadingCancelled: the person stopped the reading.
        """
        self._done_bytes += read_bytes
        if self._progress is not None:
            self._progress(Progress(self._done_bytes, max(self._done_bytes, self._total_bytes)))
        self.check()

    def check(self) -> None:
        """Stop here if the person wishes.

        Raises:
            ReadingCancelled: the person stopped the reading.
        """
        if self._is_cancelled is not None and self._is_cancelled():
            raise ReadingCancelled


def read_object_file(
    channel: Channel, first: CommandApdu, what: str, watch: Watch, known_size_bytes: int = 0
) -> bytearray:
    """Return the file's first object; the caller wipes the buffer.

    `first` reads the file's beginning and makes it current; `known_size_bytes` is what `watch` counts on already.

    Raises:
        CardNotUnderstood: no object, one larger than any file, or the chip stops giving bytes.
        CardRefused: the chip does not let the file be read.
        ReadingCancelled: the person stopped the reading.
        CardTrouble: the line to the card broke.
    """
    beginning = require_success(transmit(channel, first), _READ)
    size_bytes = _size_bytes(beginning, what)
    watch.expect(size_bytes - known_size_bytes)
    # Of full size from the start: a buffer that grows leaves copies behind which nobody wipes.
    content = bytearray(size_bytes)
    try:
        _fill(channel, content, beginning, what, watch)
    except BaseException:
        overwrite(content)
        raise
    return content


def piece_size_bytes(left_bytes: int) -> int:
    """Return how much to ask for when `left_bytes` are left: one block's worth, more where that would add a command."""
    later_commands = (left_bytes - 1) // SHORT_LE_MAX
    least = left_bytes - later_commands * SHORT_LE_MAX
    return max(least, min(left_bytes, ONE_BLOCK_MAX))


def _fill(channel: Channel, content: bytearray, beginning: bytes, what: str, watch: Watch) -> None:
    # Filler may follow the object in the first piece; it is no part of it.
    piece, done_bytes = beginning[: len(content)], 0
    for _ in range(_PIECES_MAX):
        content[done_bytes : done_bytes + len(piece)] = piece
        done_bytes += len(piece)
        watch.advance(len(piece))
        if done_bytes == len(content):
            return
        command = reach.read_next(done_bytes, piece_size_bytes(len(content) - done_bytes))
        piece = require_success(transmit(channel, command), _READ)
        if not piece:
            break
    raise CardNotUnderstood(what, done_bytes)


def _size_bytes(beginning: bytes, what: str) -> int:
    size_bytes = object_size_bytes(beginning, what)
    if size_bytes > FILE_SIZE_MAX_BYTES:
        raise CardNotUnderstood(what)
    return size_bytes
