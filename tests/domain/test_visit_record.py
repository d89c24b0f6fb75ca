"""The sealed record's shape: round trip, canonical form, and what it refuses."""

from __future__ import annotations

import json
import traceback
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.card_answers import CardKind, Genuineness, InTerm, ThreeAnswers
from appliance.domain.consent import Consent, ConsentGiver
from appliance.domain.decision import DecisionOutcome, IdentityDecision, VisualCheckReason
from appliance.domain.enrollment import CardEvidence, CardNotRead, Enrollment, FaceNotCompared
from appliance.domain.face_advice import FaceBand
from appliance.domain.ids import PersonId, StaffId, UnitId, VisitId
from appliance.domain.liveness import Ask, LivenessResult, LivenessVerdict, SkipReason
from appliance.domain.visit_record import (
    RECORD_LIMIT_BYTES,
    RECORD_VERSION,
    VisitRecord,
    encode,
    parse,
    record_of,
)
from appliance.errors import FactsMalformed, FormatUnknown

UNIT = UnitId("unit-01")
NOW = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
STAFF = StaffId("s01")

instants = st.integers(min_value=0, max_value=800_000_000).map(
    lambda seconds: NOW + timedelta(seconds=seconds)
)
answers = st.builds(
    ThreeAnswers,
    genuine=st.sampled_from(Genuineness),
    genuine_detail=st.sampled_from(["", "challenge"]),
    in_term=st.sampled_from(InTerm),
    expires_on=st.dates(min_value=date(2020, 1, 1)),
)
cards = st.one_of(
    st.sampled_from(CardNotRead), st.builds(CardEvidence, kind=st.sampled_from(CardKind), answers=answers)
)
decisions = st.sampled_from(
    [
        IdentityDecision(DecisionOutcome.MATCHED_CONFIRMED, STAFF),
        IdentityDecision(DecisionOutcome.UNDECIDED, STAFF),
    ]
    + [IdentityDecision(DecisionOutcome.VISUAL_CHECK, STAFF, reason) for reason in VisualCheckReason]
)
ASKS = (Ask.LOOK_STRAIGHT, Ask.TURN_RIGHT, Ask.TURN_LEFT, Ask.LOOK_STRAIGHT_AGAIN)
OVER = [
    LivenessResult(verdict, ASKS)
    for verdict in LivenessVerdict
    if verdict not in {LivenessVerdict.RUNNING, LivenessVerdict.AWAITS_COMPARISON, LivenessVerdict.SKIPPED}
]
SKIPPED = [
    LivenessResult(LivenessVerdict.SKIPPED, asks, reason) for asks in ((), ASKS) for reason in SkipReason
]
records = st.builds(
    VisitRecord,
    unit=st.just(UNIT),
    visit=st.just(VisitId("00" * 16)),
    person=st.just(PersonId("p01")),
    staff=st.just(STAFF),
    started_at=instants,
    saved_at=instants,
    consent=st.builds(Consent, st.sampled_from(ConsentGiver), st.booleans(), st.booleans(), instants),
    card=cards,
    face=st.one_of(st.sampled_from(FaceBand), st.sampled_from(FaceNotCompared)),
    decision=decisions,
    wishes=st.just(()),
    liveness=st.sampled_from([None, *OVER, *SKIPPED]),
    version=st.just(RECORD_VERSION),
)


@given(records)
def test_what_is_encoded_is_parsed_to_the_same_record(record: VisitRecord) -> None:
    assert parse(encode(record)) == record


def sample() -> VisitRecord:
    return VisitRecord(
        UNIT,
        VisitId("00" * 16),
        PersonId("p01"),
        STAFF,
        NOW,
        NOW + timedelta(seconds=50),
        Consent(ConsentGiver.PERSON, to_card_reading=False, to_face_matching=False, noticed_at=NOW),
        CardNotRead.DECLINED,
        FaceNotCompared.NO_PHOTO,
        IdentityDecision(DecisionOutcome.UNDECIDED, STAFF),
        (),
    )


