"""A picture turned into what a card's chip would hold of it: 240 x 320, grey, JPEG 2000 of about 8 KB (face.md §3).

The photo's size on real chips is not public; these are the figures that the engine was measured with.
"""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image

from appliance.errors import PictureRefused
from appliance.face.detection import FoundFace, Grey
from appliance.pictures.header import CHIP_BOUNDS, PictureFormat, read_header

WIDTH_PX: Final = 240
HEIGHT_PX: Final = 320
SIZE_BYTES: Final = 8_000
_FACE_SHARE: Final = 1.55
"""Width of the photo over that of the detector's box: head and shoulders as in a photo of 35 x 45 mm."""
_LIFT: Final = 0.03
"""The detector's box sits a little low on a head; share of its height."""


def is_chip_photo(content: bytes | memoryview) -> bool:
    """Tell whether picture bytes are what a chip could hold already: JPEG 2000 within the bounds of a chip's picture."""
    try:
        return read_header(content, CHIP_BOUNDS).format is PictureFormat.JPEG2000
    except PictureRefused:
        return False


def as_chip_photo(
    picture: Grey, face: FoundFace, size_bytes: int = SIZE_BYTES, width_px: int = WIDTH_PX
) -> bytes:
    """Return the JPEG 2000 file (JP2, irreversible) that a chip would hold of this face.

    Length and width are those that everything was measured with; others show what a smaller photo costs.
    """
    height_px = width_px * HEIGHT_PX // WIDTH_PX
    with Image.fromarray(_head(picture, face)) as head:
        photo = head.resize((width_px, height_px), Image.Resampling.BICUBIC, reducing_gap=3.0)
    file = io.BytesIO()
    rate = width_px * height_px / size_bytes
    photo.save(file, "JPEG2000", quality_mode="rates", quality_layers=[rate], irreversible=True)
    return file.getvalue()


def _head(picture: Grey, face: FoundFace) -> Grey:
    """Cut head and shoulders; where the picture ends, its edge goes on."""
    width = round(face.height_px * _FACE_SHARE)
    height = width * HEIGHT_PX // WIDTH_PX
    centre_x, centre_y = face.centre
    left = round(centre_x - width / 2)
    top = round(centre_y - face.height_px * _LIFT - height / 2)
    rows = np.clip(np.arange(top, top + height), 0, picture.shape[0] - 1)
    columns = np.clip(np.arange(left, left + width), 0, picture.shape[1] - 1)
    head: Grey = picture[np.ix_(rows, columns)]
    return head
