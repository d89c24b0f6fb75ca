"""Pictures in the exchange as a worker process takes them: grey, and gone from the exchange as soon as they are taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from appliance.face.detection import Grey
from appliance.face.grey import grey_of_pixels
from appliance.pictures.exchange import Exchange


@contextmanager
def lent_content(place: object, exchange: Exchange) -> Iterator[memoryview]:
    """Lend the bytes at a place that the question names.

    Raises:
        ValueError: it names none.
    """
    match place:
        case [int(offset), int(size_bytes)]:
            with exchange.view(offset, size_bytes) as content:
                yield content
        case _:
            raise ValueError("place")


def take_greys(places: object, exchange: Exchange) -> list[Grey]:
    """Return the frames at the places that the question names, in grey.

    Raises:
        ValueError: it names none.
    """
    if not isinstance(places, list):
        raise TypeError("frames")
    return [_take_grey(place, exchange) for place in places]


def _take_grey(place: object, exchange: Exchange) -> Grey:
    match place:
        case [int(offset), int(width), int(height)] if width > 0 and height > 0:
            with exchange.view(offset, width * height * 3) as rgb:
                return grey_of_pixels(rgb, width, height)
        case _:
            raise ValueError("frame")
