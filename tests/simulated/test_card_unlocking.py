"""VERIFY and changing secrets: what counts, what resets, what blocks (card.md §3, §9, §19)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.simulated.card.files import (
    Application,
    ApplicationName,
    CardFile,
    CardImage,
    ReferenceFile,
    TransparentFile,
)
from appliance.simulated.card.simulated_card import SimulatedCard
from tests.simulated.card_desk import Desk

CODE_B = b"18051420354173"
LIMITS = [
    ("surface", 0x11, 10),
    ("surface", 0x12, 10),
    ("surface", 0x13, 10),
    ("text", 0x11, 3),
    ("text", 0x14, 10),
    ("text", 0x15, 10),
    ("jpki", 0x18, 3),
    ("jpki", 0x1B, 5),
    ("shared", 0x1C, 3),
    ("residence", 0x1C, 3),
]


@pytest.mark.parametrize(("application", "sfi", "limit"), LIMITS)
def test_a_reference_blocks_after_its_number_of_wrong_tries(
    desk: Desk, application: str, sfi: int, limit: int
) -> None:
    desk.select(application)
    assert desk.status(f"002000{0x80 | sfi:02X}") == f"63C{limit:X}"
    for left in range(limit - 1, -1, -1):
        assert desk.verify(sfi, b"wrong!") == f"63C{left:X}"
    assert desk.verify(sfi, b"wrong!") == "6984"
    assert desk.status(f"002000{0x80 | sfi:02X}") == "63C0"


def test_a_blocked_reference_refuses_the_right_secret_too(desk: Desk) -> None:
    desk.select("surface")
    for _ in range(10):
        desk.verify(0x12, bytes(14))
    assert desk.verify(0x12, CODE_B) == "6984"


def test_a_right_secret_sets_the_counter_back(desk: Desk) -> None:
    desk.select("surface")
    desk.verify(0x12, bytes(14))
    assert desk.status("00200092") == "63C9"
    assert desk.verify(0x12, CODE_B) == "9000"
    assert desk.status("00200092") == "63CA"


def test_the_query_answers_the_counter_even_when_unlocked_and_locks_nothing(desk: Desk) -> None:
    desk.select("surface")
    desk.verify(0x12, CODE_B)
    assert desk.status("00200092") == "63CA"
    assert desk.status("0020009200") == "63CA"
    assert desk.ask("00B0820001")[-2:] == b"\x90\x00"


def test_a_wrong_secret_locks_again(desk: Desk) -> None:
    desk.select("surface")
    desk.verify(0x12, CODE_B)
    desk.verify(0x12, bytes(14))
    assert desk.status("00B0820001") == "6982"


@pytest.mark.parametrize("secret", [b"1", CODE_B[:-1], CODE_B + b"0", b"x" * 200])
def test_a_secret_of_the_wrong_length_counts_as_a_try(desk: Desk, secret: bytes) -> None:
    desk.select("surface")
    assert desk.verify(0x12, secret) == "63C9"


def test_references_count_apart(desk: Desk) -> None:
    desk.select("text")
    desk.verify(0x15, bytes(14))
    desk.select("surface")
    assert desk.status("00200092") == "63CA"
    assert desk.status("00200093") == "63CA"


def test_the_counter_outlives_power_and_reset(desk: Desk) -> None:
    desk.select("surface")
    desk.verify(0x12, bytes(14))
    for forget in (desk.card.power_off, desk.card.power_on, desk.card.reset):
        forget()
        desk.select("surface")
        assert desk.status("00200092") == "63C9"


@pytest.mark.parametrize(
    ("command", "data", "answer"),
    [
        ("00200080", b"1234", "6986"),
        ("00200180", b"1234", "6A86"),
        ("00200012", b"1234", "6A86"),
        ("00200082", b"1234", "6981"),
        ("0020009A", b"1234", "6981"),
        ("00200088", b"1234", "6A82"),
    ],
)
def test_what_is_no_reference_cannot_be_verified(desk: Desk, command: str, data: bytes, answer: str) -> None:
    desk.select("surface")
    assert desk.status(command, data) == answer


def test_a_reference_can_be_selected_first(desk: Desk) -> None:
    desk.select("jpki")
    assert desk.status("00A4020C020018") == "9000"
    assert desk.status("00200080") == "63C3"
    assert desk.status("00200080", b"1234") == "9000"


@pytest.mark.parametrize(
    ("application", "key", "secret", "opens", "stays_shut"),
    [
        ("surface", 0x11, CODE_B[:6], {1}, {2, 5, 6}),
        ("surface", 0x12, CODE_B, {2, 6}, {1, 5}),
        ("surface", 0x13, b"000000000001", {2, 5, 6}, {1}),
        ("text", 0x11, b"1234", {1, 2, 3, 6, 7}, set()),
        ("text", 0x14, b"000000000001", {1, 3, 6, 7}, {2}),
        ("text", 0x15, CODE_B, {2, 3, 6, 7}, {1}),
        ("jpki", 0x18, b"1234", set(), {1, 9}),
        ("jpki", 0x1B, b"TRAINING2026", {1}, {9}),
    ],
)
def test_each_secret_opens_its_own_files(
    desk: Desk, application: str, key: int, secret: bytes, opens: set[int], stays_shut: set[int]
) -> None:
    desk.select(application)
    for sfi in opens | stays_shut:
        assert desk.status(f"00B0{0x80 | sfi:02X}0001") == "6982"
    assert desk.verify(key, secret) == "9000"
    for sfi in opens:
        assert desk.ask(f"00B0{0x80 | sfi:02X}0001")[-2:] == b"\x90\x00"
    for sfi in stays_shut:
        assert desk.status(f"00B0{0x80 | sfi:02X}0001") == "6982"


def test_references_that_no_card_has_set_are_blocked(desk: Desk) -> None:
    for application, sfi in (("surface", 0x14), ("surface", 0x15), ("text", 0x12), ("jpki", 0x10)):
        desk.select(application)
        assert desk.status(f"002000{0x80 | sfi:02X}") == "63C0"
        assert desk.verify(sfi, b"1234") == "6984"


@pytest.mark.parametrize(
    ("application", "sfi"), [("text", 0x11), ("jpki", 0x18), ("shared", 0x1C), ("jpki", 0x1B)]
)
def test_a_face_only_card_has_no_pin(desk_of: Callable[[str], Desk], application: str, sfi: int) -> None:
    desk = desk_of("p06")
    desk.select(application)
    assert desk.status(f"002000{0x80 | sfi:02X}") == "63C0"
    assert desk.verify(sfi, b"1234") == "6984"


def test_a_face_only_card_still_opens_by_code_b(desk_of: Callable[[str], Desk]) -> None:
    desk = desk_of("p06")
    desk.select("surface")
    assert desk.verify(0x12, b"10030320345042") == "9000"


@pytest.mark.parametrize("application", ["jpki", "text"])
def test_a_holder_changes_a_pin_after_showing_the_old_one(desk: Desk, application: str) -> None:
    sfi = {"jpki": 0x18, "text": 0x11}[application]
    desk.select(application)
    change = f"002401{0x80 | sfi:02X}"
    assert desk.status(change, b"4321") == "6982"
    desk.verify(sfi, b"1234")
    assert desk.status(change, b"432") == "6A80"
    assert desk.status(change, b"4321") == "9000"
    desk.select(application)
    assert desk.verify(sfi, b"1234") == "63C2"
    assert desk.verify(sfi, b"4321") == "9000"


def test_the_registry_applications_change_by_their_own_command(desk: Desk) -> None:
    desk.select("shared")
    desk.verify(0x1C, b"1234")
    assert desk.status("0024019C", b"4321") == "6D00"
    assert desk.status("8032019C", b"4321") == "6A86"
    assert desk.status("8032009C", b"4321") == "9000"
    desk.select("residence")
    assert desk.verify(0x1C, b"1234") == "9000"


@pytest.mark.parametrize(
    ("application", "command"), [("surface", "00240192"), ("jpki", "80320098"), ("surface", "80320092")]
)
def test_elsewhere_changing_is_unknown(desk: Desk, application: str, command: str) -> None:
    desk.select(application)
    assert desk.status(command, b"4321") == "6D00"


def test_a_printed_code_cannot_be_changed(desk: Desk) -> None:
    desk.select("text")
    desk.verify(0x15, CODE_B)
    assert desk.status("00240195", b"0" * 14) == "6982"
    assert desk.status("00240095", b"0" * 14) == "6A86"


@settings(max_examples=80)
@given(tries=st.lists(st.sampled_from([b"right", b"wrong", b""]), max_size=40), limit=st.integers(1, 15))
def test_no_sequence_of_tries_gets_past_the_limit(tries: list[bytes], limit: int) -> None:
    files: dict[int, CardFile] = {1: TransparentFile(b"x", frozenset({2})), 2: ReferenceFile(b"right", limit)}
    card = SimulatedCard(CardImage(b"\x3b\x00", (Application(ApplicationName.SURFACE, files),), {}), bytes)
    card.process(bytes.fromhex("00A4040C0AD3921000310001010402"))
    wrong_in_a_row = 0
    for secret in tries:
        answer = card.process(bytes.fromhex("00200082") + (bytes((len(secret),)) + secret if secret else b""))
        was_blocked = wrong_in_a_row == limit
        if not secret:
            assert answer == bytes((0x63, 0xC0 | limit - wrong_in_a_row))
        elif was_blocked:
            assert answer == b"\x69\x84"
        elif secret == b"right":
            wrong_in_a_row = 0
            assert answer == b"\x90\x00"
        else:
            wrong_in_a_row += 1
            assert answer == bytes((0x63, 0xC0 | limit - wrong_in_a_row))
