"""When a promise is kept, missed, or out of anybody's reach."""

from __future__ import annotations

import pytest

from tests.bench.figures import Limit, Row, Table, Verdict

LIMIT = Limit(must=3.0, stretch=2.0)


@pytest.mark.parametrize(
    ("value", "floor", "verdict"),
    [
        (1.0, 0.0, Verdict.STRETCH),
        (2.0, 0.0, Verdict.STRETCH),
        (2.001, 0.0, Verdict.MUST),
        (3.0, 0.0, Verdict.MUST),
        (3.001, 0.0, Verdict.MISSED),
        (3.001, 3.0, Verdict.MISSED),
        (3.3, 3.1, Verdict.BEYOND_LINK),
        # A floor above the limit that was kept all the same is a wrong floor, and no excuse is needed.
        (2.9, 3.1, Verdict.MUST),
    ],
)
def test_the_verdict_follows_the_value_and_what_is_possible(
    value: float, floor: float, verdict: Verdict
) -> None:
    assert LIMIT.verdict(value, floor) is verdict


def test_without_a_stretch_there_is_none_to_meet() -> None:
    assert Limit(must=1.0).verdict(0.0) is Verdict.MUST


@pytest.mark.parametrize("verdict", Verdict)
def test_only_a_missed_row_breaks_its_table_s_promise(verdict: Verdict) -> None:
    row = Row({"value": 1}, verdict)
    table = Table("S1", "title", "promise", (row, Row({"value": 2})))
    assert table.missed == ((row,) if verdict is Verdict.MISSED else ())
