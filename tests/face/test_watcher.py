"""Which frames are compared: good ones before poor ones, the best first, never more than help; and all are wiped."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.face_advice import FrameHint, FrameQuality
from appliance.errors import NoFace, SeveralFaces
from appliance.face.detection import FaceChip
from appliance.face.grey import grey_of
from appliance.face.watcher import FRAMES_AT_MOST, LiveFace, Watcher, choose, load_watcher
from appliance.face.weights import find_weights
from tests.face.conftest import blank, seen

GOOD = FrameQuality(FrameHint.GOOD, 1, 200, 130.0, 50.0, 0.0, nod=0.75)
NOBODY = FrameQuality(FrameHint.NO_FACE, 0, 0, 0.0, 0.0, 0.0)
CROWD = replace(GOOD, hint=FrameHint.SEVERAL_FACES, faces=3)


@pytest.fixture(scope="module")
def watcher() -> Watcher:
    return load_watcher(find_weights().landmarks)


def face(quality: FrameQuality) -> LiveFace:
    return LiveFace(FaceChip(np.ones((162, 162), dtype=np.uint8)), quality)


def test_good_frames_come_alone_and_the_best_is_first() -> None:
    dull, sharp, dark = (
        face(replace(GOOD, sharpness=20.0)),
        face(replace(GOOD, sharpness=90.0)),
        face(replace(GOOD, hint=FrameHint.TOO_DARK, sharpness=99.0)),
    )
    chosen = choose([dull, NOBODY, dark, sharp])
    assert [one.quality.sharpness for one in chosen] == [90.0, 20.0]


def test_poor_frames_are_taken_when_there_are_no_better() -> None:
    dark = face(replace(GOOD, hint=FrameHint.TOO_DARK))
    (chosen,) = choose([NOBODY, dark, CROWD])
    assert chosen is dark


@given(st.integers(1, 30))
def test_never_more_frames_than_help(count: int) -> None:
    assert len(choose([face(GOOD)] * count)) == min(count, FRAMES_AT_MOST)


@pytest.mark.parametrize("found", [[], [NOBODY], [NOBODY, NOBODY]])
def test_no_face_at_all(found: list[FrameQuality]) -> None:
    with pytest.raises(NoFace):
        choose(found)


def test_only_crowds() -> None:
    with pytest.raises(SeveralFaces) as crowd:
        choose([NOBODY, CROWD])
    assert crowd.value.count == 3


@pytest.mark.parametrize("angle_deg", [0.0, 90.0])
def test_frames_and_faces_are_overwritten_when_the_comparison_ends(
    watcher: Watcher, angle_deg: float
) -> None:
    greys = [grey_of(seen("hopper", angle_deg=angle_deg)), grey_of(blank())]
    with ExitStack() as wiping:
        (found,) = watcher.live_faces(greys, wiping)
        assert found.chip.wide.any()
    assert not found.chip.wide.any()
    assert not any(grey.any() for grey in greys)


def test_frames_are_overwritten_when_there_is_nobody(watcher: Watcher) -> None:
    greys = [grey_of(seen(None)), grey_of(blank())]
    with pytest.raises(NoFace), ExitStack() as wiping:
        watcher.live_faces(greys, wiping)
    assert not any(grey.any() for grey in greys)


def test_how_a_lying_person_s_picture_was_turned_is_told(watcher: Watcher) -> None:
    frame = seen("hopper", angle_deg=-90.0)
    measured = [watcher.look(frame) for _ in range(4)]
    assert measured[-1].rotation_deg == 90
    assert measured[-1].is_good
    watcher.forget()
    assert watcher.look(seen("hopper")).rotation_deg == 0
