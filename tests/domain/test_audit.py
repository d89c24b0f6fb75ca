"""The audit chain: any change of any entry changes every link after it (proof.md T5)."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from appliance.domain.audit import LINK_SIZE_BYTES, AuditEntry, follow, genesis, link
from appliance.domain.ids import UnitId
from appliance.errors import ChainBroken

UNIT = UnitId("unit-01")
words = st.text(max_size=12)
stories = st.lists(st.tuples(words, words, words), min_size=1, max_size=8)


def chain(story: list[tuple[str, str, str]]) -> list[AuditEntry]:
    return [AuditEntry(position, *words) for position, words in enumerate(story, 1)]


def test_each_unit_starts_from_its_own_link() -> None:
    assert genesis(UNIT) == hashlib.sha256(b"mynavisit-audit-1\0unit-01").digest()
    assert genesis(UNIT) != genesis(UnitId("unit-02"))
    assert len(genesis(UNIT)) == LINK_SIZE_BYTES


@given(stories)
def test_following_is_linking_one_by_one(story: list[tuple[str, str, str]]) -> None:
    head = genesis(UNIT)
    for entry in chain(story):
        head = link(head, entry)
    assert follow(genesis(UNIT), chain(story), 1) == head


@given(stories, st.data())
def test_a_chain_can_be_followed_in_parts(story: list[tuple[str, str, str]], data: st.DataObject) -> None:
    entries = chain(story)
    cut = data.draw(st.integers(min_value=0, max_value=len(entries)))
    middle = follow(genesis(UNIT), entries[:cut], 1)
    assert follow(middle, entries[cut:], cut + 1) == follow(genesis(UNIT), entries, 1)


@given(stories, st.data(), st.sampled_from(["event", "detail", "at"]), words)
def test_any_change_of_any_field_changes_the_head(
    story: list[tuple[str, str, str]], data: st.DataObject, field: str, value: str
) -> None:
    entries = chain(story)
    index = data.draw(st.integers(min_value=0, max_value=len(entries) - 1))
    assume(getattr(entries[index], field) != value)
    changed = [*entries]
    changed[index] = replace(entries[index], **{field: value})  # type: ignore[arg-type]
    assert follow(genesis(UNIT), changed, 1) != follow(genesis(UNIT), entries, 1)


@given(words, words, words)
def test_no_character_can_move_from_one_field_to_the_next(event: str, detail: str, at: str) -> None:
    assume(event)
    moved = AuditEntry(1, event[:-1], event[-1] + detail, at)
    assert link(bytes(32), moved) != link(bytes(32), AuditEntry(1, event, detail, at))


@pytest.mark.parametrize(
    ("positions", "broken_at"), [([2], 1), ([1, 3], 2), ([1, 1], 2), ([1, 2, 2], 3), ([2, 1], 1), ([0], 1)]
)
def test_a_missing_repeated_or_moved_position_is_named(positions: list[int], broken_at: int) -> None:
    entries = [AuditEntry(position, "event", "", "") for position in positions]
    with pytest.raises(ChainBroken) as broken:
        follow(genesis(UNIT), entries, 1)
    assert broken.value.position == broken_at


def test_nothing_to_follow_leaves_the_head() -> None:
    assert follow(b"\7" * 32, [], 5) == b"\7" * 32