def altered(**changes: object) -> bytes:
    fields = json.loads(encode(sample())) | changes
    if fields["version"] in {1, 2} and "liveness" not in changes:
        del fields["liveness"]
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        (b"", "record"),
        (b"[]", "record"),
        (b"\xff\xfe", "record"),
        (altered(card="maybe"), "card"),
        (altered(decision={"outcome": "visual_check", "decided_by": "s01", "reason": None}), "decision"),
        (altered(saved_at="yesterday"), "saved_at"),
        (altered(name="somebody"), "canonical"),
        (encode(sample()) + b" ", "canonical"),
        (encode(sample())[:-1] + b',"version":1}', "canonical"),
        (b"{" + b" " * RECORD_LIMIT_BYTES + b"}", "size"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_anything_else_is_refused_by_the_name_of_the_part(encoded: bytes, key: str) -> None:
    with pytest.raises(FactsMalformed) as refused:
        parse(encoded)
    assert refused.value.key == key


@pytest.mark.parametrize("version", [0, RECORD_VERSION + 1, 99])
@pytest.mark.parametrize("changes", [{}, {"card": "a word of later years"}, {"decision": "another form"}])
def test_a_shape_of_another_program_is_refused_politely_whatever_it_holds(
    version: int, changes: dict[str, object]
) -> None:
    with pytest.raises(FormatUnknown) as refused:
        parse(altered(version=version, **changes))
    assert (refused.value.shape, refused.value.version) == ("visit_record", version)


BY_EYE = {"decided_by": "s01", "outcome": "visual_check"}
ADDED_IN_2 = [
    ("card", "integrated_residence_card"),
    ("decision", BY_EYE | {"reason": "card_not_supported"}),
]


def test_a_record_of_the_first_shape_is_read_for_ever() -> None:
    first = (
        b'{"card":"declined","consent":{"given_by":"person","noticed_at":"2026-11-23T01:02:03Z",'
        b'"to_card_reading":false,"to_face_matching":false},"decision":{"decided_by":"s01",'
        b'"outcome":"undecided","reason":null},"face":"no_photo","person":"p01",'
        b'"saved_at":"2026-11-23T01:02:53Z","staff":"s01","started_at":"2026-11-23T01:02:03Z",'
        b'"unit":"unit-01","version":1,"visit":"00000000000000000000000000000000","wishes":[]}'
    )
    assert parse(first) == replace(sample(), version=1)


@pytest.mark.parametrize(("key", "value"), ADDED_IN_2)
def test_an_answer_belongs_to_the_shape_that_brought_it(key: str, value: object) -> None:
    assert parse(altered(**{key: value}, version=2)).version == 2
    with pytest.raises(FactsMalformed) as refused:
        parse(altered(**{key: value}, version=1))
    assert refused.value.key == key


def test_a_record_of_the_second_shape_is_read_for_ever_and_knows_no_liveness() -> None:
    second = altered(version=2)
    assert b"liveness" not in second
    assert parse(second) == replace(sample(), version=2)


DONE = {
    "asks": ["look_straight", "close_eyes", "look_straight_again"],
    "skip_reason": None,
    "verdict": "done",
}


def test_the_hint_is_kept_as_words_and_nothing_more() -> None:
    assert parse(altered(liveness=DONE)).liveness == LivenessResult(
        LivenessVerdict.DONE, (Ask.LOOK_STRAIGHT, Ask.CLOSE_EYES, Ask.LOOK_STRAIGHT_AGAIN)
    )


@pytest.mark.parametrize(
    ("version", "hint", "key"),
    [
        (3, DONE | {"verdict": "running"}, "liveness"),
        (3, DONE | {"verdict": "awaits_comparison"}, "liveness"),
        (3, DONE | {"verdict": "skipped"}, "liveness"),
        (3, DONE | {"skip_reason": "tired"}, "liveness"),
        (3, DONE | {"asks": ["look_straight"] * 6}, "liveness"),
        (3, DONE | {"score": 0.3}, "canonical"),
        (2, DONE, "liveness"),
        (2, None, "canonical"),
    ],
)
def test_a_hint_that_says_too_much_or_too_early_is_refused(version: int, hint: object, key: str) -> None:
    with pytest.raises(FactsMalformed) as refused:
        parse(altered(version=version, liveness=hint))
    assert refused.value.key == key


def test_an_unfinished_turn_has_no_record() -> None:
    with pytest.raises(FactsMalformed) as missing:
        record_of(Enrollment(VisitId("v"), PersonId("p"), STAFF, NOW), UNIT, NOW)
    assert missing.value.key == "consent"


HOSTILE = "5521" * 3


def test_the_refusal_of_a_hostile_record_does_not_repeat_its_bytes() -> None:
    with pytest.raises(FactsMalformed) as refused:
        parse(altered(card=HOSTILE))
    told = "".join(traceback.format_exception(refused.value))
    assert HOSTILE not in f"{refused.value!r} {refused.value} {told}"
