"""Which rows to send when: a table for each rule, and a whole pretended office for the promise behind them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.domain.outbox import OutboxRow, OutboxState
from mqtt.drain import FIELD_RULES, DrainRules, plan, resend_wait_s
from tests.mqtt.memory_store import NOON, ManualClock, MemoryStore, fresh_row

RULES = DrainRules(window=4)


def sent(sequence: int, age_s: float, attempts: int = 1) -> OutboxRow:
    sent_at = NOON - timedelta(seconds=age_s)
    return replace(fresh_row(sequence), state=OutboxState.SENT, attempts=attempts, sent_at=sent_at)


def sequences(rows: list[OutboxRow], in_hand: set[int] | None = None, now: datetime = NOON) -> list[int]:
    return [row.sequence for row in plan(rows, in_hand or set(), now, RULES).send]


def test_nothing_waiting_is_nothing_to_send() -> None:
    assert sequences([]) == []


def test_fresh_rows_go_in_order_up_to_the_window() -> None:
    assert sequences([fresh_row(number) for number in range(1, 8)]) == [1, 2, 3, 4]


def test_what_the_broker_has_in_hand_is_not_sent_twice_and_takes_a_place() -> None:
    assert sequences([fresh_row(number) for number in range(1, 8)], in_hand={1, 2}) == [3, 4]


def test_a_full_hand_sends_nothing() -> None:
    rows = [fresh_row(1), fresh_row(2), *(sent(number, 1e6) for number in (3, 4))]
    assert sequences(rows, in_hand={11, 12, 13, 14}) == []


def test_rows_that_wait_for_a_receipt_take_a_place() -> None:
    rows = [sent(1, 1.0), sent(2, 1.0), sent(3, 1.0), fresh_row(4), fresh_row(5)]
    assert sequences(rows) == [4]


@pytest.mark.parametrize(
    ("age_s", "attempts", "is_due"),
    [
        (2.9, 1, False),
        (3.0, 1, True),
        (5.9, 2, False),
        (6.0, 2, True),
        (11.9, 3, False),
        (12.0, 3, True),
        (899.0, 20, False),
        (900.0, 20, True),
        (-0.1, 1, True),
        (-3e8, 1, True),
    ],
)
def test_a_row_is_sent_again_when_its_time_has_come(age_s: float, attempts: int, is_due: bool) -> None:
    assert sequences([sent(1, age_s, attempts)]) == ([1] if is_due else [])


def test_a_row_that_says_sent_but_not_when_is_sent_again() -> None:
    assert sequences([replace(sent(1, 0), sent_at=None)]) == [1]


def test_fresh_rows_go_before_repeated_ones() -> None:
    rows = [sent(1, 10.0), sent(2, 10.0), fresh_row(3), fresh_row(4)]
    assert sequences(rows) == [3, 4, 1, 2]


def test_rows_sent_in_vain_give_up_their_places() -> None:
    rows = [sent(number, 1.0, attempts=RULES.vain_attempts) for number in (1, 2, 3, 4)]
    rows += [fresh_row(5), fresh_row(6)]
    assert sequences(rows) == [5, 6]
    assert plan(rows, set(), NOON, RULES).in_vain == 4


def test_rows_with_a_verdict_are_never_sent() -> None:
    decided = [
        replace(fresh_row(number), state=state)
        for number, state in enumerate((OutboxState.ARRIVED, OutboxState.REFUSED, OutboxState.ERASED), 1)
    ]
    assert sequences([*decided, fresh_row(4)]) == [4]


@given(st.integers(0, 10_000))
def test_the_wait_for_a_receipt_never_shrinks_and_is_bounded(attempts: int) -> None:
    wait_s = resend_wait_s(attempts, FIELD_RULES)
    assert FIELD_RULES.first_wait_s <= wait_s <= resend_wait_s(attempts + 1, FIELD_RULES)
    assert resend_wait_s(attempts + 1, FIELD_RULES) <= FIELD_RULES.longest_wait_s


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(), count=st.integers(1, 40), loss=st.floats(0, 0.6), window=st.integers(1, 12))
def test_everything_arrives_however_much_is_lost_and_the_window_is_never_exceeded(
    seed: int, count: int, loss: float, window: int
) -> None:
    """A line that loses records and receipts by chance, and poison in between that is never answered."""
    random, clock, store = Random(seed), ManualClock(), MemoryStore(count)
    rules = DrainRules(window=window, vain_attempts=3)
    poison = {sequence for sequence in store.rows if random.random() < 0.1}
    in_vain = 0
    for _ in range(4000):
        waiting = store.waiting(2 * window + in_vain)
        step = plan(waiting, set(), clock.now(), rules)
        in_vain = step.in_vain
        assert len(step.send) <= window
        for row in step.send:
            store.mark_sent(row.sequence, clock.now())
            if row.sequence not in poison and random.random() >= loss:
                store.mark_receipted(row.sequence, b"", clock.now())
        clock.pass_s(random.uniform(0.5, 5.0))
        if store.counts().arrived == count - len(poison):
            break
    assert store.counts().arrived == count - len(poison)
