"""The topic table: names, directions, and what is not a topic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.ids import UnitId, parse_unit_id
from appliance.errors import FactsMalformed
from mqtt.topics import (
    COLLECTOR_NAME,
    PRESENCE,
    RECEIPT,
    RECORD,
    TOPICS,
    Party,
    Topic,
    published_by,
    read_by,
)

UNIT = UnitId("u01")
UNIT_NAMES = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", fullmatch=True)


@pytest.mark.parametrize(
    ("topic", "name", "pattern"),
    [
        (RECORD, "unit/u01/record", "unit/+/record"),
        (PRESENCE, "unit/u01/presence", "unit/+/presence"),
        (RECEIPT, "office/receipt/u01", "office/receipt/+"),
    ],
)
def test_a_topic_has_one_name_for_each_unit(topic: Topic, name: str, pattern: str) -> None:
    assert topic.of(UNIT) == name
    assert topic.of_all_units == pattern
    assert topic.unit_in(name) == UNIT


@given(UNIT_NAMES)
def test_every_unit_finds_its_name_again(name: str) -> None:
    unit = parse_unit_id(name)
    assert [topic.unit_in(topic.of(unit)) for topic in TOPICS] == [unit] * len(TOPICS)


@given(UNIT_NAMES)
def test_no_name_of_one_topic_is_a_name_of_another(name: str) -> None:
    unit = parse_unit_id(name)
    for topic in TOPICS:
        assert [other for other in TOPICS if other.matches(topic.of(unit))] == [topic]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "unit//record",
        "unit/+/record",
        "unit/u01/records",
        "unit/u01/extra/record",
        "unit/U01/record",
        f"unit/{COLLECTOR_NAME}/record",
        "xunit/u01/record",
        "unit/record",
        "$SYS/broker/version",
    ],
)
def test_what_names_no_unit_is_no_record_topic(name: str) -> None:
    assert not RECORD.matches(name)
    with pytest.raises(FactsMalformed):
        RECORD.unit_in(name)


def test_records_and_presence_go_to_the_office_and_receipts_come_back() -> None:
    assert published_by(Party.UNIT) == read_by(Party.COLLECTOR) == (RECORD, PRESENCE)
    assert published_by(Party.COLLECTOR) == read_by(Party.UNIT) == (RECEIPT,)


def test_only_presence_is_kept_by_the_broker() -> None:
    assert [topic for topic in TOPICS if topic.retained] == [PRESENCE]


def test_everything_is_confirmed_by_the_broker() -> None:
    assert {topic.qos for topic in TOPICS} == {1}


def test_the_collector_can_never_be_taken_for_a_unit() -> None:
    with pytest.raises(FactsMalformed):
        parse_unit_id(COLLECTOR_NAME)
