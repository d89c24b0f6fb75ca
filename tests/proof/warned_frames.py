"""M4: whether the frames that later do not match were warned about before (proof.md §6.8).

Live pictures are made worse step by step, from harmless to hopeless; a non-match is what the engine's own threshold makes
of one frame, a warning any hint but "good". Pictures of the press stand for frames, so poses are theirs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Final

from appliance.domain.face_advice import FrameHint
from appliance.face.detection import Grey
from appliance.face.engine import DlibEngine, load_engine
from appliance.face.evaluation.chip_simulation import as_chip_photo
from appliance.face.evidence_file import DEFAULT_EVIDENCE
from tests.face.picture_folder import in_frame, largest_face, read_grey
from tests.face.spoilt_frames import SPOILS, compare
from tests.proof.campaign import Campaign, Label, Share
from tests.proof.research_faces import absent, named_pairs, same_person_pairs
from tests.proof.watch import Watch

WARNED_LEAST: Final = 0.8
"""proof.md M4, "must"."""
_JUDGED_FROM: Final = 20
"""Fewer non-matches say nothing of a share."""
_EVERY_PAIR: Final = 6
"""Both orders of a pair, and people with many pictures, stand close together in the table."""
_PAIRS: Final = 48


@dataclass(slots=True)
class Tally:
    """What came of each kind of frame."""

    tried: Counter[str] = field(default_factory=Counter)
    non_matches: Counter[str] = field(default_factory=Counter)
    warned: Counter[str] = field(default_factory=Counter)
    """Non-matches that were warned about."""
    warned_matches: Counter[str] = field(default_factory=Counter)
    """Matches that were warned about all the same."""


def run(share: Share, watch: Watch) -> None:
    """Compare one frame after the other with its person's chip photo."""
    table, engine, tally = named_pairs(), load_engine(DEFAULT_EVIDENCE), Tally()
    same = same_person_pairs(table)[::_EVERY_PAIR]
    names = list(SPOILS)
    watch.settle()
    for index in share.indices:
        place = int(same[index // len(names) % len(same)])
        pair = table.pictures[table.reference[place]], table.pictures[table.live[place, 0]]
        trial = partial(_try, engine, pair, names[index % len(names)], index, tally)
        watch.attempt(index, index.to_bytes(4), trial)
    report(tally, watch, share.first)


def _try(engine: DlibEngine, pair: tuple[Path, Path], name: str, seed: int, tally: Tally) -> None:
    chip, seated = _chip(pair[0]), _seated(pair[1])
    if chip is None or seated is None:
        return
    frame, eye_distance_px = seated
    is_match, hint = compare(engine, chip, SPOILS[name](frame, eye_distance_px, seed))
    tally.tried[name] += 1
    tally.non_matches[name] += not is_match
    tally.warned[name] += not is_match and hint is not FrameHint.GOOD
    tally.warned_matches[name] += is_match and hint is not FrameHint.GOOD


@cache
def _chip(picture: Path) -> bytes | None:
    grey = read_grey(picture)
    face = largest_face(grey)
    return None if face is None else as_chip_photo(grey, face)


@cache
def _seated(picture: Path) -> tuple[Grey, float] | None:
    grey = read_grey(picture)
    face = largest_face(grey)
    return None if face is None else in_frame(grey, face)


def report(tally: Tally, watch: Watch, first: int) -> None:
    """Say what was found, and complain when too few non-matches were warned about."""
    for name in (name for name in SPOILS if tally.tried[name]):
        watch.observe(f"{name}: non-matches of {tally.tried[name]}", "frames", tally.non_matches[name])
        watch.observe(f"{name}: non-matches warned about", "frames", tally.warned[name])
    non_matches, warned = tally.non_matches.total(), tally.warned.total()
    matches = tally.tried.total() - non_matches
    watch.observe("all: non-matches", "frames", non_matches)
    watch.observe("all: non-matches warned about", "frames", warned)
    watch.observe(f"all: matches warned about, of {matches}", "frames", tally.warned_matches.total())
    share = warned / non_matches if non_matches else 1.0
    watch.observe("all: share warned about", "%", round(100 * share, 1))
    if non_matches >= _JUDGED_FROM and share < WARNED_LEAST:
        watch.fail(first, f"{warned} of {non_matches} later non-matches were warned about")


CAMPAIGN: Final = Campaign(
    id="M4",
    claim="of live frames made worse, at least four in five that do not match are warned about before",
    unit="frames",
    must=_PAIRS * len(SPOILS),
    quick=3,
    label=Label.SIMULATED,
    run=run,
    can_be_split=False,
    hang_limit_s=10.0,
    # The pictures of all people stay, enlarged to frames of 0.9 MB each.
    memory_limit_kib=256 * 1024,
    is_reported=True,
    absent=absent,
)
