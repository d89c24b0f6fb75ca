"""The USB camera: one step at a time, left behind when it never ends, found anew under another node."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.domain.ephemeral import Frame
from appliance.errors import CameraSilent, NoCamera
from appliance.hardware.attached_cameras import AttachedCamera
from appliance.hardware.camera_v4l2 import OpenCvCapture, V4l2Camera
from tests.contract.camera_rigs import PATIENCE_S, UsbRig, take, write_film


@pytest.fixture
def rig() -> Iterator[UsbRig]:
    made = UsbRig()
    yield made
    made.flows.set()


def get_stuck(rig: UsbRig, camera: V4l2Camera) -> None:
    rig.flows.clear()
    with pytest.raises(CameraSilent):
        take(camera, 0.02)


def unstick_elsewhere(rig: UsbRig) -> None:
    """Let new reads flow while the stuck one stays stuck."""
    rig.flows = type(rig.flows)()
    rig.flows.set()


def test_colours_are_put_in_order(rig: UsbRig) -> None:
    frame = take(rig.camera())
    assert bytes(frame.rgb[:6]) == bytes([255, 0, 0, 20, 10, 200])


def test_the_library_s_pixels_are_overwritten(rig: UsbRig) -> None:
    take(rig.camera())
    assert not any(pixels.any() for pixels in rig.captures[0].given)


def test_it_is_opened_with_the_first_frame_and_only_once(rig: UsbRig) -> None:
    camera = rig.camera()
    assert rig.captures == []
    for _ in range(3):
        take(camera)
    assert len(rig.captures) == 1


def test_any_size_the_camera_gives_is_taken(rig: UsbRig) -> None:
    rig.shape = (480, 640, 3)
    frame = take(rig.camera())
    assert (frame.width, frame.height) == (640, 480)


def test_pixels_without_three_colours_are_no_camera_s(rig: UsbRig) -> None:
    rig.shape = (480, 640, 1)
    with pytest.raises(NoCamera):
        take(rig.camera())
    assert rig.captures[0].releases == 1


@pytest.mark.parametrize(("pause_s", "grabs"), [(0.1, 0), (0.5, 0), (0.6, 4), (60.0, 4)])
def test_after_a_pause_what_the_buffers_still_hold_is_thrown_away(
    rig: UsbRig, pause_s: float, grabs: int
) -> None:
    camera = rig.camera()
    take(camera)
    rig.now_s += pause_s
    take(camera)
    assert rig.captures[0].grabs == grabs


def test_a_read_that_fails_releases_the_device_and_the_next_frame_opens_it_anew(rig: UsbRig) -> None:
    camera = rig.camera()
    rig.read_error = OSError("read")
    rig.release_error = OSError("gone")
    with pytest.raises(NoCamera):
        take(camera)
    rig.read_error = None
    take(camera)
    assert [capture.releases for capture in rig.captures] == [1, 0]


def test_a_short_hang_keeps_the_device(rig: UsbRig) -> None:
    camera = rig.camera()
    get_stuck(rig, camera)
    rig.now_s += 3.9
    with pytest.raises(CameraSilent):
        take(camera, 0.02)
    rig.flows.set()
    take(camera)
    assert len(rig.captures) == 1


def test_a_long_hang_is_left_behind_and_the_camera_is_found_under_its_new_node(rig: UsbRig) -> None:
    camera = rig.camera()
    stuck = rig.flows
    get_stuck(rig, camera)
    rig.plug(1)
    unstick_elsewhere(rig)
    rig.now_s += 4.0
    assert any(take(camera).rgb)
    assert [capture.node.name for capture in rig.captures] == ["video0", "video1"]
    assert rig.captures[0].releases == 0
    stuck.set()
    left = camera._left_behind[0]
    assert left.is_over(PATIENCE_S)
    assert rig.captures[0].releases == 1


def test_what_a_step_left_behind_still_brings_is_overwritten(
    rig: UsbRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Frame] = []

    def make(width: int, height: int, rgb: bytearray) -> Frame:
        made.append(Frame(width, height, rgb))
        return made[-1]

    monkeypatch.setattr("appliance.hardware.camera_v4l2.Frame", make)
    camera = rig.camera()
    get_stuck(rig, camera)
    rig.flows.set()
    camera.close()
    assert len(made) == 1
    assert not any(made[0].rgb)


def test_after_three_left_behind_it_stays_silent_until_one_comes_back(rig: UsbRig) -> None:
    camera = rig.camera()
    first = rig.flows
    for _ in range(3):
        get_stuck(rig, camera)
        rig.now_s += 4.0
        unstick_elsewhere(rig)
    get_stuck(rig, camera)
    fourth = rig.flows
    rig.now_s += 4.0
    unstick_elsewhere(rig)
    with pytest.raises(CameraSilent):
        take(camera, 0.02)
    first.set()
    assert camera._left_behind[0].is_over(PATIENCE_S)
    assert any(take(camera).rgb)
    fourth.set()


def test_closing_a_stuck_camera_does_not_hold_up_the_end(
    rig: UsbRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.hardware.camera_v4l2._CLOSE_WAIT_S", 0.02)
    camera = rig.camera()
    get_stuck(rig, camera)
    camera.close()
    with pytest.raises(NoCamera):
        take(camera)
    step = camera._step
    rig.flows.set()
    assert step is not None
    assert step.is_over(PATIENCE_S)
    assert rig.captures[0].releases == 1


def test_it_bears_the_name_of_the_camera_that_is_attached(rig: UsbRig) -> None:
    assert rig.camera().name == "Desk camera"
    rig.unplug()
    assert rig.camera().name == "USB camera"


def test_opencv_reads_a_video_in_blue_green_red(tmp_path: Path) -> None:
    capture = OpenCvCapture(write_film(tmp_path / "film.avi", frames=2, size_px=(64, 48)))
    assert capture.read().shape == (48, 64, 3)
    assert capture.grab()
    assert capture.read() is None
    capture.release()


@pytest.mark.parametrize("source", ["nothing there", "no video"])
def test_what_does_not_open_is_no_camera(tmp_path: Path, source: str) -> None:
    file = tmp_path / source
    if source == "no video":
        file.write_bytes(b"text")
    with pytest.raises(OSError, match="open"):
        OpenCvCapture(file)
    with pytest.raises(NoCamera):
        take(V4l2Camera(lambda: [AttachedCamera(file, "")]))


def test_opencv_says_nothing_on_the_screen(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(OSError, match="open"):
        OpenCvCapture(tmp_path / "nothing there")
    assert capfd.readouterr() == ("", "")


def test_without_opencv_there_is_no_camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(NoCamera):
        take(V4l2Camera(lambda: [AttachedCamera(tmp_path, "")]))
