"""The search itself: planted bytes are found at every alignment, across pieces, and nothing else is."""

from __future__ import annotations

import mmap
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.privacy.scanned_memory import CHUNK_BYTES, WORD_BYTES, Wanted, found_in, readable_ranges

NOISE = np.random.default_rng(9).integers(0, 256, 4_096, dtype=np.uint8).tobytes()


@settings(max_examples=60)
@given(st.binary(min_size=15, max_size=40), st.integers(0, 2_000))
def test_a_string_is_found_wherever_it_lies(needle: bytes, place: int) -> None:
    content = NOISE[:place] + needle + NOISE[place:]
    wanted = Wanted({"needle": [needle]})
    found = set(wanted.found_in(content[: len(content) // WORD_BYTES * WORD_BYTES]))
    assert found == {("needle", needle)}


@settings(max_examples=30)
@given(st.integers(0, 4_000), st.integers(0, 23), st.integers(1, 255))
def test_a_string_that_differs_in_one_byte_is_not_found(place: int, byte: int, change: int) -> None:
    needle = bytearray(NOISE[place : place + 24])
    needle = needle.ljust(24, b"\x01")
    needle[byte] ^= change
    found = set(Wanted({"needle": [bytes(needle)]}).found_in(NOISE))
    assert found == ({("needle", bytes(needle))} if bytes(needle) in NOISE else set())


def test_a_string_over_the_border_of_two_pieces_is_found() -> None:
    needle = b"planted over the border of pieces"
    with mmap.mmap(-1, 2 * CHUNK_BYTES + mmap.PAGESIZE) as room:
        room[CHUNK_BYTES - 10 : CHUNK_BYTES - 10 + len(needle)] = needle
        found = found_in(os.getpid(), {"here": [needle]})
    assert found["here"] == 1


def test_programs_are_left_out_and_the_heap_is_not() -> None:
    ranges = list(readable_ranges(os.getpid()))
    assert ranges == sorted(ranges)
    numbers = np.zeros(1 << 20, dtype=np.uint8)
    at = numbers.ctypes.data
    assert any(first <= at < last for first, last in ranges)


def test_a_process_that_is_gone_is_an_error() -> None:
    with pytest.raises(OSError, match="No such"):
        found_in(2**22 + 1, {"any": [NOISE[:24]]})
