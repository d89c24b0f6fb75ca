"""Chip pictures are decoded in a process that may fail, and the unit gets a picture or a reason (hazard H11)."""

from __future__ import annotations

import io
import os
import random
import select
import signal

import pytest
from PIL import Image

from appliance.errors import PictureRefused
from appliance.pictures.guarded import PictureChild
from tests.pictures.conftest import claim_in_jp2, encode


def process_of(child: PictureChild) -> int:
    assert child.process_id is not None
    return child.process_id


def test_a_photo_comes_back_in_grey(child: PictureChild, photo: bytes) -> None:
    with Image.open(io.BytesIO(photo)) as image:
        expected = image.convert("L").tobytes()
    with child.decode(photo) as picture:
        assert (picture.width, picture.height, bytes(picture.grey)) == (240, 320, expected)


def test_a_name_picture_comes_back(child: PictureChild, name_picture: bytes) -> None:
    with child.decode(name_picture) as picture:
        assert (picture.width, picture.height) == (320, 24)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "size"),
        (b"not a picture", "format"),
        (encode("L", (20, 20), "JPEG"), "format"),
        (encode("L", (240, 320), "JPEG2000")[:300], "decode"),
        (claim_in_jp2(encode("L", (8, 8), "JPEG2000"), 10_000, 10_000), "dimensions"),
    ],
)
def test_a_bad_picture_is_refused_and_the_process_goes_on(
    child: PictureChild, photo: bytes, content: bytes, reason: str
) -> None:
    child.decode(photo).wipe()
    process = process_of(child)
    with pytest.raises(PictureRefused) as refused:
        child.decode(content)
    assert refused.value.reason == reason
    assert process_of(child) == process


def test_a_picture_out_of_bounds_never_starts_a_process() -> None:
    with PictureChild() as idle:
        with pytest.raises(PictureRefused):
            idle.decode(b"not a picture")
        assert idle.process_id is None


def test_a_process_that_died_is_replaced(child: PictureChild, photo: bytes) -> None:
    child.decode(photo).wipe()
    process = process_of(child)
    watch = os.pidfd_open(process)
    os.kill(process, signal.SIGKILL)
    select.select([watch], [], [], 20.0)
    os.close(watch)
    child.decode(photo).wipe()
    assert process_of(child) != process


def test_a_hung_process_is_replaced(photo: bytes) -> None:
    with PictureChild(deadline_s=0.3) as hanging:
        hanging.decode(photo).wipe()
        process = process_of(hanging)
        os.kill(process, signal.SIGSTOP)
        with pytest.raises(PictureRefused) as refused:
            hanging.decode(photo)
        assert refused.value.reason == "time"
        hanging.decode(photo).wipe()
        assert process_of(hanging) != process


def test_closing_ends_the_process_and_may_be_repeated(photo: bytes) -> None:
    child = PictureChild()
    child.start()
    child.decode(photo).wipe()
    child.close()
    child.close()
    assert child.process_id is None


def test_after_closing_no_process_comes_back(photo: bytes) -> None:
    child = PictureChild()
    child.close()
    child.start()
    with pytest.raises(PictureRefused):
        child.decode(photo)
    assert child.process_id is None


def test_damaged_photos_never_do_more_than_be_refused(child: PictureChild, photo: bytes) -> None:
    chance = random.Random(11)
    answers = set()
    for _ in range(400):
        damaged = bytearray(photo)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            child.decode(bytes(damaged)).wipe()
            answers.add("decoded")
        except PictureRefused as refused:
            answers.add(refused.reason)
    assert answers <= {"decoded", "format", "dimensions", "decode", "memory"}
    assert "decode" in answers
