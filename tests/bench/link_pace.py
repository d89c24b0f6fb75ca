"""G4: from connecting to data in hand at the pace of real links, for each answer to reset and contactless bit rate."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from appliance.card.apdu import SHORT_LE_MAX
from appliance.card.file_reading import ONE_BLOCK_MAX, piece_size_bytes
from appliance.card.identification import sight
from appliance.simulated.card.pace import ORDINARY_READER, BitRate, Link, Pace, ReaderLimits, link_of
from appliance.simulated.pcsc_stack import PcscStack
from tests.bench import link_time
from tests.bench.card_stand import RecordingChannel, card_stand, code_of, identify, private_stack
from tests.bench.figures import Bench, Limit, Row, Table, Told
from tests.bench.link_time import Exchange

LIMIT: Final = Limit(must=3.0, stretch=2.0)


@dataclass(frozen=True, slots=True)
class Case:
    """One card on one link."""

    person: str
    kind: str
    bit_rate: BitRate = ORDINARY_READER.bit_rate

    @property
    def name(self) -> str:
        """The kind, with its bit rate when that is the reader's choice."""
        return f"{self.kind} {self.bit_rate.value}" if self.kind == "contactless" else self.kind


CASES: Final = (
    Case("p01", "contactless", BitRate.KBIT_106),
    Case("p01", "contactless", BitRate.KBIT_212),
    Case("p01", "contactless", BitRate.KBIT_424),
    Case("p01", "contact"),
    Case("p01", "contact_plain"),
    Case("p01", "contact_short"),
    Case("p04", "contact"),
    Case("p05", "contact"),
)


@dataclass(frozen=True, slots=True)
class Passed:
    """What one case took."""

    case: Case
    link: Link
    exchanges: tuple[Exchange, ...]
    reading: tuple[Exchange, ...]
    """Those of the reading alone, without the sighting before it."""
    elapsed_s: float


def measure(told: Told) -> tuple[Table, ...]:
    """Read each card once at its pace."""
    with private_stack() as stack:
        passed = [_passed(stack, case, told) for case in CASES]
    by_link = {each.case.name: each for each in passed if each.case.person == CASES[0].person}
    return (
        Table(
            "G4",
            "From connecting to data in hand, at the pace of real links",
            f"at most {LIMIT.must:g} s with authenticity; stretch {LIMIT.stretch:g} s",
            tuple(elapsed_row(each) for each in passed),
            (
                (
                    "`elapsed` runs through pcscd from powering the card over sighting, code and both files to the last "
                    "signature check; `computed` is the pace model's time for the same commands, and `bytes alone` what "
                    "remains of it without blocks, acknowledgements and pauses: the characters at the link's rate and the "
                    "chip's computing. Where that alone passes the limit, no order and no size of short READs can keep it."
                ),
                (
                    "The chip's computing times (signature 0.2 s, VERIFY 0.03 s) and the photo's size are assumptions: nobody "
                    "has published either (card.md §21). `largest face` is the card face that the model reads within the "
                    "limit."
                ),
            ),
        ),
        Table(
            "G4",
            "The same reading in other pieces (computed)",
            "",
            tuple(_piece_row(each) for each in by_link.values()),
            (
                (
                    "`in use` takes as many READs as full pieces and is never slower. Pieces of 251 bytes throughout are a "
                    "little faster and take a READ more, which would break S2; one extended READ is what no source has seen "
                    "this card do."
                ),
            ),
        ),
    )


def elapsed_row(passed: Passed) -> Row:
    """Return the row that is judged: by the clock, and by what the link allows at all."""
    floor_s = link_time.floor_seconds(passed.link, passed.exchanges)
    others = link_time.other_exchanges(passed.exchanges)
    return Row(
        {
            "link": passed.case.name,
            "card": passed.case.person,
            "kbit/s": round(passed.link.to_reader.bit_rate_hz / 1000),
            "face bytes": link_time.face_size_bytes(passed.exchanges),
            "APDUs": len(passed.exchanges),
            "elapsed s": passed.elapsed_s,
            "computed s": link_time.seconds(passed.link, passed.exchanges),
            "bytes alone s": floor_s,
            "largest face": link_time.largest_face_bytes(passed.link, others, piece_size_bytes, LIMIT.must),
        },
        LIMIT.verdict(passed.elapsed_s, floor_s),
    )


def _piece_row(passed: Passed) -> Row:
    size = link_time.face_size_bytes(passed.reading)
    others = link_time.other_exchanges(passed.reading)
    ways = {
        "full pieces": (*others, *link_time.face_reads(size, lambda _left: SHORT_LE_MAX)),
        "in use": (*others, *link_time.face_reads(size, piece_size_bytes)),
        "251 each": (*others, *link_time.face_reads(size, lambda _left: ONE_BLOCK_MAX)),
        "one extended": link_time.with_one_extended_read(passed.reading),
    }
    cells: dict[str, str | float] = {"link": passed.case.name}
    for name, exchanges in ways.items():
        cells[f"{name} s"] = link_time.seconds(passed.link, exchanges)
        cells[f"{name} APDUs"] = len(exchanges)
    return Row(cells)


def _passed(stack: PcscStack, case: Case, told: Told) -> Passed:
    with card_stand(stack, Pace.REALISTIC, case.bit_rate) as stand:
        answer_to_reset = stand.lay(case.person, case.kind)
        began_s = time.perf_counter()
        with stand.channel() as channel, code_of(case.person) as code_b:
            recording = RecordingChannel(channel)
            sight(recording)
            sighting = len(recording.exchanges)
            reading = identify(recording, code_b)
            elapsed_s = time.perf_counter() - began_s
            reading.wipe()
    told()
    link = link_of(answer_to_reset, ReaderLimits(bit_rate=case.bit_rate))
    exchanges = tuple(recording.exchanges)
    return Passed(case, link, exchanges, exchanges[sighting:], elapsed_s)


BENCH: Final = Bench("G4", len(CASES), measure)
