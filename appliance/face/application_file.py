"""The application photo as a file: cut from a frame of the unit's camera and written as the upload wants it."""

from __future__ import annotations

import io
from typing import Final

from appliance.domain.ephemeral import Frame
from appliance.errors import PictureRefused
from appliance.face.application_photo import LEAST_BYTES, LEAST_SIDE_PX, MOST_BYTES, PROPORTION, PhotoFile
from appliance.face.detection import FivePoints

_WIDTH_EYES: Final = 3.4
"""Width of the photo in eye distances: the head with room on both sides."""
_EYE_LEVEL: Final = 0.45
"""Height of the eyes, from the top, over the photo's height."""
_QUALITIES: Final = (95, 100)
"""JPEG quality; the second where a very even picture stays below the least length."""
_DOTS_PER_INCH: Final = (600, 600)

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of the frame."""


def find_crop(frame_size_px: tuple[int, int], points: FivePoints) -> Box:
    """Return where a frame is cut so that the face stands in a photo of 35 x 45.

    The box is moved and made smaller where it would leave the frame.

    Raises:
        PictureRefused: `dimensions`, when the face is so far away that the photo would have too few pixels.
    """
    (right_x, right_y), (left_x, left_y) = points.eyes
    eye_distance = ((right_x - left_x) ** 2 + (right_y - left_y) ** 2) ** 0.5
    frame_width, frame_height = frame_size_px
    width = min(_WIDTH_EYES * eye_distance, frame_width, frame_height * PROPORTION)
    height = width / PROPORTION
    left = _kept_within((right_x + left_x) / 2 - width / 2, width, frame_width)
    top = _kept_within((right_y + left_y) / 2 - height * _EYE_LEVEL, height, frame_height)
    box = int(left), int(top), int(left) + int(width), int(top) + int(height)
    if int(width) < LEAST_SIDE_PX:
        raise PictureRefused("dimensions")
    return box


def _kept_within(start: float, length: float, whole: float) -> float:
    return min(max(0.0, start), whole - length)


def write_application_photo(frame: Frame, box: Box) -> bytes:
    """Return the cut frame as JPEG in red, green and blue, without any further data about camera, time or place.

    Raises:
        PictureRefused: `size`, when no quality gives a length that the upload takes.
    """
    from PIL import Image

    whole = Image.frombuffer("RGB", (frame.width, frame.height), frame.rgb, "raw", "RGB", 0, 1)
    cut = whole.crop(box)
    try:
        for quality in _QUALITIES:
            stream = io.BytesIO()
            cut.save(stream, "JPEG", quality=quality, subsampling=0, dpi=_DOTS_PER_INCH)
            if LEAST_BYTES <= stream.tell() <= MOST_BYTES:
                return stream.getvalue()
    finally:
        cut.paste((0, 0, 0), (0, 0, cut.width, cut.height))
    raise PictureRefused("size")


def read_photo_file(content: bytes) -> PhotoFile:
    """Return what a picture file says of itself, from its header alone.

    Raises:
        PictureRefused: `format`, when it is no picture.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as opened:
            is_rgb_jpeg = opened.format == "JPEG" and opened.mode == "RGB"
            return PhotoFile(is_rgb_jpeg, len(content), opened.width, opened.height)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise PictureRefused("format") from error
