"""Answers of a worker are parsed field by field; what it says arrives unchanged, and nonsense is refused."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.face_advice import FaceBand, FaceComparison, FrameHint, FrameQuality
from appliance.face.messages import comparison_message, quality_message, read_comparison, read_quality

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.integers(-(10**9), 10**9)
QUALITIES = st.builds(
    FrameQuality,
    hint=st.sampled_from(FrameHint),
    faces=WHOLE,
    face_height_px=WHOLE,
    luma=NUMBERS,
    sharpness=NUMBERS,
    turn=NUMBERS,
    nod=NUMBERS,
    eyes_closed=NUMBERS,
    covered=NUMBERS,
    rotation_deg=WHOLE,
    roll_deg=NUMBERS,
    one_sided=NUMBERS,
)
COMPARISONS = st.builds(
    FaceComparison,
    score=NUMBERS,
    threshold=NUMBERS,
    band=st.sampled_from(FaceBand),
    quality=QUALITIES,
    frames_used=WHOLE,
)
GOOD = FrameQuality(FrameHint.GOOD, 1, 200, 120.0, 50.0, 0.0)


@given(QUALITIES)
def test_measures_arrive_as_they_were(quality: FrameQuality) -> None:
    assert read_quality(json.loads(json.dumps(quality_message(quality)))) == quality


@given(COMPARISONS)
def test_comparisons_arrive_as_they_were(comparison: FaceComparison) -> None:
    assert read_comparison(json.loads(json.dumps(comparison_message(comparison)))) == comparison


@pytest.mark.parametrize("field", sorted(quality_message(GOOD)))
@pytest.mark.parametrize("value", [None, "1", [], {}, True])
def test_a_field_of_another_kind_is_refused(field: str, value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        read_quality({**quality_message(GOOD), field: value})


@pytest.mark.parametrize("field", sorted(quality_message(GOOD)))
def test_a_missing_field_is_refused(field: str) -> None:
    answer = {name: value for name, value in quality_message(GOOD).items() if name != field}
    with pytest.raises(KeyError):
        read_quality(answer)


@pytest.mark.parametrize(
    "changes", [{"quality": None}, {"band": "accepted"}, {"score": "high"}, {"frames_used": 1.5}]
)
def test_a_comparison_of_another_kind_is_refused(changes: dict[str, object]) -> None:
    answer = comparison_message(FaceComparison(0.2, 0.1, FaceBand.MATCH, GOOD, 1))
    with pytest.raises((TypeError, ValueError)):
        read_comparison({**answer, **changes})


def test_a_number_that_is_none_cannot_be_said() -> None:
    answer = comparison_message(FaceComparison(math.nan, 0.1, FaceBand.MATCH, GOOD, 1))
    with pytest.raises(ValueError, match="JSON"):
        json.dumps(answer, allow_nan=False)
