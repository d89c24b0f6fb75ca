"""Picture bytes turned into grey pixels by Pillow; runs only inside a confined process (hazard H11)."""

from __future__ import annotations

import io
import struct
from typing import Final

from PIL import Image, ImageOps

from appliance.domain.ephemeral import GreyPicture
from appliance.errors import PictureRefused
from appliance.pictures.header import PictureBounds, PictureFormat, PictureHeader, read_header

_DECODER_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
)
"""What Pillow's decoders raise on malformed input."""


def decode_grey(content: bytes | memoryview, bounds: PictureBounds) -> GreyPicture:
    """Decode `content` to grey (ITU-R BT.601 luma, as the face thresholds were measured with).

    Raises:
        PictureRefused: out of bounds before decoding, `decode` or `memory` while decoding.
    """
    header = read_header(content, bounds)
    try:
        return _decode(content, header)
    except MemoryError as error:
        raise PictureRefused("memory") from error
    except _DECODER_ERRORS as error:
        raise PictureRefused("decode") from error


def _decode(content: bytes | memoryview, header: PictureHeader) -> GreyPicture:
    with io.BytesIO(content) as stream, Image.open(stream, formats=(header.format.value,)) as image:
        # The decoder reads its own header; if the two readings differ, the bounds were checked on the wrong one.
        if image.size != (header.width_px, header.height_px):
            raise PictureRefused("dimensions")
        if header.format is PictureFormat.JPEG:
            ImageOps.exif_transpose(image, in_place=True)
        grey = image.convert("L")
        image.paste(0, (0, 0, *image.size))
    picture = GreyPicture(grey.width, grey.height, bytearray(grey.tobytes()))
    grey.paste(0, (0, 0, *grey.size))
    return picture
