"""What every camera must do; `camera_rigs` says how each is made to run without its hardware."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.domain.ephemeral import Frame
from appliance.errors import CameraSilent, CameraTrouble, NoCamera
from tests.contract.camera_rigs import BENCHES, PATIENCE_S, Bench, take


@pytest.fixture(params=BENCHES.values(), ids=list(BENCHES))
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made: Bench = request.param(tmp_path)
    yield made
    made.resume()
    made.camera.close()


def test_it_has_a_name(bench: Bench) -> None:
    assert bench.camera.name


def test_a_frame_is_large_enough_and_shows_something(bench: Bench) -> None:
    frame = take(bench.camera)
    assert (frame.width, frame.height) == (1280, 720)
    assert any(frame.rgb)


def test_a_frame_is_overwritten_when_its_loan_ends(bench: Bench) -> None:
    with bench.camera.frame(PATIENCE_S) as frame:
        assert any(frame.rgb)
    assert not any(frame.rgb)


def test_a_frame_is_overwritten_when_its_user_fails(bench: Bench) -> None:
    loan = bench.camera.frame(PATIENCE_S)
    frame = loan.__enter__()
    assert any(frame.rgb)
    loan.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
    assert not any(frame.rgb)


def test_two_frames_may_be_held_at_once(bench: Bench) -> None:
    with bench.camera.frame(PATIENCE_S) as one, bench.camera.frame(PATIENCE_S) as other:
        assert one is not other
        assert any(one.rgb)
        assert any(other.rgb)


def test_many_frames_come_one_after_the_other(bench: Bench) -> None:
    assert all(any(take(bench.camera).rgb) for _ in range(8))


def test_a_hanging_camera_is_silent_after_its_deadline(bench: Bench) -> None:
    bench.hang()
    with pytest.raises(CameraSilent) as silent:
        take(bench.camera, 0.05)
    assert silent.value.deadline_s == 0.05


def test_a_camera_comes_back_after_hanging(bench: Bench) -> None:
    take(bench.camera)
    bench.hang()
    for _ in range(3):
        with pytest.raises(CameraSilent):
            take(bench.camera, 0.02)
    bench.resume()
    assert any(take(bench.camera).rgb)


def test_an_unplugged_camera_is_no_camera_and_comes_back(bench: Bench) -> None:
    take(bench.camera)
    bench.unplug()
    for _ in range(2):
        with pytest.raises(NoCamera):
            take(bench.camera)
    bench.plug()
    assert any(take(bench.camera).rgb)


def test_a_closed_camera_is_no_camera_and_may_be_closed_again(bench: Bench) -> None:
    take(bench.camera)
    bench.camera.close()
    bench.camera.close()
    with pytest.raises(NoCamera):
        take(bench.camera)


def test_a_camera_that_was_never_used_can_be_closed(bench: Bench) -> None:
    bench.camera.close()
    with pytest.raises(NoCamera):
        take(bench.camera)


def test_a_frame_is_its_borrower_s_own(bench: Bench) -> None:
    with bench.camera.frame(PATIENCE_S) as one, bench.camera.frame(PATIENCE_S) as other:
        one.wipe()
        assert any(other.rgb)


def test_it_can_be_closed_from_another_thread_while_a_frame_is_waited_for(bench: Bench) -> None:
    bench.hang()
    ends: list[CameraTrouble | Frame] = []

    def wait() -> None:
        try:
            ends.append(take(bench.camera, 0.3))
        except CameraTrouble as error:
            ends.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    bench.camera.close()
    waiting.join(PATIENCE_S)
    assert isinstance(ends[0], CameraSilent | NoCamera)
    bench.resume()
    with pytest.raises(NoCamera):
        take(bench.camera)


def test_pulled_out_while_it_hangs_it_comes_back_when_plugged_in(bench: Bench) -> None:
    take(bench.camera)
    bench.hang()
    with pytest.raises(CameraSilent):
        take(bench.camera, 0.02)
    bench.unplug()
    bench.resume()
    with pytest.raises(NoCamera):
        take(bench.camera)
    bench.plug()
    assert any(take(bench.camera).rgb)


def test_two_hundred_hangs_in_a_row_each_end_at_their_deadline(bench: Bench) -> None:
    bench.hang()
    for _ in range(200):
        with pytest.raises(CameraSilent):
            take(bench.camera, 0.001)
    bench.resume()
    assert any(take(bench.camera).rgb)
