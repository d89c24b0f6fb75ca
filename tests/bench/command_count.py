"""S2: the commands of one identification on the card's own trace, against the fewest that the card's files allow."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from appliance.card.identification import sight
from appliance.simulated.card.pace import link_of
from appliance.simulated.card.trace import TraceEntry
from appliance.simulated.personalisation import ATRS
from tests.bench.card_stand import CardStand, card_stand, private_stack
from tests.bench.figures import Bench, Row, Table, Told, Verdict
from tests.bench.link_time import seconds, with_one_extended_read
from tests.bench.timing import spread_of

PEOPLE: Final = ("p01", "p02", "p03", "p04", "p05", "p06")
ROUNDS: Final = 20
READ_BYTES_MAX: Final = 256
"""What a short READ BINARY can bring (ISO/IEC 7816-4 §5.2)."""
CERTIFICATE_SIZE_BYTES: Final = 568
"""Of every card certificate (card.md §11)."""
_FACE: Final = "0002"
_CERTIFICATE: Final = "0004"
_MS: Final = 1000.0
_EXTENDED_OWNER: Final = "p01"
_READ_FACE: Final = bytes.fromhex("00B08200")


def measure(told: Told) -> tuple[Table, ...]:
    """Count, and show what the road not taken would bring."""
    with private_stack() as stack, card_stand(stack) as stand:
        rows = []
        for person in PEOPLE:
            rows.append(person_row(stand, person))
            told()
        sighting = _sighting_row(stand, told)
        extended = _extended_rows(stand, told)
    return (
        Table(
            "S2",
            "Commands of one identification",
            "one SELECT, one question for the counter, one VERIFY, the fewest short READs for the two files, one signature",
            (*rows, sighting),
            (
                (
                    "Counted by the card. A short READ brings up to 256 bytes, so a file of n bytes takes n/256 of "
                    "them, rounded up. Where this fewest number leaves room, the pieces are cut to 251 bytes, which travel in one block "
                    "of either link; that costs no command and saves link time."
                ),
                (
                    "The last row is the sighting before the code is asked for, when the card has just been put down: it "
                    "presents nothing, and tells cards that the unit does not read from those it does."
                ),
            ),
        ),
        Table(
            "S2",
            "One extended READ instead of many short ones",
            "",
            extended,
            (
                (
                    "The unit does not do this. Every flow that was ever documented for this card works with short READs; no source "
                    "has read a file with a long one outside secure messaging, though some cards say that they know long "
                    "commands and one answer to reset in use says that its card does not (card.md §1.1, §1.3). Many readers "
                    "refuse long commands or cut their answers. A refused read in front of a waiting person costs more than "
                    "it could save: on a slow link the bytes themselves take nearly all of the time."
                ),
            ),
        ),
    )


def command_kinds(trace: Iterable[TraceEntry]) -> Counter[str]:
    """Count the commands by what they are for."""
    return Counter(_kind_of(entry) for entry in trace)


def fewest_commands(face_size_bytes: int) -> dict[str, int]:
    """Return the least that an identification takes of each kind."""
    return {
        "SELECT": 1,
        "query": 1,
        "VERIFY": 1,
        "READ face": reads_for(face_size_bytes),
        "READ certificate": reads_for(CERTIFICATE_SIZE_BYTES),
        "signature": 1,
        "other": 0,
    }


def reads_for(size_bytes: int) -> int:
    """Return the fewest short READs for a file."""
    return -(-size_bytes // READ_BYTES_MAX)


def object_size_bytes(beginning: bytes) -> int:
    """Return the size of the object FF20 that begins a card face, read without the product's own parser.

    Raises:
        ValueError: another object.
    """
    if beginning[:2] != b"\xff\x20":
        raise ValueError("tag")
    first = beginning[2]
    if first < 0x80:
        return 3 + first
    count = first - 0x80
    return 3 + count + int.from_bytes(beginning[3 : 3 + count], "big")


def count_row(name: str, counted: Mapping[str, int], fewest: Mapping[str, int]) -> Row:
    """Return the row of one card; one command more or fewer of any kind misses the promise."""
    agrees = all(counted.get(kind, 0) == number for kind, number in fewest.items())
    counts = {kind: f"{counted.get(kind, 0)} of {number}" for kind, number in fewest.items()}
    total = {"APDUs": sum(counted.values())}
    return Row({"card": name, **counts, **total}, Verdict.MUST if agrees else Verdict.MISSED)


def _kind_of(entry: TraceEntry) -> str:
    header = bytes.fromhex(entry.header)
    if header[:2] == b"\x00\xa4":
        return "SELECT"
    if header[:2] == b"\x00\x20":
        return "VERIFY" if len(entry.command) > 8 else "query"
    if header[:2] == b"\x00\xb0":
        return {_FACE: "READ face", _CERTIFICATE: "READ certificate"}.get(entry.file, "other")
    return "signature" if header[:2] == b"\x80\x2a" else "other"


def person_row(stand: CardStand, person: str) -> Row:
    """Read one person's card and judge what it saw."""
    stand.lay(person)
    exchanges = stand.recorded(person)
    counted = command_kinds(stand.trace())
    first = next(answer for command, answer in exchanges if command.startswith(_READ_FACE))
    return count_row(person, counted, fewest_commands(object_size_bytes(first)))


def _sighting_row(stand: CardStand, told: Told) -> Row:
    stand.lay(PEOPLE[0])
    with stand.channel() as channel:
        sight(channel)
    counted = command_kinds(stand.trace())
    told()
    cells = {kind: str(counted[kind]) for kind in fewest_commands(0)}
    return Row({"card": f"{PEOPLE[0]}, sighting", **cells, "APDUs": sum(counted.values())})


def _extended_rows(stand: CardStand, told: Told) -> tuple[Row, ...]:
    stand.lay(_EXTENDED_OWNER)
    exchanges = stand.recorded(_EXTENDED_OWNER)
    extended = with_one_extended_read(exchanges)
    instant = {
        "short READs": _raw_seconds(stand, [command for command, _ in exchanges], told),
        "one extended READ": _raw_seconds(stand, [command for command, _ in extended], told),
    }
    ways = {"short READs": exchanges, "one extended READ": extended}
    return tuple(
        Row(
            {
                "way": name,
                "APDUs": len(passed),
                "virtual reader ms": spread_of(instant[name]).times(_MS),
                **{f"{kind} s": seconds(link_of(ATRS[kind]), passed) for kind in ("contact", "contactless")},
            }
        )
        for name, passed in ways.items()
    )


def _raw_seconds(stand: CardStand, commands: list[bytes], told: Told) -> list[float]:
    lists = [list(each) for each in commands]
    times = []
    for _ in range(ROUNDS):
        with stand.raw() as line:
            began_s = time.perf_counter()
            line.send(lists)
            times.append(time.perf_counter() - began_s)
        told()
    return times


BENCH: Final = Bench("S2", len(PEOPLE) + 1 + 2 * ROUNDS, measure)
