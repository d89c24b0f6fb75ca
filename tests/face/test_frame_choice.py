"""The best frames of a burst, far enough apart in time."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.face_advice import FrameHint, FrameQuality
from appliance.face.frame_choice import APART_S, SeenFrame, choose_frames, worth_of
from tests.face.seen_frames import GOOD


def burst(*sharpness: float, every_s: float = 0.1) -> list[SeenFrame]:
    return [
        SeenFrame(index * every_s, replace(GOOD, sharpness=value)) for index, value in enumerate(sharpness)
    ]


@pytest.mark.parametrize(
    ("frames", "count", "chosen"),
    [
        ([], 3, ()),
        (burst(3.0), 3, (0,)),
        (burst(3.0, 3.0), 0, ()),
        (burst(2.1, 3.9, 2.1), 1, (1,)),
        (burst(3.0, 3.0, 3.0, 3.0), 2, (0, 3)),
        (burst(3.0, 3.0, 3.0), 2, (0,)),
        (burst(2.1, 2.1, 2.1, 3.9, 2.1, 2.1, 2.1), 3, (0, 3, 6)),
        (burst(2.1, 2.9, 2.1, 2.1, 2.9, 2.1, 2.1), 2, (1, 4)),
        (burst(3.0, 3.9, 3.0, every_s=0.2), 2, (0, 2)),
    ],
)
def test_the_best_frames_with_time_between_are_chosen(
    frames: list[SeenFrame], count: int, chosen: tuple[int, ...]
) -> None:
    assert choose_frames(frames, count) == chosen


def test_frames_with_nobody_or_several_are_never_chosen() -> None:
    frames = [SeenFrame(0.0, replace(GOOD, faces=0)), SeenFrame(1.0, replace(GOOD, faces=2))]
    assert choose_frames(frames, 2) == ()


def test_while_good_frames_are_there_no_other_is_chosen() -> None:
    blurred = replace(GOOD, hint=FrameHint.HOLD_STILL)
    frames = [SeenFrame(0.0, blurred), SeenFrame(1.0, GOOD), SeenFrame(2.0, blurred)]
    assert choose_frames(frames, 3) == (1,)
    assert choose_frames([frames[0], frames[2]], 3) == (0, 1)


@pytest.mark.parametrize(
    "worse",
    [
        {"sharpness": 2.2},
        {"turn": 0.07},
        {"turn": -0.07},
        {"luma": 70.0},
        {"luma": 190.0},
        {"eyes_closed": 0.4},
        {"covered": 0.4},
    ],
)
def test_each_measure_makes_a_frame_worth_less(worse: dict[str, float]) -> None:
    assert worth_of(replace(GOOD, **worse)) < worth_of(GOOD)  # type: ignore[arg-type]


qualities = st.builds(
    FrameQuality,
    hint=st.sampled_from([FrameHint.GOOD, FrameHint.GOOD, FrameHint.HOLD_STILL]),
    faces=st.sampled_from([1, 1, 1, 2]),
    face_height_px=st.just(200),
    luma=st.floats(0, 255),
    sharpness=st.floats(1, 8),
    turn=st.floats(-0.3, 0.3),
)
bursts = st.lists(st.tuples(st.floats(0, 0.4), qualities), max_size=9)


def in_time(parts: list[tuple[float, FrameQuality]]) -> list[SeenFrame]:
    at_s, frames = 0.0, []
    for step_s, quality in parts:
        at_s += step_s
        frames.append(SeenFrame(at_s, quality))
    return frames


@given(bursts, st.integers(0, 4))
def test_chosen_frames_lie_apart_and_in_order(parts: list[tuple[float, FrameQuality]], count: int) -> None:
    frames = in_time(parts)
    chosen = choose_frames(frames, count)
    assert len(chosen) <= count
    assert all(
        frames[later].seen_at_s - frames[one].seen_at_s >= APART_S - 1e-6 for one, later in pairwise(chosen)
    )
    assert all(frames[place].quality.faces == 1 for place in chosen)


@given(bursts, st.integers(1, 3))
def test_no_other_choice_is_worth_more(parts: list[tuple[float, FrameQuality]], count: int) -> None:
    frames = in_time(parts)
    single = [place for place, seen in enumerate(frames) if seen.quality.faces == 1]
    allowed = [place for place in single if frames[place].quality.is_good] or single
    worths = [
        sum(worth_of(frames[place].quality) for place in places)
        for size in range(count + 1)
        for places in combinations(allowed, size)
        if all(frames[later].seen_at_s - frames[one].seen_at_s >= APART_S for one, later in pairwise(places))
    ]
    chosen = choose_frames(frames, count)
    assert sum(worth_of(frames[place].quality) for place in chosen) >= max(worths) - 1e-6
