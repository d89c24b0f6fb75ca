"""The card as a whole: classes and instructions, power and reset, and that nothing makes it raise."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.simulated.card.files import ApplicationName, CardImage
from appliance.simulated.card.simulated_card import CardHabits, SimulatedCard
from tests.simulated.card_desk import SELECT, Desk, counted_bytes


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00CB3FFF035C017E08", "6D00"),
        ("002A9E9A", "6D00"),
        ("80B0000000", "6D00"),
        ("FFCA000000", "6E00"),
        ("10A4040C", "6E00"),
        ("A0A4000002", "6E00"),
        ("01A4040C0AD392F000260100000001", "6881"),
        ("03B0000000", "6881"),
        ("08A4040C", "6882"),
        ("0CA4020C", "6882"),
        ("08B0000000", "69FC"),
        ("0C20009200", "69FC"),
        ("80FC0000", "6700"),
        ("808A2200", "6982"),
        ("808A2400", "6982"),
        ("808A0000", "6A86"),
        ("80500000", "6982"),
        ("00", "6700"),
        ("", "6700"),
    ],
)
def test_classes_and_instructions_it_does_not_know(desk: Desk, command: str, answer: str) -> None:
    desk.select("surface")
    assert desk.status(command) == answer


def test_power_on_gives_the_answer_to_reset(desk: Desk, image: CardImage) -> None:
    assert desk.card.power_on() == desk.card.reset() == desk.card.atr == image.atr


@pytest.mark.parametrize("forget", ["power_on", "power_off", "reset"])
def test_power_and_reset_forget_selection_and_unlocking(desk: Desk, forget: str) -> None:
    desk.select("surface")
    desk.verify(0x13, b"000000000001")
    getattr(desk.card, forget)()
    assert desk.card.application_name is ApplicationName.CARD_MANAGER
    assert desk.status("00B0820001") == "6A82"
    desk.select("surface")
    assert desk.status("00B0820001") == "6982"


def test_a_card_may_keep_its_session_over_a_warm_reset(desk_with: Callable[[CardHabits], Desk]) -> None:
    desk = desk_with(CardHabits(reset_keeps_session=True))
    desk.select("surface")
    desk.verify(0x13, b"000000000001")
    desk.card.reset()
    assert desk.ask("00B0820001")[-2:] == b"\x90\x00"
    desk.card.power_off()
    desk.select("surface")
    assert desk.status("00B0820001") == "6982"


def test_a_card_may_fail_its_first_command_after_power_up(desk_with: Callable[[CardHabits], Desk]) -> None:
    desk = desk_with(CardHabits(first_command_fails=True))
    for start in (desk.card.power_on, desk.card.reset):
        start()
        assert desk.card.process(SELECT["jpki"]) == b"\x6f\x00"
        desk.select("jpki")


def test_the_same_commands_give_the_same_answers(image: CardImage) -> None:
    commands = [
        SELECT["surface"],
        bytes.fromhex("0084000010"),
        bytes.fromhex("802A059A03414243") + b"\0",
        bytes.fromhex("00B0840000"),
    ]
    runs = []
    for _ in range(2):
        card = SimulatedCard(image, counted_bytes)
        runs.append([card.process(command) for command in commands])
    assert runs[0] == runs[1]


INSTRUCTIONS = [
    0x20,
    0x24,
    0x2A,
    0x32,
    0x50,
    0x84,
    0x88,
    0x8A,
    0xA2,
    0xA4,
    0xAE,
    0xB0,
    0xB2,
    0xCA,
    0xCB,
    0xFC,
]
LIKELY = st.builds(
    lambda cla, ins, p1, p2, body: bytes((cla, ins, p1, p2)) + body,
    st.sampled_from([0x00, 0x80, 0x08, 0x0C, 0x01, 0xFF]),
    st.sampled_from(INSTRUCTIONS),
    st.sampled_from([0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x80, 0x82, 0x9A, 0xFF]),
    st.integers(0, 255),
    st.one_of(
        st.just(b""),
        st.binary(max_size=8),
        st.binary(min_size=1, max_size=255).map(lambda data: bytes((len(data),)) + data + b"\0"),
    ),
)


@settings(max_examples=300, deadline=None)
@given(
    commands=st.lists(
        st.one_of(LIKELY, st.binary(max_size=40), st.sampled_from(list(SELECT.values()))), max_size=12
    )
)
def test_whatever_comes_the_card_answers_with_at_least_a_status_word(
    image_of: Callable[[str], CardImage], commands: list[bytes]
) -> None:
    card = SimulatedCard(image_of("p03"), counted_bytes)
    for command in commands:
        assert len(card.process(command)) >= 2
