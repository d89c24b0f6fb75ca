"""The campaigns on faces judge what they say they judge: each planted wrong is found, and missing pictures are said."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from appliance.domain.card_answers import CardKind, Genuineness, InTerm, ThreeAnswers
from appliance.domain.consent import Consent, ConsentGiver
from appliance.domain.decision import DecisionOutcome, IdentityDecision, VisualCheckReason
from appliance.domain.enrollment import CardEvidence, CardNotRead, Enrollment, FaceNotCompared, VisitState
from appliance.domain.face_advice import FaceBand
from appliance.domain.ids import PersonId, StaffId, UnitId, VisitId
from appliance.domain.visit_record import VisitRecord
from tests.proof import cli, false_matches, undecided_turns, warned_frames
from tests.proof.campaign import Campaign
from tests.proof.cli import main
from tests.proof.planted import PLACES, SOUND
from tests.proof.watch import Breach, Watch
from tests.service.bench import STAFF

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PEOPLE = 40
WatchOver = Callable[[Campaign], Watch]


def card(genuine: Genuineness = Genuineness.YES) -> CardEvidence:
    return CardEvidence(CardKind.MY_NUMBER_CARD, ThreeAnswers(genuine, "", InTerm.YES, date(2030, 4, 1)))


def record(
    face: FaceBand | FaceNotCompared,
    outcome: DecisionOutcome,
    reason: VisualCheckReason | None = None,
    shown: CardEvidence | CardNotRead | None = None,
    by: StaffId = STAFF,
) -> VisitRecord:
    consent = Consent(ConsentGiver.PERSON, to_card_reading=True, to_face_matching=True, noticed_at=NOW)
    decision = IdentityDecision(outcome, by, reason)
    ids = UnitId("u"), VisitId("v"), PersonId("p"), STAFF
    return VisitRecord(*ids, NOW, NOW, consent, shown or card(), face, decision, wishes=())


CONFIRMED, BY_EYE, OPEN = (
    DecisionOutcome.MATCHED_CONFIRMED,
    DecisionOutcome.VISUAL_CHECK,
    DecisionOutcome.UNDECIDED,
)


@pytest.mark.parametrize(
    ("of", "way"),
    [
        (record(FaceBand.MATCH, CONFIRMED), ""),
        (record(FaceBand.MATCH, OPEN), ""),
        (record(FaceBand.LOOK_CLOSELY, CONFIRMED), "look closely"),
        (record(FaceBand.UNLIKE, BY_EYE, VisualCheckReason.ADVICE_UNLIKE), "with its reason"),
        (record(FaceNotCompared.CAMERA_UNAVAILABLE, BY_EYE, VisualCheckReason.LIGHT), "with its reason"),
        (record(FaceNotCompared.NO_PHOTO, OPEN, shown=CardNotRead.NO_CARD), "left open"),
    ],
)
def test_the_law_names_how_an_undecided_camera_was_decided(of: VisitRecord, way: str) -> None:
    assert way in undecided_turns.judge(of)
    assert bool(undecided_turns.judge(of)) is bool(way)


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (record(FaceBand.UNLIKE, CONFIRMED), "no advice spoke"),
        (record(FaceNotCompared.STAFF_SKIPPED, CONFIRMED), "no advice spoke"),
        (record(FaceBand.MATCH, CONFIRMED, shown=card(Genuineness.NO)), "a false one"),
        (record(FaceBand.MATCH, CONFIRMED, shown=CardNotRead.NO_CARD), "without a card"),
        (record(FaceBand.UNLIKE, OPEN, by=StaffId("s02")), "somebody else"),
    ],
)
def test_the_law_finds_each_way_around_the_staff_member(of: VisitRecord, said: str) -> None:
    with pytest.raises(Breach, match=said):
        undecided_turns.judge(of)


def settled(watch_over: WatchOver, campaign: Campaign) -> Watch:
    """Return a watch that does not count what other tests of this process had in memory."""
    watch = watch_over(campaign)
    watch.settle()
    return watch


def walk_often(watch_over: WatchOver) -> None:
    watch = settled(watch_over, undecided_turns.CAMPAIGN)
    for seed in range(200):
        undecided_turns.walk(random.Random(seed), watch)


def test_a_state_machine_that_records_before_a_decision_is_found(
    monkeypatch: pytest.MonkeyPatch, watch_over: WatchOver
) -> None:
    def hurried(self: Enrollment) -> Enrollment:
        return replace(self, state=VisitState.SAVED)

    monkeypatch.setattr(Enrollment, "saved", hurried)
    with pytest.raises(Breach, match="without a decision"):
        walk_often(watch_over)


def test_a_state_machine_that_confirms_what_no_advice_spoke_for_is_found(
    monkeypatch: pytest.MonkeyPatch, watch_over: WatchOver
) -> None:
    monkeypatch.setattr(Enrollment, "may_confirm_match", True)
    with pytest.raises(Breach, match="was confirmed"):
        walk_often(watch_over)


def seen(matches: int, pairs: int) -> false_matches.Seen:
    reference = [place % PEOPLE for place in range(pairs)]
    live = [(place % PEOPLE + place // PEOPLE + 1) % PEOPLE for place in range(pairs)]
    return false_matches.Seen(reference, live, [place < matches for place in range(pairs)])


def test_false_matches_are_figures_with_their_distance_from_the_promise(watch_over: WatchOver) -> None:
    watch = settled(watch_over, false_matches.CAMPAIGN)
    false_matches.report(seen(1, 1_000), watch, 0)
    found = watch.finding()
    assert found.failed == 0
    assert found.figures["false match rate"].value == pytest.approx(0.1)
    assert found.figures["the same over the promised 1 in 10,000"].value > 10


def test_more_false_matches_than_the_evidence_states_are_a_failure(watch_over: WatchOver) -> None:
    watch = settled(watch_over, false_matches.CAMPAIGN)
    false_matches.report(seen(50, 1_000), watch, 0)
    (failure,) = watch.finding().failures
    assert "50 of 1000, beyond what the evidence file states" in failure.what


@pytest.mark.parametrize(("warned", "failed"), [(24, 0), (23, 1)])
def test_fewer_than_four_in_five_warnings_are_a_failure(
    watch_over: WatchOver, warned: int, failed: int
) -> None:
    watch = settled(watch_over, warned_frames.CAMPAIGN)
    counts = (Counter({"untouched": count}) for count in (40, 30, warned, 2))
    warned_frames.report(warned_frames.Tally(*counts), watch, 0)
    assert watch.finding().failed == failed
    assert watch.finding().figures["all: non-matches"].value == 30


def test_a_few_frames_say_nothing_of_a_share(watch_over: WatchOver) -> None:
    watch = settled(watch_over, warned_frames.CAMPAIGN)
    warned_frames.report(warned_frames.Tally(Counter(untouched=5), Counter(untouched=5)), watch, 0)
    assert watch.finding().failed == 0


def test_missing_pictures_are_said_and_stand_in_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lacking = replace(SOUND, id="M1", absent=lambda: "the research pictures are not here")
    monkeypatch.setattr(cli, "load_campaign", lambda place: lacking if place == "lacking" else SOUND)
    report = tmp_path / "proof.md"
    assert main(["--quick"], {"M1": "lacking"}, report) == 0
    assert capsys.readouterr().out == "M1 NOT TRIED: the research pictures are not here\n"
    assert not report.exists()
    assert main([], {"M1": "lacking", "P1": PLACES["P1"]}, report) == 0
    page = report.read_text(encoding="utf-8")
    assert "| not tried: the research pictures are not here |" in page
    assert "| P1 |" in page
