"""How long exchanges take on real links, against times worked out by hand from the standards."""

from __future__ import annotations

import pytest

from appliance.simulated.card.inserted import Answered, InsertedCard
from appliance.simulated.card.pace import BitRate, Pace, ReaderLimits, link_of
from appliance.simulated.other_cards import TRANSPORT_CARD_ATR
from appliance.simulated.people import training_person
from appliance.simulated.personalisation import ATRS, Personaliser
from tests.simulated.card_desk import SELECT, Desk

READ = bytes.fromhex("00B0000000")
SIGN = bytes.fromhex("802A000033") + bytes(52)
BASIC_HZ = 13_560_000 / 128
OTHER_WORK_S, SIGN_WORK_S = 0.002, 0.2


def type_b(protocol_information: str) -> bytes:
    """An answer to reset with this protocol information; its check byte is not looked at."""
    return bytes.fromhex(f"3B88800100000000{protocol_information}0000")


def reader(kbit: int, frame_size_bytes: int = 256) -> ReaderLimits:
    return ReaderLimits(bit_rate=BitRate(kbit), frame_size_bytes=frame_size_bytes)


@pytest.mark.parametrize(
    ("atr", "bit_rate_hz"),
    [
        (ATRS["contact"], 4_000_000 / 372 * 4),
        (ATRS["contact_plain"], 4_000_000 / 372),
        (ATRS["contact_short"], 4_000_000 / 372),
        (bytes.fromhex("3B9596"), 4_000_000 / 512 * 32),
        (ATRS["contactless"], 4 * BASIC_HZ),
        (TRANSPORT_CARD_ATR, BASIC_HZ),
        (bytes.fromhex("3BF59100FF918171FE400042000100D1D6"), BASIC_HZ),
    ],
)
def test_the_answer_to_reset_gives_the_bit_rate(atr: bytes, bit_rate_hz: float) -> None:
    assert link_of(atr).to_reader.bit_rate_hz == pytest.approx(bit_rate_hz)


@pytest.mark.parametrize(
    ("protocol_information", "reader_kbit", "to_card", "to_reader"),
    [
        ("B381A1", 106, 1, 1),
        ("B381A1", 212, 2, 2),
        ("B381A1", 424, 4, 4),
        ("B381A1", 847, 4, 4),
        ("3381A1", 424, 4, 4),
        ("F781A1", 847, 8, 8),
        ("7081A1", 847, 1, 8),
        ("0781A1", 847, 8, 1),
        ("1381A1", 847, 4, 2),
        ("9381A1", 847, 2, 2),
        ("9281A1", 847, 1, 1),
        ("0081D1", 424, 1, 1),
        ("8081A1", 424, 1, 1),
        ("BB81A1", 424, 1, 1),
    ],
)
def test_type_b_takes_the_fastest_rate_that_both_sides_do(
    protocol_information: str, reader_kbit: int, to_card: int, to_reader: int
) -> None:
    """ISO/IEC 14443-3 §7.9.4.2: bits 1 to 3 to the card, 5 to 7 to the reader, bit 8 the same both ways, bit 4 never."""
    link = link_of(type_b(protocol_information), reader(reader_kbit))
    assert link.to_card.bit_rate_hz == pytest.approx(to_card * BASIC_HZ)
    assert link.to_reader.bit_rate_hz == pytest.approx(to_reader * BASIC_HZ)


@pytest.mark.parametrize(
    ("code", "frame_size"),
    [(0, 16), (1, 24), (2, 32), (3, 40), (4, 48), (5, 64), (6, 96), (7, 128), (8, 256), (9, 256), (15, 256)],
)
def test_the_card_s_frame_size_bounds_what_is_sent_to_it(code: int, frame_size: int) -> None:
    link = link_of(type_b(f"00{code:X}1A1"), reader(106, 64))
    assert link.to_card.block_size_bytes == frame_size - 3
    assert link.to_reader.block_size_bytes == 61


def test_a_type_b_exchange_by_hand() -> None:
    """Five bytes to the card, 258 back in two frames of 253 and 5, with one acknowledgement between them.

    Characters of 12 bits, 3 more characters and 22 bits a frame: (5+3)*12+22 = 118 bits, (253+3)*12+22 = 3,094,
    an acknowledgement 3*12+22 = 58, (5+3)*12+22 = 118; one pause of 0.5 ms after each of the four frames.
    """
    bits = 118 + 3094 + 58 + 118
    for kbit, multiple in ((106, 1), (212, 2), (424, 4)):
        expected_s = bits / (BASIC_HZ * multiple) + 4 * 0.0005 + OTHER_WORK_S
        assert link_of(ATRS["contactless"], reader(kbit)).seconds(READ, 258) == pytest.approx(expected_s)


