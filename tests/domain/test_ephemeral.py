"""Bytes for one step: one copy, never shown, and overwritten on every way out (design D4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.ephemeral import Ephemeral, Frame, GreyPicture, overwrite

SECRET = b"0123 4567 8901"


def test_the_content_is_revealed_until_it_is_wiped() -> None:
    held = Ephemeral(SECRET)
    assert (held.reveal(), len(held)) == (SECRET, len(SECRET))
    held.wipe()
    assert (held.reveal(), len(held)) == (b"", 0)


def test_a_buffer_that_was_given_is_wiped_so_that_one_copy_is_left() -> None:
    given_buffer = bytearray(SECRET)
    held = Ephemeral(given_buffer)
    assert given_buffer == bytes(len(SECRET))
    assert held.reveal() == SECRET


def test_wiping_overwrites_the_bytes_themselves() -> None:
    held = Ephemeral(SECRET)
    seen_before_clearing: list[bytes] = []

    class Watched(bytearray):
        def clear(self) -> None:
            seen_before_clearing.append(bytes(self))
            super().clear()

    held._buffer = Watched(SECRET)
    held.wipe()
    assert seen_before_clearing == [bytes(len(SECRET))]


def leave_by_exception(held: Ephemeral | Frame | GreyPicture) -> None:
    with held:
        raise KeyboardInterrupt


@pytest.mark.parametrize("by_exception", [False, True])
def test_every_way_out_wipes(by_exception: bool) -> None:
    pixels, grey = bytearray(b"\xff" * 6), bytearray(b"\xff" * 2)
    held = Ephemeral(SECRET)
    for each in (held, Frame(2, 1, pixels), GreyPicture(2, 1, grey)):
        if by_exception:
            with pytest.raises(KeyboardInterrupt):
                leave_by_exception(each)
        else:
            with each as entered:
                assert entered is each
    assert held.reveal() == b""
    assert pixels == bytes(6)
    assert grey == bytes(2)


def test_wiping_again_is_harmless() -> None:
    held = Ephemeral(SECRET)
    frame = Frame(1, 1, bytearray(b"\xff\xff\xff"))
    for _ in range(2):
        held.wipe()
        frame.wipe()
    assert held.reveal() == b""
    assert frame.rgb == bytes(3)


@pytest.mark.parametrize(
    ("held", "shown"),
    [
        (Ephemeral(SECRET), "Ephemeral(14 bytes)"),
        (Frame(2, 1, bytearray(b"SECRET")), "Frame(2x1)"),
        (GreyPicture(3, 2, bytearray(b"SECRET")), "GreyPicture(3x2)"),
    ],
)
def test_nothing_shows_its_content(held: object, shown: str) -> None:
    assert repr(held) == str(held) == f"{held}" == shown


@given(st.integers(min_value=0, max_value=6), st.integers(min_value=0, max_value=6), st.integers(-2, 2))
def test_a_picture_has_exactly_the_pixels_of_its_dimensions(width: int, height: int, extra: int) -> None:
    for kind, depth in ((Frame, 3), (GreyPicture, 1)):
        size = max(0, width * height * depth + extra)
        if size == width * height * depth:
            assert kind(width, height, bytearray(size)).width == width
        else:
            with pytest.raises(ValueError, match="length"):
                kind(width, height, bytearray(size))


def test_a_picture_works_on_the_callers_own_buffer() -> None:
    pixels = bytearray(b"\xff" * 3)
    Frame(1, 1, pixels).wipe()
    assert pixels == bytes(3)


@given(st.binary(max_size=100))
def test_overwriting_keeps_length_and_place(content: bytes) -> None:
    buffer = bytearray(content)
    view = memoryview(buffer)
    overwrite(buffer)
    assert bytes(view) == bytes(len(content))
