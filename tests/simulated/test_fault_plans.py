"""Fault plans from a seed: the same each time, complete over many, and survived by the card itself."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.simulated.card.fault_plans import FAULTS_MAX, draw_faults
from appliance.simulated.card.faults import FaultKind
from appliance.simulated.card.inserted import Answered, InsertedCard
from tests.simulated.card_desk import SELECT, Desk

READ = bytes.fromhex("00B0840010")


@given(seed=st.integers(), commands=st.integers(1, 500))
def test_a_seed_gives_one_plan(seed: int, commands: int) -> None:
    plan = draw_faults(Random(seed), commands)
    assert plan == draw_faults(Random(seed), commands)
    assert 1 <= len(plan) <= FAULTS_MAX


def test_over_many_seeds_every_kind_and_every_command_is_drawn() -> None:
    plans = [draw_faults(Random(seed), 12) for seed in range(600)]
    assert {fault.kind for plan in plans for fault in plan} == set(FaultKind)
    by_command = {fault.at for plan in plans for fault in plan if fault.kind is FaultKind.FLIPPED_BIT}
    assert by_command == set(range(1, 13))
    assert {len(plan) for plan in plans} == set(range(1, FAULTS_MAX + 1))


@pytest.mark.parametrize("commands", [0, -3])
def test_a_run_without_commands_still_gets_a_plan(commands: int) -> None:
    plan = draw_faults(Random(1), commands)
    assert all(fault.at >= 1 for fault in plan)


@pytest.mark.parametrize("seed", range(200))
def test_whatever_is_drawn_an_answer_has_a_status_word(desk: Desk, seed: int) -> None:
    inserted = InsertedCard(desk.card, faults=draw_faults(Random(seed), 6))
    for command in (SELECT["surface"], *[READ] * 5):
        outcome = inserted.exchange(command)
        assert not isinstance(outcome, Answered) or len(outcome.answer) >= 2
