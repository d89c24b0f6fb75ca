"""PIN and password of the JPKI application: what can be one, and that it shows nowhere (card.md §9.1)."""

from __future__ import annotations

import copy
import pickle
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card.pins import (
    PASSWORD_CHARACTERS,
    SignPassword,
    UserPin,
    parse_sign_password,
    parse_user_pin,
)
from appliance.card.reach import VerifierPolicy, VerifierReach
from appliance.errors import PinMalformed

VERIFIER = VerifierReach(VerifierPolicy.for_training())
ALPHABET = bytes(sorted(PASSWORD_CHARACTERS)).decode()


@pytest.mark.parametrize(
    ("typed", "characters"), [("1234", b"1234"), ("０１２３", b"0123"), ("0０0０", b"0000")]
)
def test_four_digits_are_a_pin(typed: str, characters: bytes) -> None:
    with parse_user_pin(typed) as pin:
        assert pin.reveal() == characters


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("", "length"),
        ("123", "length"),
        ("12345", "length"),
        ("12 4", "characters"),
        ("12a4", "characters"),
        ("１２三４", "characters"),
        ("12\n4", "characters"),
        ("١٢٣٤", "characters"),
        ("1²34", "characters"),
    ],
)
def test_anything_else_is_no_pin(typed: str, part: str) -> None:
    with pytest.raises(PinMalformed) as refused:
        parse_user_pin(typed)
    assert refused.value.part == part


@pytest.mark.parametrize(
    ("typed", "characters"),
    [
        ("ABC123", b"ABC123"),
        ("abc123", b"ABC123"),
        ("ａｂＣ１２３", b"ABC123"),
        ("A234567890123456", b"A234567890123456"),
        ("AAAAA1", b"AAAAA1"),
    ],
)
def test_letters_and_digits_are_a_password_in_capitals(typed: str, characters: bytes) -> None:
    with parse_sign_password(typed) as password:
        assert password.reveal() == characters


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("", "length"),
        ("ABC12", "length"),
        ("A2345678901234567", "length"),
        ("ABCDEF", "characters"),
        ("123456", "characters"),
        ("ABC 123", "characters"),
        ("ABC-123", "characters"),
        ("ABC１２３。", "characters"),
        ("ABCß123", "characters"),
        ("ABCı123", "characters"),
        ("ABCſ123", "characters"),
        ("ﬁABC123", "characters"),
    ],
)
def test_anything_else_is_no_password(typed: str, part: str) -> None:
    with pytest.raises(PinMalformed) as refused:
        parse_sign_password(typed)
    assert refused.value.part == part


@given(st.text(max_size=20) | st.text("0123456789０１２３ABcdＡｂ", max_size=18))
def test_what_is_taken_has_the_form_that_the_reach_lets_through(typed: str) -> None:
    """A text is refused, or it becomes a command that the card gets as it is."""
    with suppress(PinMalformed), parse_user_pin(typed) as pin:
        assert VERIFIER.present_user_pin(pin).data == pin.reveal() != b""
    with suppress(PinMalformed), parse_sign_password(typed) as password:
        assert VERIFIER.present_sign_password(password).data == password.reveal() != b""


@given(st.text(ALPHABET, min_size=6, max_size=16))
def test_small_and_full_width_spellings_are_the_same_password(password: str) -> None:
    if password.isdigit() or password.isalpha():
        with pytest.raises(PinMalformed):
            parse_sign_password(password)
        return
    wide = "".join(chr(ord(each) + 0xFEE0) for each in password)
    spellings = (password, password.lower(), wide, wide.lower())
    assert {parse_sign_password(each).reveal() for each in spellings} == {password.encode()}


@pytest.mark.parametrize("kind", [UserPin, SignPassword])
@pytest.mark.parametrize("typed", [b"1234", b"ABC123", b"\xff"])
def test_the_buffer_given_is_wiped_whatever_comes_of_it(
    kind: type[UserPin | SignPassword], typed: bytes
) -> None:
    buffer = bytearray(typed)
    with suppress(PinMalformed):
        kind(buffer)
    assert not any(buffer)


@pytest.mark.parametrize("secret", [parse_user_pin("1234"), parse_sign_password("ABC123")])
def test_it_shows_nowhere_and_cannot_be_copied(secret: UserPin | SignPassword) -> None:
    assert repr(secret) == f"{type(secret).__name__}(hidden)"
    for copying in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            copying(secret)


def test_after_its_context_nothing_is_left_and_nothing_can_be_presented() -> None:
    with parse_user_pin("1234") as pin, parse_sign_password("ABC123") as password:
        pass
    assert (pin.reveal(), password.reveal()) == (b"", b"")
    with pytest.raises(PinMalformed):
        VERIFIER.present_user_pin(pin)
    with pytest.raises(PinMalformed):
        VERIFIER.present_sign_password(password)
