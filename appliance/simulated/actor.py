"""Whoever is in a scene before the recorded camera: comes in, and does what is asked at the pace of the asking.

So a scene ends the same way however fast its frames are looked at, and the actor needs to know no order beforehand.
"""

from __future__ import annotations

from threading import Lock
from typing import Final

from appliance.domain.liveness import Ask
from appliance.simulated.camera import RecordedCamera
from appliance.simulated.face_scenes import CameraState, FaceScene
from appliance.simulated.scenes import Recording, close_when_asked, turn_when_asked

TURN_DEG: Final = 25.0
"""What is asked for: a slight turn (face.md §4)."""
_TURNS_DEG: Final = {Ask.TURN_LEFT: TURN_DEG, Ask.TURN_RIGHT: -TURN_DEG}
"""The person's own left is to the right of the picture."""


class Actor:
    """Plays scenes before one camera, one after the other."""

    def __init__(self, camera: RecordedCamera) -> None:
        """Wait beside the camera."""
        self._camera = camera
        self._scene: FaceScene | None = None
        self._asked: Ask | None = None
        self._turned_deg = 0.0
        self._turn = Lock()

    def begin(self, scene: FaceScene, portrait: str | None) -> None:
        """Come in as `scene` says, with this face; what the last scene did to the camera is mended first."""
        with self._turn:
            self._scene, self._asked, self._turned_deg = scene, None, 0.0
            self._camera.plug()
            self._camera.resume()
            self._camera.show(portrait, scene.recording)
            _trouble(self._camera, scene.camera)

    def obey(self, ask: Ask | None) -> None:
        """Do what is asked, if the person in the scene can; with None, sit as before. The same twice is asked once."""
        with self._turn:
            scene, was_asked = self._scene, self._asked
            self._asked = ask
            if scene is None or ask is was_asked or not scene.obeys:
                return
            if ask is None:
                self._camera.go_on(Recording((), scene.recording.settled))
            elif ask in scene.obeys:
                self._camera.go_on(self._motion(scene, ask))

    def _motion(self, scene: FaceScene, ask: Ask) -> Recording:
        if ask is Ask.CLOSE_EYES:
            return close_when_asked()
        from_deg, self._turned_deg = self._turned_deg, _TURNS_DEG.get(ask, 0.0)
        return turn_when_asked(from_deg, self._turned_deg, scene.recording.settled[0].sheet)


def _trouble(camera: RecordedCamera, state: CameraState) -> None:
    match state:
        case CameraState.RUNS:
            return
        case CameraState.HANGS:
            camera.hang()
        case CameraState.FROZEN:
            camera.freeze()
        case CameraState.UNPLUGGED:
            camera.unplug()
