"""Several frames and two networks vote; a digit is free of doubt only when all of them have a say in it (R03)."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card_front.ballot import (
    ERAS,
    LEAST_FRAMES,
    OPINIONS,
    VOTE_BYTES,
    VOTE_NUMBERS,
    VOTES,
    Ballot,
)
from appliance.card_front.fields import CODE_PLACES, PLACES
from appliance.domain.era import Era
from tests.card_front.conftest import CODE, TODAY

ALL = CODE + "0514"
EVERY_PLACE = frozenset(range(CODE_PLACES))


def votes(
    digits: str = ALL,
    *,
    first: float = 1.0,
    second: float = 1.0,
    others: Mapping[tuple[int, int, int], float] | None = None,
) -> bytes:
    """Return a frame's votes: `digits` by both networks, then single numbers by opinion, place and digit."""
    numbers = array("f", bytes(VOTE_BYTES))
    for opinion, strength in zip(range(OPINIONS), (first, second), strict=True):
        for place, digit in enumerate(digits):
            if digit != "?":
                numbers[(opinion * PLACES + place) * 10 + int(digit)] = strength
    for (opinion, place, digit_seen), strength in (others or {}).items():
        numbers[(opinion * PLACES + place) * 10 + digit_seen] = strength
    numbers[VOTES + ERAS.index(Era.SHOWA)] = 1.0
    return numbers.tobytes()


def counted(*frames: bytes) -> tuple[str, frozenset[int]]:
    with Ballot() as ballot:
        for frame in frames:
            ballot.add(frame)
        proposal = ballot.proposal(TODAY)
        assert proposal is not None
        with proposal:
            return proposal.reveal().decode(), proposal.doubtful


def test_without_a_frame_there_is_no_proposal() -> None:
    assert Ballot().proposal(TODAY) is None


def test_one_frame_proposes_and_leaves_every_digit_doubtful() -> None:
    assert counted(votes()) == (CODE, EVERY_PLACE)


def test_frames_that_agree_leave_no_doubt() -> None:
    assert counted(*[votes()] * LEAST_FRAMES) == (CODE, frozenset())


def test_a_frame_with_another_digit_makes_its_place_doubtful() -> None:
    digits, doubtful = counted(votes(), votes(), votes(CODE[:13] + "8" + "0514"))
    assert (digits, doubtful) == (CODE, frozenset({13}))


def test_a_second_network_that_reads_otherwise_makes_a_place_doubtful() -> None:
    split = votes(others={(1, 9, 5): 0.2, (1, 9, 6): 0.8})
    assert counted(split, split) == (CODE, frozenset({9}))


def test_a_silent_second_network_leaves_doubt_where_nothing_else_confirms() -> None:
    digits, doubtful = counted(*[votes(second=0.0)] * 2)
    assert digits == CODE
    assert doubtful == EVERY_PLACE - {2, 3, 4, 5}, "month and day are printed twice"


def test_a_birthday_that_differs_from_expiry_s_is_doubtful_however_sure_it_was_read() -> None:
    assert counted(*[votes(CODE + "0515")] * 3) == (CODE, frozenset({4, 5}))


def test_a_faint_first_network_leaves_doubt() -> None:
    _, doubtful = counted(*[votes(first=0.05)] * 2)
    assert doubtful == EVERY_PLACE


def test_an_unread_digit_is_shown_as_such_and_doubtful() -> None:
    digits, doubtful = counted(*[votes(CODE[:10] + "????" + "0514")] * 3)
    assert (digits, doubtful) == (CODE[:10] + "????", frozenset({10, 11, 12, 13}))


def test_the_era_that_was_read_is_told_for_showing_the_date_in_both_forms() -> None:
    with Ballot() as ballot:
        ballot.add(votes())
        proposal = ballot.proposal(TODAY)
    assert proposal is not None
    assert (proposal.era, proposal.frames) == (Era.SHOWA, 1)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -0.1, 1.5])
def test_votes_that_no_frame_can_give_are_refused(number: float) -> None:
    numbers = array("f", bytes(VOTE_BYTES))
    numbers[7] = number
    with pytest.raises(ValueError, match="votes"):
        Ballot().add(numbers.tobytes())


@pytest.mark.parametrize("size", [0, 4, VOTE_BYTES - 4, VOTE_BYTES + 4])
def test_too_few_or_too_many_votes_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="votes"):
        Ballot().add(bytes(size))


def test_wiping_forgets_every_vote() -> None:
    ballot = Ballot()
    ballot.add(votes())
    ballot.wipe()
    ballot.wipe()
    assert not any(ballot._sums)
    assert not any(ballot._frames_for)
    assert ballot.proposal(TODAY) is None


def test_a_ballot_shows_no_digit() -> None:
    ballot = Ballot()
    ballot.add(votes())
    assert repr(ballot) == "Ballot(1 frames, hidden)"


@given(st.lists(st.lists(st.floats(0, 1, width=32), min_size=40, max_size=40), min_size=1, max_size=4))
def test_a_place_without_doubt_always_has_both_voices(frames: list[list[float]]) -> None:
    with Ballot() as ballot:
        for numbers in frames:
            ballot.add(array("f", (numbers * (VOTE_NUMBERS // 40 + 1))[:VOTE_NUMBERS]).tobytes())
        proposal = ballot.proposal(TODAY)
    assert proposal is not None
    for place in EVERY_PLACE - proposal.doubtful:
        assert proposal.confidences[place] >= 0.8
        assert proposal.frames >= LEAST_FRAMES
