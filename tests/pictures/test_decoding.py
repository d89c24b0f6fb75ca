"""What passes the bounds is decoded to grey, or refused with a reason."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from appliance.domain.ephemeral import GreyPicture
from appliance.errors import PictureRefused
from appliance.pictures.decoding import decode_grey
from appliance.pictures.header import CHIP_BOUNDS, FILE_BOUNDS
from tests.pictures.conftest import claim_in_jp2, encode


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P"])
def test_png_pixels_are_the_pillow_grey(mode: str) -> None:
    content = encode(mode, (40, 30), "PNG")
    with Image.open(io.BytesIO(content)) as image:
        expected = image.convert("L").tobytes()
    picture = decode_grey(content, CHIP_BOUNDS)
    assert (picture.width, picture.height, bytes(picture.grey)) == (40, 30, expected)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_jpeg_2000_pixels_are_the_pillow_grey(mode: str) -> None:
    content = encode(mode, (240, 320), "JPEG2000")
    with Image.open(io.BytesIO(content)) as image:
        expected = image.convert("L").tobytes()
    picture = decode_grey(content, CHIP_BOUNDS)
    assert (picture.width, picture.height, bytes(picture.grey)) == (240, 320, expected)


def test_a_one_bit_picture_is_black_and_white(name_picture: bytes) -> None:
    assert set(decode_grey(name_picture, CHIP_BOUNDS).grey) == {0, 255}


def test_a_jpeg_lying_on_its_side_is_set_upright() -> None:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("L", (60, 40), 80).save(stream, "JPEG", exif=exif)
    picture = decode_grey(stream.getvalue(), FILE_BOUNDS)
    assert (picture.width, picture.height) == (40, 60)


@pytest.mark.parametrize("kept", [0.4, 0.7, 0.95])
def test_a_truncated_photo_is_refused(photo: bytes, kept: float) -> None:
    with pytest.raises(PictureRefused) as refused:
        decode_grey(photo[: int(len(photo) * kept)], CHIP_BOUNDS)
    assert refused.value.reason == "decode"


def test_a_truncated_png_is_refused() -> None:
    content = encode("L", (200, 200), "PNG")
    with pytest.raises(PictureRefused) as refused:
        decode_grey(content[: len(content) // 2], CHIP_BOUNDS)
    assert refused.value.reason == "decode"


def test_a_photo_that_claims_more_than_it_holds_never_outgrows_its_claim(photo: bytes) -> None:
    picture = decode_grey(claim_in_jp2(photo, 1_000, 1_000), CHIP_BOUNDS)
    assert len(picture.grey) == 1_000_000


def test_a_refusal_holds_no_byte_of_the_picture(photo: bytes) -> None:
    with pytest.raises(PictureRefused) as refused:
        decode_grey(photo[:400], CHIP_BOUNDS)
    assert str(refused.value) == "PictureRefused(reason='decode')"


def test_a_grey_picture_overwrites_itself() -> None:
    buffer = bytearray(range(6))
    with GreyPicture(3, 2, buffer):
        assert any(buffer)
    assert buffer == bytes(6)


def test_a_grey_picture_shows_its_size_only() -> None:
    assert repr(GreyPicture(3, 2, bytearray(b"secret"))) == "GreyPicture(3x2)"


def test_a_grey_picture_needs_all_its_pixels() -> None:
    with pytest.raises(ValueError, match="grey length"):
        GreyPicture(3, 2, bytearray(5))
