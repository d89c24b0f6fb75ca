"""Two live frames compared: whether one person came before and after a challenge (face.md §4)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FaceBand
from appliance.errors import NoFace
from appliance.face.engine import load_engine
from appliance.face.evidence_file import DEFAULT_EVIDENCE, read_evidence
from appliance.face.worker import WorkerFaceEngine
from appliance.simulated.portraits import PORTRAITS, chip_photo, live_frame
from tests.face.conftest import altered_evidence

NAMES = sorted(PORTRAITS)
BANDS = read_evidence(DEFAULT_EVIDENCE).identity


@pytest.fixture(scope="module")
def worker() -> Iterator[WorkerFaceEngine]:
    with WorkerFaceEngine() as worker:
        worker.warm()
        yield worker


def seen(portrait: str | None, light: float = 1.0, angle_deg: float = 0.0) -> Frame:
    return live_frame(portrait, light, angle_deg, 1.0, 1)


@pytest.mark.parametrize("portrait", NAMES)
def test_one_person_a_moment_later_is_alike(worker: WorkerFaceEngine, portrait: str) -> None:
    comparison = worker.compare_live(seen(portrait), seen(portrait, 0.9, 4.0))
    assert comparison.band is FaceBand.MATCH
    assert comparison.score > comparison.threshold == BANDS.match_from


@pytest.mark.parametrize(("before", "after"), list(permutations(NAMES, 2)))
def test_another_person_is_not(worker: WorkerFaceEngine, before: str, after: str) -> None:
    assert worker.compare_live(seen(before), seen(after)).band is FaceBand.UNLIKE


def test_live_frames_have_thresholds_of_their_own(tmp_path: Path) -> None:
    """A frame against itself is as alike as can be; what is said of it follows the bands of live pictures alone."""
    evidence = altered_evidence(tmp_path, ("held_from = 0.12", "held_from = 0.074"))
    engine = load_engine(evidence)
    assert engine.compare_live(seen(NAMES[0]), seen(NAMES[0])).threshold == 0.074
    assert engine.compare(chip_photo(NAMES[0]), [seen(NAMES[0])]).threshold == 0.121


@pytest.mark.parametrize(
    ("score", "is_held"),
    [(0.1201, True), (0.12, True), (0.1199, False), (0.074, False), (-1.0, False), (float("nan"), False)],
)
def test_less_than_held_is_never_called_held(score: float, is_held: bool) -> None:
    assert (BANDS.band(score) is FaceBand.MATCH) is is_held


@pytest.mark.parametrize("place", [0, 1])
def test_a_frame_without_a_face_is_an_error(worker: WorkerFaceEngine, place: int) -> None:
    frames = [seen(NAMES[0]), seen(NAMES[0])]
    frames[place] = seen(None)
    with pytest.raises(NoFace):
        worker.compare_live(*frames)


def test_the_frames_stay_the_callers(worker: WorkerFaceEngine) -> None:
    before, after = seen(NAMES[0]), seen(NAMES[0])
    worker.compare_live(before, after)
    assert any(before.rgb)
    assert any(after.rgb)
