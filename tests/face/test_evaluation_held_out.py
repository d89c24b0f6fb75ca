"""Thresholds are chosen by one half of the people and judged by the other, and no one is in both."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from appliance.face.evaluation.findings import WANTED_RATES, Findings, find
from appliance.face.evaluation.held_out import held_out_as_json, hold_out
from appliance.face.evaluation.pairs import PairTable
from tests.face.made_sets import scored

PEOPLE = 40
PICTURES_OF_EACH = 3


def findings(*, spoilt_people: int = 0, seed: int = 5) -> Findings:
    """Return findings on people of three pictures each; the strangers of some people score high with one another."""
    random = np.random.default_rng(seed)
    people = np.repeat(np.arange(PEOPLE, dtype=np.int32), PICTURES_OF_EACH)
    pairs = np.array(list(permutations(range(len(people)), 2)), dtype=np.int32)
    reference, live = pairs[:, 0], pairs[:, 1:]
    is_same = people[reference] == people[live[:, 0]]
    score = np.where(is_same, random.normal(0.3, 0.08, len(pairs)), random.normal(-0.1, 0.05, len(pairs)))
    alike = (people[reference] < spoilt_people) & (people[live[:, 0]] < spoilt_people) & ~is_same
    score[alike] += 0.3
    pictures = tuple(Path(f"P{person}_{place}.png") for place, person in enumerate(people))
    return find(PairTable(pictures, reference, live, is_same, people), scored(*score))


def test_people_alike_throughout_are_judged_as_they_were_set() -> None:
    for row in hold_out(findings(), seeds=20):
        assert len(row.thresholds) == len(row.false_match_rates) == 40
        assert float(np.mean(row.false_match_rates)) == pytest.approx(row.wanted, rel=0.5)


def test_people_who_are_alike_only_among_themselves_cost_the_half_that_did_not_know_them() -> None:
    row = hold_out(findings(spoilt_people=6), seeds=20)[0]
    assert max(row.false_match_rates) > 4 * row.wanted
    assert float(np.mean(row.false_match_rates)) > row.wanted


def test_no_person_is_in_both_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    from appliance.face.evaluation import held_out

    of = findings()
    seen: list[set[int]] = []
    plain = held_out._within

    def noted(findings: Findings, is_in: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> object:
        assert findings.table.people is not None
        seen.append(set(findings.table.people[is_in].tolist()))
        return plain(findings, is_in)

    monkeypatch.setattr(held_out, "_within", noted)
    hold_out(of, seeds=5)
    assert len(seen) == 10
    for first, second in zip(seen[::2], seen[1::2], strict=True):
        assert not first & second
        assert len(first | second) == PEOPLE
    assert len({frozenset(half) for half in seen}) > 2


def test_the_same_splits_come_each_time() -> None:
    assert held_out_as_json(findings(), 3) == held_out_as_json(findings(), 3)
    rows = held_out_as_json(findings(), 3)
    assert [row["false_match_rate"] for row in rows] == list(WANTED_RATES)
    assert {"splits", "threshold", "fmr", "fnmr"} <= rows[0].keys()


def test_people_unknown_or_too_few_cannot_be_held_out() -> None:
    places = np.arange(2, dtype=np.int32)
    unknown = PairTable((Path("a"), Path("b")), places, places[::-1, np.newaxis].copy(), places > 0)
    known = PairTable(unknown.pictures, unknown.reference, unknown.live, unknown.is_same, places)
    for table in (unknown, known):
        with pytest.raises(ValueError, match="people"):
            hold_out(find(table, scored(0.1, 0.2)), seeds=1)
