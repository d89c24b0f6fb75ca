"""How long exchanges take on real links."""

from __future__ import annotations

import pytest

from appliance.simulated.card.inserted import Answered, InsertedCard
from appliance.simulated.card.pace import CONTACTLESS_106, Pace, link_of
from appliance.simulated.personalisation import ATRS, TRANSPORT_CARD_ATR
from tests.simulated.card_desk import SELECT, Desk

READ = bytes.fromhex("00B0000000")
SIGN = bytes.fromhex("802A000033") + bytes(52)


@pytest.mark.parametrize(
    ("atr", "bit_rate_hz"),
    [
        (ATRS["contact"], 4_000_000 / 372 * 4),
        (ATRS["contact_plain"], 4_000_000 / 372),
        (ATRS["contact_short"], 4_000_000 / 372),
        (ATRS["contactless"], 106_000),
        (TRANSPORT_CARD_ATR, 106_000),
        (bytes.fromhex("3B9596"), 4_000_000 / 512 * 32),
    ],
)
def test_the_answer_to_reset_gives_the_bit_rate(atr: bytes, bit_rate_hz: float) -> None:
    assert link_of(atr).bit_rate_hz == pytest.approx(bit_rate_hz)


def test_256_bytes_over_the_contact_take_about_80_ms() -> None:
    # 258 characters of 11 bits at 43,011 bit/s are 66 ms; blocks, acknowledgements and guard times come on top.
    assert 0.066 < link_of(ATRS["contact"]).seconds(READ, 258) < 0.090


def test_contactless_is_faster_than_contact() -> None:
    assert CONTACTLESS_106.seconds(READ, 258) < link_of(ATRS["contact"]).seconds(READ, 258) / 2


def test_a_signature_costs_computing_time() -> None:
    link = link_of(ATRS["contact"])
    assert link.seconds(SIGN, 258) - link.seconds(bytes(len(SIGN)), 258) > 0.1


@pytest.mark.parametrize("sizes", [(2, 258), (258, 9000)])
def test_more_bytes_take_longer(sizes: tuple[int, int]) -> None:
    link = link_of(ATRS["contactless"])
    assert link.seconds(READ, sizes[0]) < link.seconds(READ, sizes[1])


def test_an_empty_command_takes_time_too() -> None:
    assert CONTACTLESS_106.seconds(b"", 2) > 0


@pytest.mark.parametrize(("pace", "is_instant"), [(Pace.INSTANT, True), (Pace.REALISTIC, False)])
def test_the_pace_of_a_card_in_a_reader(desk: Desk, pace: Pace, is_instant: bool) -> None:
    outcome = InsertedCard(desk.card, pace).exchange(SELECT["surface"])
    assert isinstance(outcome, Answered)
    assert (outcome.takes_s == 0.0) is is_instant
