"""Inputs that campaigns have found and that are mended since: each must stay mended."""

from __future__ import annotations

import pytest

from appliance.errors import PictureRefused
from appliance.pictures.header import CHIP_BOUNDS, read_header

_ENDLESS_BOX = (
    bytes.fromhex("0000000C6A5020200D0A870A") + bytes.fromhex("00000001") + b"free" + b"\xff" * 8 + bytes(64)
)
"""A box with a length of 64 bits, all set; its end is beyond what the machine can count to (F4, seed 1, number 267)."""


def test_a_box_that_claims_to_be_endless_is_refused() -> None:
    with pytest.raises(PictureRefused) as refused:
        read_header(_ENDLESS_BOX, CHIP_BOUNDS)
    assert refused.value.reason == "format"
