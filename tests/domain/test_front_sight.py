"""A proposal is never a code, shows no digit, and goes when its step ends (R03, F9.26)."""

from __future__ import annotations

import copy
import pickle

import pytest

from appliance.domain.era import Era
from appliance.domain.front_sight import PROPOSED_DIGITS, CodeProposal, FrontHint, FrontSide, FrontSight

DIGITS = b"18051420354173"


def proposed(digits: bytes = DIGITS) -> CodeProposal:
    return CodeProposal(bytearray(digits), (0.9,) * PROPOSED_DIGITS, frozenset({3}), Era.SHOWA, 2)


def test_it_holds_what_was_read_and_takes_the_buffer_over() -> None:
    given = bytearray(DIGITS)
    proposal = CodeProposal(given, (0.9,) * PROPOSED_DIGITS, frozenset({3}), Era.SHOWA, 2)
    assert proposal.reveal() == DIGITS
    assert (proposal.era, proposal.frames, proposal.doubtful) == (Era.SHOWA, 2, frozenset({3}))
    assert not any(given)


@pytest.mark.parametrize(
    ("digits", "is_complete"), [(DIGITS, True), (b"1805142035417?", False), (b"??????????????", False)]
)
def test_it_is_complete_when_every_digit_was_read(digits: bytes, is_complete: bool) -> None:
    assert proposed(digits).is_complete is is_complete


@pytest.mark.parametrize("digits", [b"", b"1805142035417", DIGITS + b"1"])
def test_it_has_fourteen_digits(digits: bytes) -> None:
    with pytest.raises(ValueError, match="proposal length"):
        proposed(digits)


def test_it_is_empty_once_wiped() -> None:
    with proposed() as proposal:
        assert proposal.is_complete
    proposal.wipe()
    assert proposal.reveal() == b""
    assert not proposal.is_complete


def test_it_shows_no_digit_and_cannot_be_copied_out() -> None:
    proposal = proposed()
    sight = FrontSight(FrontSide.FRONT, FrontHint.DONE, (), proposal)
    assert "1805" not in repr(sight) + str(proposal)
    for write in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            write(proposal)


@pytest.mark.parametrize("side", list(FrontSide))
def test_only_a_front_may_be_shown_in_full(side: FrontSide) -> None:
    assert FrontSight(side, FrontHint.HOLD_STILL).may_preview is (side is FrontSide.FRONT)
