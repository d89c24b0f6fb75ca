"""Errors come back from a confined process by name, from a closed list."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import (
    CameraTrouble,
    FaceEvidenceOutdated,
    FaceWeightsRefused,
    NoFace,
    PictureRefused,
    SeveralFaces,
)
from appliance.pictures.confined import error_message
from appliance.pictures.travelling_errors import rebuild_error

TRAVELLERS = [
    NoFace("chip_photo"),
    NoFace("live_frame"),
    SeveralFaces("live_frame", 3),
    PictureRefused("memory"),
    FaceWeightsRefused("weights.dat"),
    FaceEvidenceOutdated("evidence.toml"),
]


@pytest.mark.parametrize("error", TRAVELLERS, ids=str)
def test_an_error_arrives_as_it_left(error: CameraTrouble) -> None:
    arrived = rebuild_error(json.loads(json.dumps(error_message(error))))
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"error": "SystemExit", "fields": {}},
        {"error": "NoFace"},
        {"error": "NoFace", "fields": {}},
        {"error": "NoFace", "fields": {"where": "a sentence with a name in it"}},
        {"error": "NoFace", "fields": {"where": 3}},
        {"error": "SeveralFaces", "fields": {"where": "live_frame", "count": "3"}},
        {"error": "PictureRefused", "fields": {"reason": "because"}},
        {"error": ["NoFace"], "fields": {"where": "live_frame"}},
    ],
)
def test_other_words_are_no_error(message: dict[str, object]) -> None:
    assert rebuild_error(message) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["error", "fields", "x"]), JSON))
def test_any_message_gives_a_known_error_or_none(message: dict[str, object]) -> None:
    assert rebuild_error(message) is None
