"""The panel's lamp lights the face before the camera, and the advice to make more light goes (docs/face-capture.md)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from appliance.domain.face_advice import FrameHint
from appliance.face.engine import DlibEngine, load_engine
from appliance.face.evidence_file import DEFAULT_EVIDENCE
from appliance.face.face_light import FRAMES_TO_TURN_OFF, FRAMES_TO_TURN_ON, FaceLight
from appliance.ports import Lamp
from appliance.simulated.portraits import PORTRAITS
from appliance.simulated.room import TrainingRoom
from appliance.simulated.scenes import DARK_ROOM, LAMP_LIT_ROOM, Recording, Scene

PATIENCE_S = 5.0


@pytest.fixture(scope="module")
def engine() -> DlibEngine:
    return load_engine(DEFAULT_EVIDENCE)


@dataclass
class Watcher:
    """Looks, and switches the lamp as the unit does."""

    room: TrainingRoom
    engine: DlibEngine
    light: FaceLight = field(default_factory=FaceLight)

    def look(self) -> FrameHint:
        with self.room.camera.frame(PATIENCE_S) as frame:
            quality = self.engine.look(frame)
        self.light = self.light.see(quality)
        self.room.panel.light(Lamp.FACE_LIGHT, on=self.light.is_wanted)
        return quality.hint


@pytest.mark.parametrize("portrait", PORTRAITS)
def test_in_a_lamp_lit_room_the_lamp_takes_the_advice_away_for_good(
    engine: DlibEngine, portrait: str
) -> None:
    watcher = Watcher(TrainingRoom(portrait, LAMP_LIT_ROOM), engine)
    assert [watcher.look() for _ in range(FRAMES_TO_TURN_ON)] == [FrameHint.TOO_DARK] * FRAMES_TO_TURN_ON
    assert [watcher.look() for _ in range(12)] == [FrameHint.GOOD] * 12
    assert watcher.light.is_wanted


@pytest.mark.parametrize("portrait", PORTRAITS)
def test_where_the_lamp_does_not_reach_the_advice_stays(engine: DlibEngine, portrait: str) -> None:
    watcher = Watcher(TrainingRoom(portrait, DARK_ROOM), engine)
    assert {watcher.look() for _ in range(8)} == {FrameHint.TOO_DARK}
    assert watcher.light.is_wanted


def test_a_lit_room_does_not_dazzle_while_the_lamp_goes_off(engine: DlibEngine) -> None:
    watcher = Watcher(TrainingRoom("hopper", Recording((), (Scene(),))), engine, FaceLight(is_wanted=True))
    watcher.room.panel.light(Lamp.FACE_LIGHT, on=True)
    assert {watcher.look() for _ in range(FRAMES_TO_TURN_OFF + 2)} == {FrameHint.GOOD}


@pytest.mark.parametrize("lamp", [Lamp.SAVED, Lamp.ATTENTION])
def test_no_other_lamp_lights_the_face(lamp: Lamp) -> None:
    def brightness(room: TrainingRoom) -> float:
        with room.camera.frame(PATIENCE_S) as frame:
            return float(np.frombuffer(bytes(frame.rgb), np.uint8).mean())

    room = TrainingRoom("hopper", LAMP_LIT_ROOM)
    room.panel.light(lamp, on=True)
    dark = brightness(room)
    room.panel.light(Lamp.FACE_LIGHT, on=True)
    assert brightness(room) > 2.5 * dark
    room.panel.close()
    assert brightness(room) < 1.1 * dark
