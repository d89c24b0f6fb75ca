"""The training room: its panel's lamp shines on whoever sits before its camera.

Camera and panel keep their ports; what joins them is the light alone, as in a true room.
"""

from __future__ import annotations

from appliance.ports import Lamp
from appliance.simulated.actor import Actor
from appliance.simulated.camera import RecordedCamera
from appliance.simulated.panel import SimulatedPanel
from appliance.simulated.scenes import SITTING_DOWN, Recording


class TrainingRoom:
    """One recorded camera and one panel in the same light, and whoever sits there."""

    def __init__(self, portrait: str | None = None, recording: Recording = SITTING_DOWN) -> None:
        """Begin before the person and the recording, with all lamps dark; see `RecordedCamera`."""
        self.panel = SimulatedPanel()
        self.camera = RecordedCamera(portrait, recording, self._is_lit)
        self.actor = Actor(self.camera)

    def _is_lit(self) -> bool:
        return Lamp.FACE_LIGHT in self.panel.lit
