"""The liveness challenge as a machine fed with measures and times (face.md §4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.face_advice import FrameQuality
from appliance.domain.liveness import Ask, LivenessVerdict, SkipReason
from appliance.face.challenge import LONGEST_GAP_S, TIME_LIMIT_S, Challenge
from tests.face.seen_frames import GOOD

EVERY_S = 0.12
STRAIGHT = GOOD
LEFT = replace(GOOD, turn=0.16)
RIGHT = replace(GOOD, turn=-0.16)
CLOSED = replace(GOOD, eyes_closed=0.95)
NOBODY = replace(GOOD, faces=0)
TWO = replace(GOOD, faces=2)


def play(challenge: Challenge, frames: Iterable[FrameQuality], every_s: float = EVERY_S) -> Challenge:
    at_s = challenge.last_seen_at_s
    for quality in frames:
        at_s += every_s
        challenge = challenge.see(quality, at_s)
    return challenge


def left_first() -> Challenge:
    return Challenge.turning(left_first=True, now_s=100.0)


def eyes() -> Challenge:
    return Challenge.closing_eyes(now_s=100.0)


DONE_TURNING = [*[STRAIGHT] * 3, *[LEFT] * 3, STRAIGHT, *[RIGHT] * 3, *[STRAIGHT] * 3]
DONE_CLOSING = [*[STRAIGHT] * 3, *[CLOSED] * 7, *[STRAIGHT] * 3]


def test_a_head_that_turns_to_both_sides_and_back_awaits_the_comparison() -> None:
    ended = play(left_first(), DONE_TURNING)
    assert ended.verdict is LivenessVerdict.AWAITS_COMPARISON
    assert ended.ask is None


def test_eyes_that_close_for_a_while_and_open_await_the_comparison() -> None:
    assert play(eyes(), DONE_CLOSING).verdict is LivenessVerdict.AWAITS_COMPARISON


@pytest.mark.parametrize("is_left_first", [True, False])
def test_the_sides_are_asked_in_the_order_drawn(is_left_first: bool) -> None:
    challenge = Challenge.turning(left_first=is_left_first, now_s=0.0)
    sides = (Ask.TURN_LEFT, Ask.TURN_RIGHT) if is_left_first else (Ask.TURN_RIGHT, Ask.TURN_LEFT)
    assert challenge.asks == (Ask.LOOK_STRAIGHT, *sides, Ask.LOOK_STRAIGHT_AGAIN)
    assert challenge.ask is Ask.LOOK_STRAIGHT
    assert play(challenge, [STRAIGHT] * 3).ask is sides[0]


def test_it_keeps_one_frame_before_and_one_after() -> None:
    kept, challenge = [], left_first()
    for index, quality in enumerate([*DONE_TURNING, STRAIGHT]):
        challenge = challenge.see(quality, 100.0 + (index + 1) * EVERY_S)
        if challenge.keeps_frame:
            kept.append(index)
    assert kept == [2, len(DONE_TURNING) - 1]


@pytest.mark.parametrize(
    ("is_same_person", "verdict"), [(True, LivenessVerdict.DONE), (False, LivenessVerdict.ANOTHER_PERSON)]
)
def test_who_came_before_and_after_decides(is_same_person: bool, verdict: LivenessVerdict) -> None:
    ended = play(left_first(), DONE_TURNING).compared(is_same_person=is_same_person)
    assert ended.verdict is verdict
    assert ended.result().verdict is verdict


def test_nothing_is_compared_before_the_end() -> None:
    with pytest.raises(ValueError, match="nothing to compare"):
        left_first().compared(is_same_person=True)


NOT_A_TURN = {
    "too little": replace(GOOD, turn=0.11),
    "with the nose pulled down, as on a steep print": replace(LEFT, nod=0.96),
    "for two frames only": None,
}


@pytest.mark.parametrize("what", NOT_A_TURN)
def test_what_is_no_turn_does_not_pass(what: str) -> None:
    quality = NOT_A_TURN[what]
    frames = [quality] * 5 if quality else [LEFT, LEFT, STRAIGHT, LEFT, LEFT, STRAIGHT]
    assert play(left_first(), [*[STRAIGHT] * 3, *frames]).ask is Ask.TURN_LEFT


def test_the_turn_counts_from_the_person_s_own_middle() -> None:
    own = replace(GOOD, turn=0.06)
    challenge = play(left_first(), [own] * 3)
    assert play(challenge, [LEFT] * 3).ask is Ask.TURN_LEFT
    assert play(challenge, [replace(GOOD, turn=0.18)] * 3).ask is Ask.TURN_RIGHT


def test_turning_to_the_other_side_than_asked_ends_it() -> None:
    challenge = play(left_first(), [STRAIGHT] * 3)
    assert play(challenge, [RIGHT] * 2).verdict is LivenessVerdict.RUNNING
    assert play(challenge, [RIGHT] * 3).verdict is LivenessVerdict.WRONG_SIDE


def test_staying_turned_is_not_the_wrong_side() -> None:
    challenge = play(left_first(), [*[STRAIGHT] * 3, *[LEFT] * 12])
    assert (challenge.verdict, challenge.ask) == (LivenessVerdict.RUNNING, Ask.TURN_RIGHT)


def test_the_second_side_counts_only_after_the_middle() -> None:
    jumped = play(left_first(), [*[STRAIGHT] * 3, *[LEFT] * 3, *[RIGHT] * 6])
    assert jumped.ask is Ask.TURN_RIGHT


@pytest.mark.parametrize(
    "crooked",
    [
        replace(GOOD, turn=0.09),
        replace(GOOD, nod=0.4),
        replace(GOOD, covered=0.9),
        replace(GOOD, sharpness=1.0),
        NOBODY,
        TWO,
    ],
)
def test_it_begins_with_a_straight_face(crooked: FrameQuality) -> None:
    assert play(left_first(), [STRAIGHT, STRAIGHT, crooked] * 4).ask is Ask.LOOK_STRAIGHT


@pytest.mark.parametrize("absent", [NOBODY, TWO])
@pytest.mark.parametrize(
    ("frames", "verdict"), [(3, LivenessVerdict.RUNNING), (4, LivenessVerdict.INTERRUPTED)]
)
def test_time_to_change_places_ends_it(absent: FrameQuality, frames: int, verdict: LivenessVerdict) -> None:
    challenge = play(left_first(), [STRAIGHT] * 3)
    assert play(challenge, [*[absent] * frames, STRAIGHT]).verdict is verdict


def test_waiting_for_the_person_at_the_start_does_not_end_it() -> None:
    assert play(left_first(), [*[NOBODY] * 20, *[STRAIGHT] * 3]).ask is Ask.TURN_LEFT


def test_it_does_not_go_on_for_ever() -> None:
    slow = play(left_first(), [STRAIGHT] * 200)
    assert slow.verdict is LivenessVerdict.TIME_OVER
    assert play(slow, DONE_TURNING).verdict is LivenessVerdict.TIME_OVER


@pytest.mark.parametrize("closed_frames", [1, 3, 5])
def test_a_blink_is_not_closing_the_eyes(closed_frames: int) -> None:
    blinked = play(eyes(), [*[STRAIGHT] * 3, *[CLOSED] * closed_frames, *[STRAIGHT] * 3])
    assert blinked.ask is Ask.CLOSE_EYES


def test_eyes_that_always_look_closed_must_close_further() -> None:
    narrow = replace(GOOD, eyes_closed=0.65)
    challenge = play(eyes(), [narrow] * 3)
    assert play(challenge, [narrow] * 10).ask is Ask.CLOSE_EYES
    assert play(challenge, [CLOSED] * 10).ask is Ask.CLOSE_EYES


def test_eyes_must_open_again() -> None:
    shut = play(eyes(), [*[STRAIGHT] * 3, *[CLOSED] * 20])
    assert shut.ask is Ask.LOOK_STRAIGHT_AGAIN


def test_looking_away_is_not_closing_the_eyes() -> None:
    away = replace(CLOSED, turn=0.2)
    assert play(eyes(), [*[STRAIGHT] * 3, *[away] * 10]).ask is Ask.CLOSE_EYES


@pytest.mark.parametrize("reason", SkipReason)
@pytest.mark.parametrize("frames", [[], [STRAIGHT] * 4, DONE_TURNING, [STRAIGHT] * 200])
def test_staff_can_always_go_on_without(reason: SkipReason, frames: list[FrameQuality]) -> None:
    result = play(left_first(), frames).skipped(reason)
    assert (result.verdict, result.skip_reason) == (LivenessVerdict.SKIPPED, reason)


ANY_FRAME = st.sampled_from([STRAIGHT, LEFT, RIGHT, CLOSED, NOBODY, TWO, replace(LEFT, nod=0.96)])


@given(st.lists(ANY_FRAME, max_size=60), st.floats(0.02, 0.6), st.booleans())
def test_nothing_passes_without_both_turns_in_order(
    frames: list[FrameQuality], every_s: float, is_left_first: bool
) -> None:
    challenge = Challenge.turning(left_first=is_left_first, now_s=0.0)
    ended = play(challenge, frames, every_s)
    if ended.verdict is not LivenessVerdict.AWAITS_COMPARISON:
        return
    sides = (LEFT, RIGHT) if is_left_first else (RIGHT, LEFT)
    places = [index for index in range(len(frames) - 2) if frames[index : index + 3] == [sides[0]] * 3]
    later = [index for index in range(len(frames) - 2) if frames[index : index + 3] == [sides[1]] * 3]
    assert places
    assert later
    assert places[0] < later[-1]
    assert every_s <= LONGEST_GAP_S
    assert ended.last_seen_at_s <= TIME_LIMIT_S


@given(st.lists(st.sampled_from([STRAIGHT, LEFT, RIGHT, NOBODY]), max_size=60))
def test_a_face_that_never_closes_its_eyes_never_passes(frames: list[FrameQuality]) -> None:
    assert play(eyes(), frames).verdict is not LivenessVerdict.AWAITS_COMPARISON
