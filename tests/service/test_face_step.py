"""The face step of a visit: lamp, burst, challenge, and that nothing of it outlives its use."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.card.code_b import parse_code_b
from appliance.card.tries import Confirmation
from appliance.domain.consent import ConsentGiver
from appliance.domain.decision import DecisionOutcome
from appliance.domain.face_advice import FaceBand, FrameHint, FrameQuality
from appliance.domain.liveness import LivenessResult, LivenessVerdict, LivenessWay, SkipReason
from appliance.errors import CameraSilent, FaceEngineSilent, NoCamera, StepNotAllowed
from appliance.ports import Lamp
from appliance.service.face_burst import FRAMES_PER_COMPARISON, LOOKS_AT_MOST
from appliance.service.visit import Visit
from tests.service.bench import GOOD, Bench

DARK = replace(GOOD, hint=FrameHint.TOO_DARK, luma=30.0)
CLOSED = replace(GOOD, hint=FrameHint.OPEN_EYES, eyes_closed=0.95)
NOBODY = FrameQuality(FrameHint.NO_FACE, 0, 0, 0.0, 0.0, 0.0)
EVERY_S = 0.12
FRAMES_BEFORE_FROZEN = 17
"""Two seconds and the first frame, at this pace."""


def at_the_face(bench: Bench, *, to_face_matching: bool = True) -> Visit:
    person = bench.put_card("p01")
    bench.camera.show(person.portrait)
    day = bench.day()
    visit = day.open_visit(next(entry for entry in day.roster.entries if entry.person == "p01"))
    visit.consent(ConsentGiver.PERSON, to_card_reading=True, to_face_matching=to_face_matching)
    visit.read_card(parse_code_b(person.code_b), Confirmation())
    bench.engine.on_look = lambda: bench.clock.step(EVERY_S)
    return visit


def is_lit(bench: Bench) -> bool:
    return Lamp.FACE_LIGHT in bench.unit.panel.lit  # type: ignore[attr-defined]


def noisy(*qualities: FrameQuality) -> list[FrameQuality]:
    """Return frames as a sensor gives them: no two alike to the last digit."""
    return [replace(each, sharpness=80.0 + index * 0.01) for index, each in enumerate(qualities)]


def test_the_lamp_comes_for_a_dark_face_stays_on_and_goes_with_the_step(bench: Bench) -> None:
    with at_the_face(bench) as visit:
        visit.look()
        assert not is_lit(bench)
        bench.engine.qualities = noisy(*[DARK] * 3)
        for _ in range(3):
            visit.look()
        assert is_lit(bench)
        visit.look()
        assert is_lit(bench)
        visit.rest_face()
        assert not is_lit(bench)
        visit.look()
        assert is_lit(bench)
    assert not is_lit(bench)


def test_a_look_that_ends_after_the_step_lights_nothing(bench: Bench) -> None:
    with at_the_face(bench) as visit:
        bench.engine.qualities = noisy(*[DARK] * 9)
        for _ in range(3):
            visit.look()
        bench.engine.on_look = visit.rest_face
        visit.look()
        assert not is_lit(bench)


def test_one_bad_frame_changes_no_word(bench: Bench) -> None:
    with at_the_face(bench) as visit:
        bench.engine.qualities = noisy(GOOD, NOBODY, GOOD)
        assert [visit.look().hint for _ in range(3)] == [FrameHint.GOOD] * 3


def test_a_camera_that_repeats_one_picture_is_a_silent_camera(bench: Bench) -> None:
    with at_the_face(bench) as visit:
        bench.engine.qualities = [GOOD] * 40
        for _ in range(FRAMES_BEFORE_FROZEN):
            visit.look()
        with pytest.raises(CameraSilent):
            visit.look()


@pytest.mark.parametrize("every_s", [0.0, 0.02, EVERY_S, 0.7], ids=str)
def test_a_picture_that_stands_still_is_never_compared(bench: Bench, every_s: float) -> None:
    with at_the_face(bench) as visit:
        bench.engine.qualities = [GOOD] * 2 * LOOKS_AT_MOST
        bench.engine.on_look = lambda: bench.clock.step(every_s)
        with pytest.raises(CameraSilent):
            visit.compare_face()
        assert bench.engine.compared == []
        assert visit.enrollment.face is None


def test_a_picture_that_stirs_again_is_compared(bench: Bench) -> None:
    with at_the_face(bench) as visit:
        bench.engine.qualities = [GOOD] * 10
        assert visit.compare_face().band is FaceBand.MATCH


def test_the_best_frames_of_a_burst_are_compared_and_all_are_overwritten(bench: Bench) -> None:
    with at_the_face(bench) as visit:
        bench.engine.qualities = noisy(*[DARK, GOOD] * 20)
        visit.compare_face()
        assert len(bench.engine.compared) == FRAMES_PER_COMPARISON
        assert not any(any(frame.rgb) for frame in bench.engine.compared)


def test_a_burst_ends_also_where_no_frame_is_good_and_the_clock_stands_still(bench: Bench) -> None:
    with at_the_face(bench) as visit:
        bench.engine.on_look = lambda: None
        bench.engine.qualities = noisy(*[NOBODY] * LOOKS_AT_MOST)
        visit.compare_face()
        assert len(bench.engine.compared) == 1
        assert bench.engine.qualities == []


@pytest.mark.parametrize("trouble", ["unplug", "silent"])
def test_trouble_in_the_middle_of_a_burst_leaves_the_step_open(bench: Bench, trouble: str) -> None:
    with at_the_face(bench) as visit:

        def fail() -> None:
            bench.clock.step(EVERY_S)
            is_second = len(bench.engine.frames) == 2
            if is_second and trouble == "unplug":
                bench.camera.unplug()
            bench.engine.is_silent = is_second and trouble == "silent"

        bench.engine.on_look = fail
        with pytest.raises((NoCamera, FaceEngineSilent)):
            visit.compare_face()
        bench.camera.plug()
        assert visit.compare_face().band is FaceBand.MATCH


CLOSING = noisy(*[GOOD] * 3, *[CLOSED] * 8, *[GOOD] * 3)


def close_eyes(bench: Bench, visit: Visit) -> LivenessResult:
    visit.begin_liveness(LivenessWay.CLOSE_EYES)
    bench.engine.qualities = list(CLOSING)
    for _ in CLOSING:
        result = visit.see_liveness().result
        if result is not None:
            return result
    raise AssertionError("no result")


@pytest.mark.parametrize(
    ("continuity", "verdict"),
    [
        (FaceBand.MATCH, LivenessVerdict.DONE),
        (FaceBand.LOOK_CLOSELY, LivenessVerdict.ANOTHER_PERSON),
        (FaceBand.UNLIKE, LivenessVerdict.ANOTHER_PERSON),
    ],
)
def test_who_came_before_and_after_is_compared_and_the_two_frames_are_overwritten(
    bench: Bench, continuity: FaceBand, verdict: LivenessVerdict
) -> None:
    bench.engine.continuity = continuity
    with at_the_face(bench) as visit:
        assert close_eyes(bench, visit).verdict is verdict
        assert len(bench.engine.compared) == 2
        assert not any(any(frame.rgb) for frame in bench.engine.compared)
        assert visit.enrollment.liveness is not None
        assert visit.enrollment.liveness.verdict is verdict
        visit.compare_face()
        visit.decide(DecisionOutcome.MATCHED_CONFIRMED)


def test_a_challenge_that_is_left_keeps_no_frame(bench: Bench) -> None:
    with at_the_face(bench) as visit:
        check = visit.begin_liveness(LivenessWay.CLOSE_EYES)
        bench.engine.qualities = list(CLOSING)
        for _ in range(3):
            visit.see_liveness()
        assert any(any(frame.rgb) for frame in check._kept)
    assert not any(any(frame.rgb) for frame in check._kept)


@pytest.mark.parametrize("reason", SkipReason)
def test_it_can_be_skipped_before_and_while_it_runs(bench: Bench, reason: SkipReason) -> None:
    with at_the_face(bench) as visit:
        visit.skip_liveness(reason)
        assert visit.enrollment.liveness == LivenessResult(LivenessVerdict.SKIPPED, (), reason)
        asks = visit.begin_liveness(LivenessWay.TURN_HEAD).asks
        visit.skip_liveness(reason)
        assert visit.enrollment.liveness == LivenessResult(LivenessVerdict.SKIPPED, asks, reason)
        with pytest.raises(StepNotAllowed):
            visit.see_liveness()


@pytest.mark.parametrize(("drawn", "first"), [(0, "turn_left"), (1, "turn_right")])
def test_chance_draws_the_side(bench: Bench, drawn: int, first: str) -> None:
    bench.unit = replace(bench.unit, random_bytes=lambda size: bytes([drawn]) * size)
    with at_the_face(bench) as visit:
        assert visit.begin_liveness(LivenessWay.TURN_HEAD).asks[1].value == first


def test_without_consent_to_the_camera_there_is_no_challenge(bench: Bench) -> None:
    with at_the_face(bench, to_face_matching=False) as visit:
        with pytest.raises(StepNotAllowed):
            visit.begin_liveness(LivenessWay.TURN_HEAD)
        with pytest.raises(StepNotAllowed):
            visit.skip_liveness(SkipReason.TIRED)
