"""A film of pictures or of a video file plays in order, fitted into the usual frame, again and again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from appliance.errors import NoCamera
from appliance.simulated.film import FilmCamera
from tests.contract.camera_rigs import PATIENCE_S, take, write_film, write_pictures


def pixels(camera: FilmCamera) -> NDArray[np.uint8]:
    frame = take(camera)
    return np.frombuffer(bytes(frame.rgb), dtype=np.uint8).reshape(frame.height, frame.width, 3)


def shade(camera: FilmCamera) -> int:
    """Return the blue of the frame's middle, without its noise."""
    return round(float(pixels(camera)[260:460, 600:680, 2].mean() + 0.5))


def test_pictures_come_in_the_order_of_their_names_again_and_again(tmp_path: Path) -> None:
    camera = FilmCamera(write_pictures(tmp_path / "film"))
    assert [shade(camera) for _ in range(5)] == [40, 41, 40, 41, 40]


def test_one_picture_alone_is_no_frozen_camera_until_it_freezes(tmp_path: Path) -> None:
    camera = FilmCamera(write_pictures(tmp_path / "film", ((640, 480),)))
    assert bytes(take(camera).rgb) != bytes(take(camera).rgb)
    camera.freeze()
    assert bytes(take(camera).rgb) == bytes(take(camera).rgb)
    camera.resume()
    assert bytes(take(camera).rgb) != bytes(take(camera).rgb)


@pytest.mark.parametrize(
    ("size_px", "shown_px"), [((640, 480), (960, 720)), ((2560, 720), (1280, 360)), ((100, 720), (100, 720))]
)
def test_each_picture_is_shown_whole(
    tmp_path: Path, size_px: tuple[int, int], shown_px: tuple[int, int]
) -> None:
    seen = pixels(FilmCamera(write_pictures(tmp_path / "film", (size_px,))))
    shown = seen[:, :, 0] > 150
    assert (shown.any(axis=0).sum(), shown.any(axis=1).sum()) == pytest.approx(shown_px, abs=2)


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "film", ((64, 48),))
    (folder / "notes.txt").write_text("notes", encoding="utf-8")
    camera = FilmCamera(folder)
    assert [take(camera).width for _ in range(3)] == [1280] * 3


def test_a_picture_stands_as_its_camera_was_held(tmp_path: Path) -> None:
    (tmp_path / "film").mkdir()
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (600, 300), (250, 250, 250)).save(tmp_path / "film" / "0.jpg", exif=turned)
    shown = pixels(FilmCamera(tmp_path / "film"))[:, :, 0] > 200
    assert shown.any(axis=0).sum() < shown.any(axis=1).sum()


def test_a_video_begins_anew_at_its_end(tmp_path: Path) -> None:
    camera = FilmCamera(write_film(tmp_path / "film.avi", frames=3, size_px=(64, 48)))
    shades = [shade(camera) for _ in range(7)]
    assert shades[:3] == shades[3:6]
    assert shades[0] < shades[2]


@pytest.mark.parametrize("content", ["empty folder", "no video", "broken picture", "nothing"])
def test_a_film_without_a_picture_is_no_camera(
    tmp_path: Path, content: str, capfd: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "film"
    if content in {"empty folder", "broken picture"}:
        source.mkdir()
    if content == "broken picture":
        (source / "0.png").write_bytes(b"no picture")
    if content == "no video":
        source.write_bytes(b"no video")
    camera = FilmCamera(source)
    for _ in range(2):
        with pytest.raises(NoCamera), camera.frame(PATIENCE_S):
            pass
    assert capfd.readouterr() == ("", "")
