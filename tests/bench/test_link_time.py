"""Reckoning with the pace of links: what framing costs, and what other ways of reading would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card.file_reading import piece_size_bytes
from appliance.simulated.card.pace import link_of
from appliance.simulated.personalisation import ATRS
from tests.bench.figures import Verdict
from tests.bench.link_pace import Case, Passed, elapsed_row
from tests.bench.link_time import (
    Exchange,
    face_exchanges,
    face_reads,
    face_size_bytes,
    floor_seconds,
    largest_face_bytes,
    other_exchanges,
    seconds,
    with_one_extended_read,
)

OK = b"\x90\x00"
SELECT: Exchange = (bytes.fromhex("00A4040C0AD3921000310001010402"), OK)
FACE: tuple[Exchange, ...] = (
    (bytes.fromhex("00B0820000"), bytes(256) + OK),
    (bytes.fromhex("00B00100FB"), bytes(251) + OK),
    (bytes.fromhex("00B001FB05"), bytes(5) + OK),
)
CERTIFICATE: tuple[Exchange, ...] = (
    (bytes.fromhex("00B0840000"), bytes(256) + OK),
    (bytes.fromhex("00B0010064"), bytes(100) + OK),
)
SIGN: Exchange = (bytes.fromhex("802A000033") + bytes(51) + b"\x00", bytes(256) + OK)
WHOLE = (SELECT, *FACE, *CERTIFICATE, SIGN)


def full_pieces(_left_bytes: int) -> int:
    return 256


def test_the_face_s_reads_end_where_another_file_s_begin() -> None:
    assert face_exchanges(WHOLE) == FACE
    assert face_exchanges((SELECT, *FACE)) == FACE
    assert face_size_bytes(WHOLE) == 512
    assert other_exchanges(WHOLE) == (SELECT, *CERTIFICATE, SIGN)


def test_one_extended_read_brings_the_same_bytes() -> None:
    changed = with_one_extended_read(WHOLE)
    assert changed == (
        SELECT,
        (bytes.fromhex("00B08200000000"), bytes(512) + OK),
        *CERTIFICATE,
        SIGN,
    )


@pytest.mark.parametrize(
    ("size", "headers"),
    [
        (100, ["00B0820000"]),
        (256, ["00B0820000"]),
        (257, ["00B0820000", "00B0010000"]),
        (600, ["00B0820000", "00B0010000", "00B0020000"]),
    ],
)
def test_reads_are_planned_as_they_would_be_sent(size: int, headers: list[str]) -> None:
    reads = face_reads(size, full_pieces)
    assert [command.hex().upper() for command, _ in reads] == headers
    assert sum(len(answer) - 2 for _, answer in reads) == size


@pytest.mark.parametrize("kind", ATRS)
def test_the_bytes_alone_are_the_least(kind: str) -> None:
    link = link_of(ATRS[kind])
    assert 0.2 < floor_seconds(link, WHOLE) < seconds(link, WHOLE)


def test_the_floor_counts_characters_and_computing_only() -> None:
    link = link_of(ATRS["contact_plain"])
    characters = len(SIGN[0]) + len(SIGN[1])
    sent_s = characters * link.to_reader.bits_per_character / link.to_reader.bit_rate_hz
    assert floor_seconds(link, [SIGN]) == pytest.approx(sent_s + 0.2)


@pytest.mark.parametrize("kind", ["contact", "contactless"])
@given(size=st.integers(1, 12_000))
def test_pieces_of_one_block_are_never_slower_than_full_ones(kind: str, size: int) -> None:
    link = link_of(ATRS[kind])
    ours, full = face_reads(size, piece_size_bytes), face_reads(size, full_pieces)
    assert len(ours) == len(full)
    assert seconds(link, ours) <= seconds(link, full) + 1e-9


@pytest.mark.parametrize("kind", ATRS)
@pytest.mark.parametrize("within_s", [1.0, 3.0])
def test_the_largest_face_fits_and_one_byte_more_does_not(kind: str, within_s: float) -> None:
    link, others = link_of(ATRS[kind]), (SELECT, *CERTIFICATE, SIGN)

    def whole_s(size: int) -> float:
        return seconds(link, others) + seconds(link, face_reads(size, piece_size_bytes))

    largest = largest_face_bytes(link, others, piece_size_bytes, within_s)
    assert whole_s(largest) <= within_s or largest == 0
    assert whole_s(largest + 1) > within_s or largest == 0x8000


@pytest.mark.parametrize(
    ("kind", "elapsed_s", "verdict"),
    [
        ("contactless", 1.0, Verdict.STRETCH),
        ("contactless", 2.5, Verdict.MUST),
        ("contactless", 3.5, Verdict.MISSED),
        ("contact_plain", 13.0, Verdict.BEYOND_LINK),
    ],
)
def test_a_link_is_blamed_only_for_what_its_bytes_alone_take(
    kind: str, elapsed_s: float, verdict: Verdict
) -> None:
    exchanges = (SELECT, *face_reads(9600, piece_size_bytes), *CERTIFICATE, SIGN)
    row = elapsed_row(Passed(Case("p01", kind), link_of(ATRS[kind]), exchanges, exchanges, elapsed_s))
    assert row.verdict is verdict
    assert row.cells["face bytes"] == 9600
