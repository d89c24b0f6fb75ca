"""A hat over the eyes hides the face; dark glasses are told as a cover; a second person is counted."""

from __future__ import annotations

import pytest

from appliance.domain.face_advice import FrameHint
from appliance.simulated.portraits import PORTRAITS
from appliance.simulated.scenes import DARK_GLASSES, HAT_OVER_EYES, TWO_PEOPLE, Recording, scene_frame
from tests.face.seen_frames import look

HINTS = {
    "hat": (HAT_OVER_EYES, FrameHint.NO_FACE),
    "dark glasses": (DARK_GLASSES, FrameHint.COVERED),
    "two people": (TWO_PEOPLE, FrameHint.SEVERAL_FACES),
}


@pytest.mark.parametrize("portrait", PORTRAITS)
@pytest.mark.parametrize(("recording", "hint"), HINTS.values(), ids=list(HINTS))
@pytest.mark.parametrize("seed", [0, 7])
def test_each_is_hinted_at(portrait: str, recording: Recording, hint: FrameHint, seed: int) -> None:
    (scene,) = recording.settled
    assert look(scene_frame(portrait, scene, seed)).hint is hint
