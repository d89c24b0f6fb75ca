"""The states of a record in the words of the screen (design D3)."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from appliance.domain.outbox import OutboxCounts, OutboxState, Saved

WORDS = {
    OutboxState.SAVED: "保存済",
    OutboxState.SENT: "送信済",
    OutboxState.ARRIVED: "到着確認",
    OutboxState.REFUSED: "要確認",
    OutboxState.ERASED: "消去済",
}


@pytest.mark.parametrize("state", list(OutboxState))
def test_each_state_has_its_word(state: OutboxState) -> None:
    assert state.word == WORDS[state]


def test_no_two_states_share_a_word() -> None:
    assert len({state.word for state in OutboxState}) == len(OutboxState)


def test_there_is_a_count_for_each_state_and_it_starts_at_none() -> None:
    assert {field.name for field in fields(OutboxCounts)} == {state.value for state in OutboxState}
    assert OutboxCounts() == OutboxCounts(saved=0, sent=0, arrived=0, refused=0, erased=0)


def test_what_was_saved_cannot_be_changed() -> None:
    saved = Saved(1, bytes(32), "0000-0000")
    with pytest.raises(FrozenInstanceError):
        saved.sequence = 2  # type: ignore[misc]
