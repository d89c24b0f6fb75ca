"""The shared memory lends pictures to the confined process and keeps none (design D4)."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.pictures.exchange import Exchange, ExchangeFull, Stage

CAPACITY_BYTES = 3 * mmap.PAGESIZE


@pytest.fixture
def sides() -> Iterator[tuple[Exchange, Exchange]]:
    ours, descriptor = Exchange.create(CAPACITY_BYTES)
    theirs = Exchange(descriptor, CAPACITY_BYTES)
    os.close(descriptor)
    yield ours, theirs
    ours.close()
    theirs.close()


def seen(exchange: Exchange, offset: int, size_bytes: int) -> bytes:
    with exchange.view(offset, size_bytes) as view:
        return bytes(view)


def test_what_one_side_puts_the_other_sees(sides: tuple[Exchange, Exchange]) -> None:
    ours, theirs = sides
    assert ours.put(b"first") == 0
    assert ours.put(bytearray(b"second")) == 5
    assert seen(theirs, 0, 11) == b"firstsecond"


@pytest.mark.parametrize("wiper", [0, 1])
def test_either_side_wipes_for_both(sides: tuple[Exchange, Exchange], wiper: int) -> None:
    sides[0].put(b"face" * 2_000)
    assert seen(sides[1], 0, 8_000) == b"face" * 2_000
    sides[wiper].wipe()
    for side in sides:
        assert seen(side, 0, CAPACITY_BYTES) == bytes(CAPACITY_BYTES)


def test_wiping_starts_anew(sides: tuple[Exchange, Exchange]) -> None:
    sides[0].put(bytes(CAPACITY_BYTES))
    sides[0].wipe()
    assert sides[0].put(b"next") == 0


def test_the_stage_is_seen_across_and_forgotten_by_wiping(sides: tuple[Exchange, Exchange]) -> None:
    ours, theirs = sides
    stages = [ours.stage]
    theirs.stage = Stage.DECODING
    stages.append(ours.stage)
    ours.wipe()
    stages.append(theirs.stage)
    assert stages == [Stage.IDLE, Stage.DECODING, Stage.IDLE]


def test_too_much_does_not_fit(sides: tuple[Exchange, Exchange]) -> None:
    sides[0].put(bytes(CAPACITY_BYTES - 1))
    with pytest.raises(ExchangeFull):
        sides[0].put(b"ab")


@pytest.mark.parametrize(
    ("offset", "size_bytes"), [(-1, 1), (0, -1), (0, CAPACITY_BYTES + 1), (CAPACITY_BYTES, 1)]
)
def test_a_view_stays_inside(sides: tuple[Exchange, Exchange], offset: int, size_bytes: int) -> None:
    with pytest.raises(ExchangeFull):
        sides[0].view(offset, size_bytes)


def test_closing_wipes_for_the_other_side(sides: tuple[Exchange, Exchange]) -> None:
    sides[0].put(b"face")
    sides[0].close()
    sides[0].close()
    assert seen(sides[1], 0, 4) == bytes(4)


@given(st.lists(st.binary(max_size=400), max_size=20))
def test_pieces_lie_one_behind_the_other(pieces: list[bytes]) -> None:
    exchange, descriptor = Exchange.create(CAPACITY_BYTES)
    os.close(descriptor)
    offsets = [exchange.put(piece) for piece in pieces]
    assert [
        seen(exchange, offset, len(piece)) for offset, piece in zip(offsets, pieces, strict=True)
    ] == pieces
    exchange.close()
