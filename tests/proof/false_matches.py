"""M1: every pair of different people on the named research pictures, at the shipped threshold (proof.md §6.8).

A false match is a figure here, not a failure: the default weights do not promise 1 in 10,000, and this campaign says how
far they are from it. A failure is a rate that the evidence file's own bounds do not cover, or a pair that ends otherwise
than in a score or without a face.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from appliance.face.evaluation.acquisition import Side
from appliance.face.evaluation.error_rates import Rate
from appliance.face.evaluation.pairs import PairTable
from appliance.face.evaluation.people_bounds import bounds_by_people
from appliance.face.evidence_file import Measurement
from tests.proof.campaign import Campaign, Label, Share
from tests.proof.research_faces import Sitters, absent, evidence, named_pairs
from tests.proof.watch import Breach, Watch

PROMISED: Final = 1 / 10_000
"""proof.md M1, "must"."""
_SEED: Final = 19795


@dataclass(slots=True)
class Seen:
    """Who was compared with whom, and what came of it."""

    reference: list[int] = field(default_factory=list)
    live: list[int] = field(default_factory=list)
    is_match: list[bool] = field(default_factory=list)
    faceless: set[tuple[Path, Side]] = field(default_factory=set)

    @property
    def rate(self) -> Rate:
        """False matches among the pairs that could be compared."""
        return Rate(sum(self.is_match), len(self.is_match))

    def upper_by_people(self) -> float | None:
        """Return the upper bound that counts people, or None where people cannot say."""
        reference, live = np.array(self.reference, dtype=np.int32), np.array(self.live, dtype=np.int32)
        is_match = np.array(self.is_match, dtype=np.bool_)
        bounds = bounds_by_people(reference, live, is_match, np.random.default_rng(_SEED))
        return None if bounds is None else bounds[1]


def run(share: Share, watch: Watch) -> None:
    """Compare the share's pairs, each picture as reference and as live picture made once."""
    table, sitters, seen = named_pairs(), Sitters(), Seen()
    threshold = evidence().bands.match_from
    strangers = np.flatnonzero(~table.is_same)
    watch.settle()
    for index in share.indices:
        if index >= len(strangers):
            watch.fail(index, f"there are {len(strangers)} pairs of different people only")
            break
        trial = partial(_compare, table, int(strangers[index]), sitters, seen, threshold)
        watch.attempt(index, index.to_bytes(4), trial)
    report(seen, watch, share.first)


def _compare(table: PairTable, place: int, sitters: Sitters, seen: Seen, threshold: float) -> None:
    one, other = int(table.reference[place]), int(table.live[place, 0])
    reference = sitters.sitting(table.pictures[one], Side.REFERENCE)
    live = sitters.sitting(table.pictures[other], Side.LIVE)
    if reference is None or live is None:
        lacking = (one, Side.REFERENCE) if reference is None else (other, Side.LIVE)
        seen.faceless.add((table.pictures[lacking[0]], lacking[1]))
        return
    score = reference.margin(live)
    if not np.isfinite(score):
        raise Breach("a score is no number")
    assert table.people is not None
    seen.reference.append(int(table.people[one]))
    seen.live.append(int(table.people[other]))
    seen.is_match.append(score >= threshold)


def report(seen: Seen, watch: Watch, first: int) -> None:
    """Say what was found, and complain about what the evidence file does not cover."""
    rate = seen.rate
    watch.observe("pairs of different people compared", "pairs", rate.of)
    watch.observe("pictures without a face", "pictures", len(seen.faceless))
    watch.observe("false matches at the shipped threshold", "pairs", rate.count)
    watch.observe("false match rate", "%", 100 * (rate.value or 0.0))
    watch.observe("upper bound at 95 %, counting pairs", "%", 100 * rate.upper95)
    watch.observe("the same over the promised 1 in 10,000", "times", rate.upper95 / PROMISED)
    by_people = seen.upper_by_people()
    if by_people is not None:
        watch.observe("upper bound of the 95 % bounds, counting people", "%", 100 * by_people)
    stated = max(row.false_match_rate_bounds[1] for row in _at_match())
    if rate.bounds[0] > stated:
        watch.fail(first, f"false matches: {rate.count} of {rate.of}, beyond what the evidence file states")


def _at_match() -> list[Measurement]:
    shipped = evidence()
    return [row for row in shipped.measured if row.threshold == shipped.bands.match_from]


CAMPAIGN: Final = Campaign(
    id="M1",
    claim="false matches at the shipped threshold stay within what the evidence file states; 1 in 10,000 is not claimed",
    unit="pairs",
    must=63_976,
    quick=6,
    label=Label.MEASURED_ELSEWHERE,
    run=run,
    can_be_split=False,
    hang_limit_s=10.0,
    is_reported=True,
    absent=absent,
)
