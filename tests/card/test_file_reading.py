"""Reading a file: the fewest commands, as long as its object, within bounds (card.md §1.3; proof.md S2, F2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card import reach
from appliance.card.file_reading import (
    FILE_SIZE_MAX_BYTES,
    ONE_BLOCK_MAX,
    Progress,
    Watch,
    piece_size_bytes,
    read_object_file,
)
from appliance.card.reach import SurfaceFile
from appliance.errors import CardNotUnderstood, CardRefused, CardRemoved, ReadingCancelled
from tests.card.chip_bytes import tlv

FIRST = reach.read_first(SurfaceFile.CARD_CERTIFICATE)


class File:
    """A chip with one file, which gives at most `most` bytes at a time."""

    def __init__(self, content: bytes, most: int = 256) -> None:
        self.content = content
        self.most = most
        self.asked: list[tuple[int, int]] = []

    def transmit(self, command: bytes) -> bytes:
        offset = 0 if command[2] & 0x80 else command[2] << 8 | command[3]
        le = command[4] or 256
        self.asked.append((offset, le))
        return self.content[offset : offset + min(le, self.most)] + b"\x90\x00"


def read(channel: File, watch: Watch | None = None) -> bytearray:
    return read_object_file(channel, FIRST, "file", watch or Watch(0, None, None))


@pytest.mark.parametrize("filler", [0, 1, 300])
@pytest.mark.parametrize("size", [5, 100, 256, 257, 512, 513, 568, 4096])
def test_a_file_is_read_to_the_end_of_its_object_in_the_fewest_pieces(size: int, filler: int) -> None:
    header_size = 5 if size - 3 >= 0x80 else 3
    encoded = tlv(0xFF20, bytes(size - header_size))
    assert len(encoded) == size
    file = File(encoded + b"\xff" * filler)
    assert read(file) == encoded
    assert len(file.asked) == -(-size // 256)
    asked = [le for _, le in file.asked]
    assert asked[0] == 256
    assert sum(asked[1:]) == max(0, size - 256)
    assert [offset for offset, _ in file.asked] == [sum(asked[:at]) for at in range(len(asked))]


@pytest.mark.parametrize(
    ("left_bytes", "piece"),
    [
        (1, 1),
        (250, 250),
        (251, 251),
        # One block's worth would leave a rest that needs a command more.
        (252, 252),
        (256, 256),
        # Two commands either way, so the first may be short.
        (257, 251),
        (507, 251),
        (508, 252),
        (512, 256),
        (513, 251),
        (9337, 251),
        (32512, 256),
    ],
)
def test_a_piece_fits_one_block_unless_that_costs_a_command(left_bytes: int, piece: int) -> None:
    assert piece_size_bytes(left_bytes) == piece


@given(st.integers(1, FILE_SIZE_MAX_BYTES))
def test_pieces_are_the_fewest_and_no_longer_than_they_must_be(left_bytes: int) -> None:
    pieces: list[int] = []
    while left_bytes > sum(pieces):
        pieces.append(piece_size_bytes(left_bytes - sum(pieces)))
    assert len(pieces) == -(-left_bytes // 256)
    assert max(pieces) <= 256
    spare_bytes = 256 * len(pieces) - left_bytes
    in_one_block = sum(each <= ONE_BLOCK_MAX for each in pieces)
    assert in_one_block >= min(len(pieces), spare_bytes // 5)


def test_the_largest_file_is_read() -> None:
    encoded = tlv(0xFF20, bytes(FILE_SIZE_MAX_BYTES - 5))
    file = File(encoded)
    assert read(file) == encoded
    assert len(file.asked) == 128
    assert file.asked[-1] == (0x7F00, 256)


def test_an_object_larger_than_any_file_is_not_asked_for() -> None:
    file = File(bytes.fromhex("FF20827FFC") + bytes(600))
    with pytest.raises(CardNotUnderstood):
        read(file)
    assert len(file.asked) == 1


@pytest.mark.parametrize("most", [254, 223, 128])
def test_a_chip_that_gives_less_at_a_time_is_read_too(most: int) -> None:
    encoded = tlv(0xFF20, bytes(range(250)) * 4)
    assert read(File(encoded, most)) == encoded


def test_a_chip_that_gives_byte_by_byte_is_stopped() -> None:
    file = File(tlv(0xFF20, bytes(4000)), most=6)
    with pytest.raises(CardNotUnderstood):
        read(file)
    assert len(file.asked) <= 257


def test_a_file_that_ends_before_its_object_is_not_understood() -> None:
    file = File(tlv(0xFF20, bytes(1000))[:700])
    with pytest.raises(CardNotUnderstood) as failed:
        read(file)
    assert failed.value.offset == 700


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"\xff\x20", b"\xff\x20\x82\x01", b"\xff" * 256, b"\x00" * 256]
)
def test_a_file_without_an_object_is_not_understood(content: bytes) -> None:
    with pytest.raises(CardNotUnderstood):
        read(File(content))


def test_a_refusal_names_the_command() -> None:
    class Refusing(File):
        def transmit(self, command: bytes) -> bytes:
            return b"\x69\x82"

    with pytest.raises(CardRefused) as refused:
        read(Refusing(b""))
    assert (refused.value.command, refused.value.status_word) == ("READ BINARY", 0x6982)


def test_progress_is_told_after_every_piece() -> None:
    told: list[Progress] = []
    read(File(tlv(0xFF20, bytes(595)) + b"\xff" * 50), Watch(100, told.append, None))
    assert told == [Progress(256, 700), Progress(507, 700), Progress(600, 700)]


def test_progress_never_passes_its_total() -> None:
    told: list[Progress] = []
    watch = Watch(10, told.append, None)
    watch.advance(20)
    assert told == [Progress(20, 20)]


def test_a_reading_can_be_stopped_between_two_pieces() -> None:
    file = File(tlv(0xFF20, bytes(2000)))
    with pytest.raises(ReadingCancelled):
        read(file, Watch(0, None, lambda: len(file.asked) == 3))
    assert len(file.asked) == 3


def test_a_lost_link_is_told_as_it_is() -> None:
    class Removed(File):
        def transmit(self, command: bytes) -> bytes:
            if self.asked:
                raise CardRemoved
            return super().transmit(command)

    with pytest.raises(CardRemoved):
        read(Removed(tlv(0xFF20, bytes(2000))))
