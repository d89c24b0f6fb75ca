"""Two live frames compared: whether one person came before and after a challenge (face.md §4)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import pytest

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FaceBand
from appliance.errors import NoFace
from appliance.face.worker import WorkerFaceEngine
from appliance.simulated.portraits import PORTRAITS, live_frame

NAMES = sorted(PORTRAITS)


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
    assert comparison.score > comparison.threshold


@pytest.mark.parametrize(("before", "after"), list(permutations(NAMES, 2)))
def test_another_person_is_not(worker: WorkerFaceEngine, before: str, after: str) -> None:
    assert worker.compare_live(seen(before), seen(after)).band is FaceBand.UNLIKE


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
