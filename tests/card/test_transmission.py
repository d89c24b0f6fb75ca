"""Whole answers: 61xx and 6Cxx are followed within bounds, and more than was asked is refused (card.md §1.3)."""

from __future__ import annotations

import pytest

from appliance.card import reach
from appliance.card.apdu import ResponseApdu
from appliance.card.reach import Application, SurfaceFile
from appliance.card.transmission import CONTINUATIONS_MAX, require_success, transmit, transmit_once
from appliance.errors import CardNotUnderstood, CardRefused
from tests.card.scripted import Script

READ = reach.read_first(SurfaceFile.CARD_FACE, 4)
READ_HEX = "00B0820004"


@pytest.mark.parametrize(
    "exchanges",
    [
        [(READ_HEX, "AABBCCDD9000")],
        [(READ_HEX, "6C04"), (READ_HEX, "AABBCCDD9000")],
        [(READ_HEX, "6104"), ("00C0000004", "AABBCCDD9000")],
        [(READ_HEX, "AABB6102"), ("00C0000002", "CC6101"), ("00C0000001", "DD9000")],
    ],
    ids=["at once", "other length", "fetched", "in parts"],
)
def test_an_answer_arrives_whole(exchanges: list[tuple[str, str | Exception]]) -> None:
    script = Script(*exchanges)
    assert transmit(script, READ) == ResponseApdu(bytes.fromhex("AABBCCDD"), 0x9000)
    script.assert_finished()


def test_another_length_is_tried_once_only() -> None:
    script = Script((READ_HEX, "6C02"), ("00B0820002", "6C01"))
    assert transmit(script, READ).status_word == 0x6C01
    script.assert_finished()


def test_a_length_greater_than_asked_is_not_followed() -> None:
    script = Script((READ_HEX, "6C05"))
    assert transmit(script, READ).status_word == 0x6C05


def test_a_command_without_le_is_not_repeated() -> None:
    script = Script(("00A4040C0AD3921000310001010402", "6C05"))
    assert transmit(script, reach.select(Application.SURFACE)).status_word == 0x6C05
    script.assert_finished()


def test_a_signature_of_another_length_is_not_asked_for() -> None:
    sign = reach.answer_challenge(bytes(32))
    script = Script((sign.encode().hex(), "6C10"))
    assert transmit(script, sign).status_word == 0x6C10
    script.assert_finished()


def test_a_chip_that_announces_more_for_ever_is_stopped() -> None:
    script = Script((READ_HEX, "6101"), *[("00C0000001", "6101")] * CONTINUATIONS_MAX)
    with pytest.raises(CardNotUnderstood):
        transmit(script, READ)
    script.assert_finished()


@pytest.mark.parametrize(
    "exchanges",
    [[(READ_HEX, "AABBCCDDEE9000")], [(READ_HEX, "AABBCC6102"), ("00C0000002", "DDEE9000")]],
    ids=["at once", "in parts"],
)
def test_more_than_was_asked_for_is_not_understood(exchanges: list[tuple[str, str | Exception]]) -> None:
    with pytest.raises(CardNotUnderstood):
        transmit(Script(*exchanges), READ)


@pytest.mark.parametrize("status", ["6C0E", "6102"])
def test_transmit_once_takes_the_answer_as_it_is(status: str) -> None:
    script = Script((READ_HEX, status))
    assert transmit_once(script, READ).status_word == int(status, 16)
    script.assert_finished()


@pytest.mark.parametrize("status_word", [0x9000, 0x6282])
def test_success_and_the_end_of_a_file_give_their_data(status_word: int) -> None:
    assert require_success(ResponseApdu(b"data", status_word), "READ BINARY") == b"data"


@pytest.mark.parametrize("status_word", [0x6982, 0x6A82, 0x6B00, 0x6283, 0x0000])
def test_every_other_status_word_is_a_refusal_that_names_the_command(status_word: int) -> None:
    with pytest.raises(CardRefused) as refused:
        require_success(ResponseApdu(b"data", status_word), "READ BINARY")
    assert (refused.value.command, refused.value.status_word) == ("READ BINARY", status_word)