def test_a_type_b_exchange_in_small_frames_by_hand() -> None:
    """A signature's 57 bytes go to a card with frames of 32 in 29 + 28 bytes; its 258 come back whole in 1,024.

    Out: (29+3)*12+22 = 406, acknowledged by 58, (28+3)*12+22 = 394; back: (258+3)*12+22 = 3,154.
    """
    expected_s = (406 + 58 + 394 + 3154) / BASIC_HZ + 4 * 0.0005 + SIGN_WORK_S
    link = link_of(type_b("0021A1"), reader(424, 1024))
    assert link.seconds(SIGN, 258) == pytest.approx(expected_s)


def test_a_contact_exchange_by_hand() -> None:
    """T=1 (ISO/IEC 7816-3 §11): 11 bits a character, 4 characters around a block, 22 bits between blocks.

    Out: (5+4)*11 = 99; back: (254+4)*11 = 2,838, acknowledged by 44, (4+4)*11 = 88; four pauses of 22.
    """
    bits = 99 + 2838 + 44 + 88 + 4 * 22
    expected_s = bits / (4_000_000 / 372 * 4) + OTHER_WORK_S
    assert link_of(ATRS["contact"]).seconds(READ, 258) == pytest.approx(expected_s)
    assert 0.075 < expected_s < 0.076


def test_a_clock_twice_as_fast_halves_the_line_but_not_the_work() -> None:
    slow, fast = (link_of(ATRS["contact"], ReaderLimits(clock_hz=hz)) for hz in (2_000_000, 4_000_000))
    assert slow.seconds(READ, 2) - OTHER_WORK_S == pytest.approx(2 * (fast.seconds(READ, 2) - OTHER_WORK_S))


@pytest.mark.parametrize(
    ("atr", "block_size", "bits_to_card", "bits_to_reader"),
    [
        (ATRS["contact"], 0xFB, 11, 11),
        (ATRS["contact_plain"], 0xFE, 11, 11),
        (bytes.fromhex("3BE000008131FE45EB"), 0xFE, 12, 12),
        (bytes.fromhex("3BE000058131204500"), 0x20, 17, 12),
        (bytes.fromhex("3B8001"), 0x20, 12, 12),
    ],
)
def test_block_size_and_guard_time_of_a_contact_card(
    atr: bytes, block_size: int, bits_to_card: int, bits_to_reader: int
) -> None:
    link = link_of(atr)
    assert link.to_card.block_size_bytes == block_size
    assert link.to_reader.block_size_bytes == 254
    assert (link.to_card.bits_per_character, link.to_reader.bits_per_character) == (
        bits_to_card,
        bits_to_reader,
    )


@pytest.mark.parametrize("atr", ["3B", "3BFF", "3BF5", "3B00", "3B8080"])
def test_an_answer_to_reset_that_ends_too_early_still_gives_a_link(atr: str) -> None:
    assert link_of(bytes.fromhex(atr).ljust(2, b"\0")).seconds(READ, 2) > 0


@pytest.mark.parametrize("kbit", [106, 212, 424])
def test_contactless_is_faster_than_contact(kbit: int) -> None:
    contactless = link_of(ATRS["contactless"], reader(kbit)).seconds(READ, 258)
    assert contactless < link_of(ATRS["contact"]).seconds(READ, 258) / 1.9


def test_a_signature_costs_computing_time() -> None:
    link = link_of(ATRS["contact"])
    assert link.seconds(SIGN, 258) - link.seconds(bytes(len(SIGN)), 258) > 0.1


@pytest.mark.parametrize("sizes", [(2, 258), (253, 254), (258, 9000)])
@pytest.mark.parametrize("name", ATRS)
def test_more_bytes_take_longer(name: str, sizes: tuple[int, int]) -> None:
    link = link_of(ATRS[name])
    assert link.seconds(READ, sizes[0]) < link.seconds(READ, sizes[1])


def test_an_empty_command_takes_time_too() -> None:
    assert link_of(ATRS["contactless"]).seconds(b"", 2) > 0


@pytest.mark.parametrize(("pace", "is_instant"), [(Pace.INSTANT, True), (Pace.REALISTIC, False)])
def test_the_pace_of_a_card_in_a_reader(desk: Desk, pace: Pace, is_instant: bool) -> None:
    outcome = InsertedCard(desk.card, pace).exchange(SELECT["surface"])
    assert isinstance(outcome, Answered)
    assert (outcome.takes_s == 0.0) is is_instant


def test_a_slow_reader_slows_the_card_in_it(personaliser: Personaliser) -> None:
    card = personaliser.card(training_person("p02"), atr=ATRS["contactless"])
    slow, fast = (
        InsertedCard(card, Pace.REALISTIC, limits=reader(kbit)).exchange(SELECT["surface"])
        for kbit in (106, 424)
    )
    assert isinstance(slow, Answered)
    assert isinstance(fast, Answered)
    assert slow.takes_s > fast.takes_s
