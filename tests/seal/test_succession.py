"""The office follows a unit's records: none can be taken out, put in or moved (proof.md W6, T5)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.audit import RECORD_EVENT, AuditEntry, follow, genesis
from appliance.errors import ChainBroken
from appliance.seal.record import VerifiedEnvelope, parse_envelope
from appliance.seal.succession import ChainPlace, follow_record
from tests.seal.conftest import UNIT, Parties, entries

PARTIES = Parties()


def records(events_before_each: list[int]) -> list[VerifiedEnvelope]:
    """Return a unit's first records, with so many audit events before each."""
    made: list[VerifiedEnvelope] = []
    head, position, carried = genesis(UNIT), 1, list[AuditEntry]()
    for sequence, count in enumerate(events_before_each, 1):
        carried += entries(*["event"] * count, first=position + len(carried))
        head = follow(head, carried, position)
        position += len(carried)
        stamped = PARTIES.seal(b"payload", PARTIES.context(sequence, head), tuple(carried))
        made.append(parse_envelope(stamped.envelope).verify(PARTIES.unit_key.public))
        carried = [AuditEntry(position, RECORD_EVENT, stamped.record_hash.hex(), "at")]
    return made


def follow_all(envelopes: list[VerifiedEnvelope]) -> ChainPlace:
    place = ChainPlace.start(UNIT)
    for envelope in envelopes:
        place = follow_record(place, envelope)
    return place


@given(st.lists(st.integers(min_value=0, max_value=3), min_size=1, max_size=5))
def test_records_in_order_are_followed_to_the_newest(counts: list[int]) -> None:
    envelopes = records(counts)
    place = follow_all(envelopes)
    assert (place.sequence, place.record_hash) == (len(counts), envelopes[-1].record_hash)
    assert place.head == envelopes[-1].context.previous_link
    assert place.next_position == sum(counts) + len(counts)


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_record_taken_out_is_noticed(missing: int) -> None:
    envelopes = records([1, 0, 2, 1])
    del envelopes[missing]
    with pytest.raises(ChainBroken):
        follow_all(envelopes)


def test_a_record_that_comes_again_does_not_follow_itself() -> None:
    first, second = records([1, 1])
    with pytest.raises(ChainBroken):
        follow_all([first, first])
    with pytest.raises(ChainBroken):
        follow_all([second])


def resigned(
    envelope: VerifiedEnvelope, events: tuple[AuditEntry, ...], previous_link: bytes
) -> VerifiedEnvelope:
    """Return the record of a unit that signs another story."""
    changed = replace(
        envelope.parsed, events=events, context=replace(envelope.context, previous_link=previous_link)
    )
    signature = PARTIES.unit_key.sign(changed.signed_bytes)
    return replace(changed, signature=signature).verify(PARTIES.unit_key.public)


def test_an_event_left_out_is_noticed_at_its_position() -> None:
    first, second = records([1, 2])
    told = resigned(second, second.events[:-1], second.context.previous_link)
    with pytest.raises(ChainBroken) as broken:
        follow_all([first, told])
    assert broken.value.position == 2


def test_events_must_begin_with_the_entry_of_the_record_before() -> None:
    first, second = records([1, 1])
    place = follow_all([first])
    others: list[tuple[AuditEntry, ...]] = [
        (),
        entries("event", first=2),
        (replace(second.events[0], detail="00" * 32), *second.events[1:]),
    ]
    for events in others:
        told = resigned(second, events, follow(place.head, events, place.next_position))
        with pytest.raises(ChainBroken):
            follow_record(place, told)


def test_positions_must_go_on_without_a_gap() -> None:
    first, second = records([1, 1])
    shifted = tuple(replace(entry, position=entry.position + 1) for entry in second.events)
    with pytest.raises(ChainBroken) as broken:
        follow_all([first, resigned(second, shifted, second.context.previous_link)])
    assert broken.value.position == 2


def test_the_first_record_starts_from_this_units_own_beginning() -> None:
    (first,) = records([1])
    with pytest.raises(ChainBroken):
        follow_record(ChainPlace(0, b"", bytes(32), 1), first)
