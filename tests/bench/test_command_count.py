"""Counting commands by what they are for, and the fewest that files allow."""

from __future__ import annotations

import pytest

from appliance.simulated.card.trace import TraceEntry
from tests.bench.command_count import (
    command_kinds,
    count_row,
    fewest_commands,
    object_size_bytes,
    reads_for,
)
from tests.bench.figures import Verdict


def entry(command: str, file: str = "") -> TraceEntry:
    return TraceEntry(command, "surface", file, 0x9000, 2)


IDENTIFICATION = (
    entry("00A4040C0AD3921000310001010402"),
    entry("00200092", "0012"),
    entry("002000920E" + "xx" * 14, "0012"),
    entry("00B0820000", "0002"),
    entry("00B0010000", "0002"),
    entry("00B0840000", "0004"),
    entry("00B00100FB", "0004"),
    entry("00B001FB3D", "0004"),
    entry("802A000033" + "00" * 52),
)


@pytest.mark.parametrize(
    ("size", "reads"), [(1, 1), (255, 1), (256, 1), (257, 2), (512, 2), (568, 3), (9593, 38)]
)
def test_a_short_read_brings_256_bytes(size: int, reads: int) -> None:
    assert reads_for(size) == reads


@pytest.mark.parametrize(
    ("beginning", "size"),
    [("FF2003", 6), ("FF207F", 130), ("FF2081C8", 204), ("FF20820400", 1029), ("FF2083000400", 1030)],
)
def test_a_card_face_says_its_size(beginning: str, size: int) -> None:
    assert object_size_bytes(bytes.fromhex(beginning)) == size


def test_another_object_is_no_card_face() -> None:
    with pytest.raises(ValueError, match="tag"):
        object_size_bytes(bytes.fromhex("FF40820400"))


def test_each_command_is_counted_for_what_it_does() -> None:
    counted = command_kinds(IDENTIFICATION)
    assert counted == {
        "SELECT": 1,
        "query": 1,
        "VERIFY": 1,
        "READ face": 2,
        "READ certificate": 3,
        "signature": 1,
    }
    assert count_row("p05", counted, fewest_commands(512)).verdict is Verdict.MUST


@pytest.mark.parametrize(
    "extra",
    [
        entry("00A4040C0AD3921000310001010402"),
        entry("00200092", "0012"),
        entry("002000920E" + "xx" * 14, "0012"),
        entry("00B0010000", "0002"),
        entry("00B0830000", "0003"),
        entry("00840000" + "20"),
    ],
)
def test_one_command_too_many_misses_the_promise(extra: TraceEntry) -> None:
    counted = command_kinds((*IDENTIFICATION, extra))
    assert count_row("p05", counted, fewest_commands(512)).verdict is Verdict.MISSED


def test_one_too_few_is_a_wrong_count_and_misses_it_too() -> None:
    counted = command_kinds(IDENTIFICATION[1:])
    assert count_row("p05", counted, fewest_commands(512)).verdict is Verdict.MISSED
