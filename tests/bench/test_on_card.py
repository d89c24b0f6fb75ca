"""The one figure without noise, on the real card service: commands are counted, not timed (proof.md S2)."""

from __future__ import annotations

import pytest

from tests.bench.card_stand import card_stand, private_stack
from tests.bench.command_count import PEOPLE, person_row
from tests.bench.figures import Verdict

pytestmark = pytest.mark.pcsc


def test_an_identification_takes_the_fewest_commands() -> None:
    with private_stack() as stack, card_stand(stack) as stand:
        rows = [person_row(stand, person) for person in PEOPLE]
    assert [row.verdict for row in rows] == [Verdict.MUST] * len(PEOPLE)
    assert [row.cells["other"] for row in rows] == ["0 of 0"] * len(PEOPLE)
