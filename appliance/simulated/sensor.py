"""What a small sensor makes of a scene: its light, and noise that never comes twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from appliance.domain.ephemeral import Frame

if TYPE_CHECKING:
    from PIL import Image

_NOISE_LEVELS: Final = 2.0
"""In a well-lit room, of 256 levels."""
_NOISE_LEVELS_IN_THE_DARK: Final = 4.0
"""Added where there is no light at all: the camera turns its gain up."""


def expose(scene: Image.Image, light: float, seed: int) -> Frame:
    """Return the frame of a scene in `light`, 1 for a well-lit room and 0 for none; `seed` varies the noise alone."""
    import numpy as np

    levels = np.float32(_NOISE_LEVELS + _NOISE_LEVELS_IN_THE_DARK * max(0.0, 1.0 - light))
    grains: np.ndarray[Any, np.dtype[np.float32]] = np.random.default_rng(seed).standard_normal(
        (scene.height, scene.width, 1), dtype=np.float32
    )
    grains *= levels
    pixels = np.asarray(scene, dtype=np.float32) * np.float32(light)
    pixels += grains
    np.clip(pixels, 0, 255, out=pixels)
    return Frame(scene.width, scene.height, bytearray(pixels.astype(np.uint8).data))
