"""The application photo's file: cut to 35 x 45, JPEG in three colours, within the upload's limits."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from appliance.domain.ephemeral import Frame
from appliance.errors import PictureRefused
from appliance.face.application_file import find_crop, read_photo_file, write_application_photo
from appliance.face.application_photo import PROPORTION, PhotoRule, inspect_face, inspect_file
from appliance.face.backdrop import measure_backdrop
from appliance.face.detection import FivePoints
from appliance.simulated.portraits import live_frame
from tests.face.seen_frames import find, grey, look_at


def eyes_at(x: float, y: float, distance: float) -> FivePoints:
    return FivePoints(((x + distance / 2, y), (x - distance / 2, y)), (x, y + 0.76 * distance))


def blank(shade: int = 120) -> Frame:
    return Frame(1280, 720, bytearray([shade]) * (1280 * 720 * 3))


@pytest.mark.parametrize(
    ("points", "box"),
    [
        (eyes_at(640, 300, 150), (385, 4, 895, 659)),
        (eyes_at(640, 100, 150), (385, 0, 895, 655)),
        (eyes_at(100, 300, 150), (0, 4, 510, 659)),
        (eyes_at(1200, 700, 150), (770, 64, 1280, 719)),
        (eyes_at(640, 300, 400), (360, 0, 920, 720)),
    ],
)
def test_the_face_stands_in_the_box_and_the_box_in_the_frame(
    points: FivePoints, box: tuple[int, int, int, int]
) -> None:
    assert find_crop((1280, 720), points) == box


def test_a_face_too_far_away_is_refused_rather_than_enlarged() -> None:
    with pytest.raises(PictureRefused) as refused:
        find_crop((1280, 720), eyes_at(640, 300, 140))
    assert refused.value.reason == "dimensions"


@given(st.floats(0, 1280), st.floats(0, 720), st.floats(142, 600))
def test_any_near_face_gives_a_box_that_keeps_the_rules(x: float, y: float, distance: float) -> None:
    left, top, right, bottom = find_crop((1280, 720), eyes_at(x, y, distance))
    assert 0 <= left < right <= 1280
    assert 0 <= top < bottom <= 720
    assert (right - left) / (bottom - top) == pytest.approx(PROPORTION, rel=0.005)
    assert right - left >= 480


@pytest.mark.parametrize("portrait", ["astronaut", "hopper"])
def test_a_photo_of_a_person_keeps_every_rule_of_the_file(portrait: str) -> None:
    with live_frame(portrait, 1.0, 0.0, 0.5, seed=1) as frame:
        content = write_application_photo(frame, find_crop((1280, 720), find(grey(frame))[0].points))
    assert inspect_file(read_photo_file(content)) == []
    with Image.open(io.BytesIO(content)) as opened:
        assert (opened.format, opened.mode) == ("JPEG", "RGB")
        assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
        photo = np.asarray(opened.convert("L")).copy()
    findings = inspect_face(look_at(photo), photo.shape[0], measure_backdrop(photo, find(photo)[0].points))
    assert {finding.rule for finding in findings} <= {PhotoRule.PLAIN_BACKDROP, PhotoRule.LIGHT}


def test_colours_come_out_as_they_were() -> None:
    frame = blank()
    noise = np.random.default_rng(1).integers(0, 60, 1280 * 720, dtype=np.uint8)
    np.frombuffer(frame.rgb, dtype=np.uint8).reshape(-1, 3)[:, 0] = 180 + noise
    with Image.open(io.BytesIO(write_application_photo(frame, (0, 0, 560, 720)))) as opened:
        red, green, blue = np.asarray(opened).reshape(-1, 3).mean(axis=0)
    assert red == pytest.approx(210, abs=3)
    assert (green, blue) == pytest.approx((120, 120), abs=3)


def test_a_picture_of_nothing_is_refused() -> None:
    with pytest.raises(PictureRefused) as refused:
        write_application_photo(blank(), (0, 0, 560, 720))
    assert refused.value.reason == "size"


@pytest.mark.parametrize(("file_format", "mode"), [("PNG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK")])
def test_other_files_are_known_for_what_they_are(file_format: str, mode: str) -> None:
    stream = io.BytesIO()
    Image.new(mode, (70, 90)).save(stream, file_format)
    said = read_photo_file(stream.getvalue())
    assert (said.is_rgb_jpeg, said.width_px, said.height_px) == (False, 70, 90)
    assert said.size_bytes == len(stream.getvalue())


@pytest.mark.parametrize("content", [b"", b"text", b"\xff\xd8\xff\xe0"])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(PictureRefused) as refused:
        read_photo_file(content)
    assert refused.value.reason == "format"
