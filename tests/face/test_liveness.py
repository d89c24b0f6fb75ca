"""What passes the challenge and what does not, in scenes; and that every result says how little it means."""

from __future__ import annotations

import pytest

from appliance.domain.liveness import HONEST_LABEL, HONEST_LABEL_JA, LivenessVerdict, SkipReason
from appliance.face.challenge import Challenge
from appliance.simulated.scenes import Recording, Scene, eyes_close, head_turns
from appliance.simulated.sheet_view import PRINT, TELEPHONE, Sheet
from tests.face.seen_frames import PEOPLE, watch

EVERY_S = 0.12
"""Between the frames of a Raspberry Pi 4 (face.md §2)."""


def verdict(portrait: str, recording: Recording, challenge: Challenge) -> LivenessVerdict:
    for index, quality in enumerate(watch(portrait, recording) * 2):
        challenge = challenge.see(quality, index * EVERY_S)
    return challenge.verdict


def turning(left_first: bool) -> Challenge:
    return Challenge.turning(left_first=left_first, now_s=0.0)


@pytest.mark.parametrize("portrait", PEOPLE)
@pytest.mark.parametrize("is_left_first", [True, False])
def test_a_head_that_turns_passes(portrait: str, is_left_first: bool) -> None:
    recording = head_turns(25.0 if is_left_first else -25.0)
    assert verdict(portrait, recording, turning(is_left_first)) is LivenessVerdict.AWAITS_COMPARISON


@pytest.mark.parametrize("portrait", PEOPLE)
def test_a_film_in_the_other_order_does_not(portrait: str) -> None:
    assert verdict(portrait, head_turns(-25.0), turning(left_first=True)) is LivenessVerdict.WRONG_SIDE


SHEETS = {"print": PRINT, "slightly bent print": Sheet(arc_rad=0.6), "telephone": TELEPHONE}


@pytest.mark.parametrize("portrait", PEOPLE)
@pytest.mark.parametrize("turn_deg", [25.0, 35.0, 45.0])
@pytest.mark.parametrize("name", SHEETS)
def test_a_picture_that_is_turned_does_not_pass(portrait: str, turn_deg: float, name: str) -> None:
    recording = head_turns(turn_deg, SHEETS[name])
    assert verdict(portrait, recording, turning(left_first=True)) is not LivenessVerdict.AWAITS_COMPARISON


@pytest.mark.parametrize("portrait", PEOPLE)
def test_a_person_who_cannot_turn_closes_the_eyes(portrait: str) -> None:
    closing = Challenge.closing_eyes(now_s=0.0)
    assert verdict(portrait, eyes_close(), closing) is LivenessVerdict.AWAITS_COMPARISON


@pytest.mark.parametrize("portrait", PEOPLE)
@pytest.mark.parametrize("sheet", [None, PRINT, TELEPHONE])
def test_eyes_that_stay_open_do_not_pass(portrait: str, sheet: Sheet | None) -> None:
    still = Recording((), (Scene(sheet=sheet),) * 60)
    assert verdict(portrait, still, Challenge.closing_eyes(now_s=0.0)) is LivenessVerdict.TIME_OVER


def test_every_result_says_what_it_is() -> None:
    results = [turning(left_first=True).result(), turning(left_first=True).skipped(SkipReason.TIRED)]
    assert {result.label for result in results} == {HONEST_LABEL}
    assert HONEST_LABEL == "photo deterrent, not tested to ISO/IEC 30107-3"
    assert "ISO/IEC 30107-3" in HONEST_LABEL_JA


@pytest.mark.parametrize("word", ["live", "genuine", "accept", "reject", "pass", "fail"])
def test_no_verdict_claims_more_than_a_hint(word: str) -> None:
    assert all(word not in one.value for one in LivenessVerdict)
