"""Presence messages: one spelling, bounded, strict, and nothing personal in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.ids import UnitId
from appliance.domain.outbox import OutboxCounts
from appliance.errors import FactsMalformed, FormatUnknown, UnitError
from mqtt.messages import (
    LARGEST_COUNT,
    PRESENCE_LIMIT_BYTES,
    PresenceState,
    UnitPresence,
    encode_presence,
    parse_presence,
)

AT = datetime(2026, 11, 24, 3, 0, 0, 125_000, tzinfo=UTC)
PRESENCE = UnitPresence(UnitId("u01"), 7, PresenceState.HERE, AT, OutboxCounts(saved=1, arrived=20))
ENCODED = encode_presence(PRESENCE)

COUNTS = st.integers(min_value=0, max_value=LARGEST_COUNT)
PRESENCES = st.builds(
    UnitPresence,
    unit=st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", fullmatch=True).map(UnitId),
    session=st.integers(min_value=1, max_value=LARGEST_COUNT),
    state=st.sampled_from(PresenceState),
    at=st.datetimes(timezones=st.just(UTC)).map(
        lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
    ),
    counts=st.builds(OutboxCounts, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS),
)


def changed(**values: object) -> bytes:
    shape = json.loads(ENCODED) | values
    return json.dumps(shape, sort_keys=True, separators=(",", ":")).encode()


def test_the_spelling_is_this_one() -> None:
    assert ENCODED == (
        b'{"at":"2026-11-24T03:00:00.125+00:00",'
        b'"counts":{"arrived":20,"erased":0,"refused":0,"saved":1,"sent":0},'
        b'"session":7,"state":"here","unit":"u01","version":1}'
    )


@given(PRESENCES)
def test_what_is_written_is_read_again(presence: UnitPresence) -> None:
    encoded = encode_presence(presence)
    assert len(encoded) <= PRESENCE_LIMIT_BYTES
    assert parse_presence(encoded) == presence


@given(PRESENCES, st.data())
def test_one_changed_byte_is_refused_or_is_another_valid_message(
    presence: UnitPresence, data: st.DataObject
) -> None:
    encoded = bytearray(encode_presence(presence))
    position = data.draw(st.integers(0, len(encoded) - 1))
    encoded[position] ^= data.draw(st.integers(1, 255))
    try:
        other = parse_presence(bytes(encoded))
    except UnitError:
        return
    assert other != presence
    assert encode_presence(other) == bytes(encoded)


@given(st.binary(max_size=PRESENCE_LIMIT_BYTES + 50))
def test_any_bytes_are_read_or_refused_by_name(payload: bytes) -> None:
    with pytest.raises((FactsMalformed, FormatUnknown)):
        parse_presence(payload)


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        (b"", "json"),
        (b"null", "json"),
        (b"[]", "json"),
        (b"\xff\xfe", "json"),
        (b"[" * 300, "json"),
        (b" " * (PRESENCE_LIMIT_BYTES + 1), "size"),
        (b"{}", "version"),
        (ENCODED + b"\n", "canonical"),
        (ENCODED + b"x", "json"),
        (ENCODED.replace(b'"session":7', b'"session":7,"session":7'), "canonical"),
        (ENCODED.replace(b'"u01"', b'"\\u0075\\u0030\\u0031"'), "canonical"),
        (ENCODED.replace(b",", b", "), "canonical"),
        (ENCODED.replace(b"+00:00", b"Z"), "canonical"),
        (changed(at="2026-11-24T12:00:00.125+09:00"), "canonical"),
        (changed(at="2026-11-24T03:00:00.125"), "at"),
        (changed(at="soon"), "at"),
        (changed(at="0001-01-01T00:00:00.000+09:00"), "at"),
        (changed(at=0), "at"),
        (changed(name="somebody"), "keys"),
        (changed(unit="../u01"), "unit"),
        (changed(unit=1), "unit"),
        (changed(session=0), "session"),
        (changed(session=-1), "session"),
        (changed(session=1.0), "session"),
        (changed(session=True), "session"),
        (changed(session=LARGEST_COUNT + 1), "session"),
        (changed(state="asleep"), "state"),
        (changed(counts=[]), "counts"),
        (changed(counts={"saved": 1}), "counts"),
        (changed(version="1"), "version"),
    ],
)
def test_what_is_not_the_one_spelling_is_refused(payload: bytes, key: str) -> None:
    with pytest.raises(FactsMalformed) as refused:
        parse_presence(payload)
    assert refused.value.key == key


def test_a_missing_key_is_refused() -> None:
    shape = json.loads(ENCODED)
    del shape["session"]
    with pytest.raises(FactsMalformed):
        parse_presence(json.dumps(shape, sort_keys=True, separators=(",", ":")).encode())


def test_a_newer_version_is_refused_as_such() -> None:
    with pytest.raises(FormatUnknown) as unknown:
        parse_presence(changed(version=2))
    assert unknown.value.version == 2


def test_the_instant_travels_in_utc() -> None:
    local = AT.astimezone(timezone(timedelta(hours=9)))
    elsewhere = UnitPresence(PRESENCE.unit, 7, PresenceState.HERE, local, PRESENCE.counts)
    assert encode_presence(elsewhere) == ENCODED
