"""Drawn cards, and the reading engine where it is installed."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Final

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from appliance.card_front.reading import FrontEye
from appliance.domain.ephemeral import Frame
from appliance.errors import CardReadingMissing
from appliance.simulated.card_faces import Press, Printed, draw_back, draw_front
from appliance.simulated.card_views import Level, view_card
from appliance.simulated.chip_pictures import find_japanese_font
from appliance.simulated.people import Sex

Pixels = NDArray[np.uint8]

TODAY: Final = date(2026, 11, 23)
PRINTED: Final = Printed(
    name="見本　春江",
    address="架空県架空市中央１丁目２番３号",
    birth_date=date(1943, 5, 14),
    sex=Sex.FEMALE,
    expires_on=date(2035, 5, 14),
    certificate_expires_on=date(2030, 5, 14),
    security_code="4173",
)
"""昭和18年 5月14日生, 2035年 5月14日まで有効."""
CODE: Final = "18051420354173"


@cache
def front(seed: int = 0) -> Pixels:
    return draw_front(PRINTED, Press(find_japanese_font(), seed))


@cache
def back(seed: int = 0) -> Pixels:
    return draw_back(PRINTED, Press(find_japanese_font(), seed))


def frame_of(card: Pixels, level: Level = Level.USUAL, seed: int = 1, *, upside_down: bool = False) -> Frame:
    return view_card(card, level, seed, upside_down=upside_down)


def pixels_of(frame: Frame) -> Pixels:
    return np.frombuffer(frame.rgb, dtype=np.uint8).reshape(frame.height, frame.width, 3)


def grey_of(frame: Frame) -> Pixels:
    return np.asarray(cv2.cvtColor(pixels_of(frame), cv2.COLOR_RGB2GRAY), dtype=np.uint8)


@pytest.fixture(scope="session")
def eye() -> FrontEye:
    try:
        return FrontEye()
    except CardReadingMissing as missing:
        pytest.skip(f"the reading engine is not installed: apt package {missing.package}")
