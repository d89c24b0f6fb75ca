"""How long commands take on a link by the pace model, and the least that the same bytes could take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from appliance.simulated.card.pace import Lane, Link

Exchange = tuple[bytes, bytes]
"""A command and its answer with status word."""
PieceRule = Callable[[int], int]
"""How much to ask for when so many bytes are left."""

_READ: Final = b"\x00\xb0"
_READ_FACE: Final = bytes.fromhex("00B08200")
_BY_SHORT_ID: Final = 0x80
_FIRST_PIECE: Final = 256
_EXTENDED_LE_ALL: Final = bytes(3)
"""An extended Le of 65,536 (ISO/IEC 7816-4 §5.2)."""
_STATUS_SIZE: Final = 2


def seconds(link: Link, exchanges: Iterable[Exchange]) -> float:
    """Return how long the exchanges take with blocks, acknowledgements, pauses and the chip's work."""
    return sum(link.seconds(command, len(answer)) for command, answer in exchanges)


def floor_seconds(link: Link, exchanges: Iterable[Exchange]) -> float:
    """Return how long their bytes alone take, with the chip's signature and VERIFY; nobody can be faster."""
    return seconds(_without_framing(link), exchanges)


def face_exchanges(exchanges: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """Return the reads of the card face among those of one identification: from its first until another file's."""
    start = next(at for at, (command, _) in enumerate(exchanges) if command.startswith(_READ_FACE))
    end = next(
        (
            at
            for at, (command, _) in enumerate(exchanges)
            if at > start and (not command.startswith(_READ) or command[2] & _BY_SHORT_ID)
        ),
        len(exchanges),
    )
    return tuple(exchanges[start:end])


def face_size_bytes(exchanges: Sequence[Exchange]) -> int:
    """Return how many bytes of card face came back."""
    return sum(len(answer) - _STATUS_SIZE for _, answer in face_exchanges(exchanges))


def other_exchanges(exchanges: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """Return all but the reads of the card face."""
    face = face_exchanges(exchanges)
    return tuple(exchange for exchange in exchanges if exchange not in face)


def face_reads(size_bytes: int, piece: PieceRule) -> tuple[Exchange, ...]:
    """Return READs for a card face of this size whose later pieces follow `piece`; answers hold zeros."""
    done, reads = 0, []
    while done < size_bytes:
        wanted = _FIRST_PIECE if done == 0 else piece(size_bytes - done)
        got = min(wanted, size_bytes - done)
        offset = _READ_FACE if done == 0 else _READ + done.to_bytes(2, "big")
        reads.append((offset + bytes((wanted % 256,)), bytes(got + _STATUS_SIZE)))
        done += got
    return tuple(reads)


def with_one_extended_read(exchanges: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """Return the same identification with the card face in one extended READ."""
    face = face_exchanges(exchanges)
    data = b"".join(answer[:-_STATUS_SIZE] for _, answer in face)
    read = (_READ_FACE + _EXTENDED_LE_ALL, data + b"\x90\x00")
    start = exchanges.index(face[0])
    return (*exchanges[:start], read, *exchanges[start + len(face) :])


def largest_face_bytes(link: Link, others: Sequence[Exchange], piece: PieceRule, within_s: float) -> int:
    """Return the largest card face that can be read within a time, 0 when none can."""
    fixed_s = seconds(link, others)
    low, high = 0, 0x8000
    while low < high:
        middle = (low + high + 1) // 2
        if fixed_s + seconds(link, face_reads(middle, piece)) <= within_s:
            low = middle
        else:
            high = middle - 1
    return low


def _without_framing(link: Link) -> Link:
    return replace(link, to_card=_bare(link.to_card), to_reader=_bare(link.to_reader), turnaround_s=0.0)


def _bare(lane: Lane) -> Lane:
    return replace(lane, block_size_bytes=1 << 17, frame_characters=0, frame_bits=0)
