"""Advice that does not flicker."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.face_advice import FrameHint
from appliance.face.advice import SETTLING_S, CalmAdvice


def shown(*seen: tuple[float, FrameHint]) -> list[FrameHint | None]:
    advice, hints = CalmAdvice(), []
    for at_s, hint in seen:
        advice = advice.see(hint, at_s)
        hints.append(advice.shown)
    return hints


def test_nothing_is_said_before_the_first_frame() -> None:
    assert CalmAdvice().shown is None


def test_the_first_hint_shows_at_once() -> None:
    assert shown((0.0, FrameHint.TOO_DARK)) == [FrameHint.TOO_DARK]


def test_another_hint_shows_once_it_has_lasted() -> None:
    assert shown(
        (0.0, FrameHint.TOO_DARK), (1.0, FrameHint.GOOD), (1.4, FrameHint.GOOD), (1.5, FrameHint.GOOD)
    ) == [FrameHint.TOO_DARK, FrameHint.TOO_DARK, FrameHint.TOO_DARK, FrameHint.GOOD]


def test_a_blink_is_not_worth_a_word() -> None:
    hints = shown(
        (0.0, FrameHint.GOOD),
        (0.1, FrameHint.OPEN_EYES),
        (0.3, FrameHint.OPEN_EYES),
        (0.4, FrameHint.GOOD),
        (0.7, FrameHint.OPEN_EYES),
    )
    assert set(hints) == {FrameHint.GOOD}


def test_hints_in_turn_keep_the_one_that_stands() -> None:
    trembling = [(index * 0.1, hint) for index, hint in enumerate([FrameHint.TOO_DARK, FrameHint.GOOD] * 20)]
    assert set(shown(*trembling)) == {FrameHint.TOO_DARK}


@given(st.lists(st.tuples(st.floats(0.01, 0.3), st.sampled_from(FrameHint)), min_size=1, max_size=40))
def test_no_two_changes_come_within_the_settling_time(steps: list[tuple[float, FrameHint]]) -> None:
    advice, at_s, changed_at_s = CalmAdvice(), 0.0, None
    for step_s, hint in steps:
        at_s += step_s
        before, advice = advice.shown, advice.see(hint, at_s)
        if before is not None and advice.shown is not before:
            assert changed_at_s is None or at_s - changed_at_s >= SETTLING_S - 1e-9
            changed_at_s = at_s
