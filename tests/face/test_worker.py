"""The face engine in its worker: same answers, deadlines, and a new worker for a lost one (H11, H12)."""

from __future__ import annotations

import contextlib
import io
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FaceBand, FrameHint
from appliance.errors import FaceEngineSilent, FaceWeightsRefused, NoFace, PictureRefused, SeveralFaces
from appliance.face.engine import DlibEngine
from appliance.face.supervision import SupervisedWorker
from appliance.face.worker import Deadlines, WorkerFaceEngine
from appliance.pictures.confinement import Cause, Confinement, Lost, Message
from appliance.pictures.exchange import Stage
from tests.face.conftest import altered_evidence, blank, seen
from tests.face.test_engine import side_by_side

Chips = dict[str | None, bytes]
PATIENCE_S = 30.0


def process_of(worker: WorkerFaceEngine) -> int:
    """Return the process that looks."""
    assert worker._watching.process_id is not None
    return worker._watching.process_id


def wait_for_end(process_id: int) -> bool:
    try:
        watch = os.pidfd_open(process_id)
    except ProcessLookupError:
        return True
    ended, _, _ = select.select([watch], [], [], PATIENCE_S)
    os.close(watch)
    return bool(ended)


@pytest.mark.parametrize("person", ["astronaut", "hopper"])
def test_the_worker_answers_as_the_engine_does(
    worker: WorkerFaceEngine, engine: DlibEngine, chips: Chips, person: str
) -> None:
    frames = [seen(person, seed=1), seen(person, angle_deg=4.0, seed=2)]
    assert worker.look(frames[0]) == engine.look(frames[0])
    for card in ("astronaut", "hopper"):
        assert worker.compare(chips[card], frames) == engine.compare(chips[card], frames)


def test_the_bands_of_the_training_people(worker: WorkerFaceEngine, chips: Chips) -> None:
    bands = {
        (card, person): worker.compare(chips[card], [seen(person)]).band
        for card in ("astronaut", "hopper")
        for person in ("astronaut", "hopper")
    }
    assert bands == {
        ("astronaut", "astronaut"): FaceBand.MATCH,
        ("hopper", "hopper"): FaceBand.MATCH,
        ("astronaut", "hopper"): FaceBand.UNLIKE,
        ("hopper", "astronaut"): FaceBand.UNLIKE,
    }


def test_errors_arrive_typed_and_the_worker_goes_on(worker: WorkerFaceEngine, chips: Chips) -> None:
    processes = worker.process_ids
    with pytest.raises(NoFace) as nobody:
        worker.compare(chips["hopper"], [blank()])
    assert nobody.value.where == "live_frame"
    with pytest.raises(NoFace):
        worker.compare(chips[None], [seen("hopper")])
    with pytest.raises(SeveralFaces):
        worker.compare(chips["hopper"], [side_by_side("astronaut", "hopper")])
    for photo in (b"", b"no picture", (chips["hopper"] or b"")[:2_000]):
        with pytest.raises(PictureRefused):
            worker.compare(photo, [seen("hopper")])
    assert worker.process_ids == processes


def test_more_frames_than_the_exchange_holds_are_refused(worker: WorkerFaceEngine, chips: Chips) -> None:
    frame = blank()
    with pytest.raises(PictureRefused) as refused:
        worker.compare(chips["hopper"], [frame] * 40)
    assert refused.value.reason == "size"
    assert worker.look(frame).hint is FrameHint.NO_FACE


def test_frames_stay_the_caller_s(worker: WorkerFaceEngine, chips: Chips) -> None:
    frame = seen("hopper")
    before = bytes(frame.rgb)
    worker.look(frame)
    worker.compare(chips["hopper"], [frame])
    assert frame.rgb == before


@pytest.mark.parametrize("person", ["hopper", None])
def test_nothing_stays_in_the_exchange(worker: WorkerFaceEngine, chips: Chips, person: str | None) -> None:
    try:
        worker.compare(chips["hopper"], [seen(person)])
    except NoFace:
        assert person is None
    worker.look(seen("hopper"))
    for part in (worker._watching, worker._comparing):
        with part._confinement.exchange.view(0, 4_000_000) as view:
            assert view.tobytes() == bytes(4_000_000)


def test_a_worker_that_died_between_calls_is_replaced(chips: Chips) -> None:
    with WorkerFaceEngine() as worker:
        worker.warm()
        process = process_of(worker)
        os.kill(process, signal.SIGKILL)
        assert wait_for_end(process)
        with contextlib.suppress(FaceEngineSilent):
            worker.look(seen("hopper"))
        worker.warm()
        assert worker.look(seen("hopper")).hint is FrameHint.GOOD
        assert process_of(worker) != process


def test_a_worker_that_still_loads_is_not_waited_for_beyond_the_deadline() -> None:
    with WorkerFaceEngine(deadlines=Deadlines(look_s=0.2, start_s=PATIENCE_S)) as worker:
        process = process_of(worker)
        os.kill(process, signal.SIGSTOP)
        with pytest.raises(FaceEngineSilent):
            worker.look(seen("hopper"))
        assert process_of(worker) == process
        os.kill(process, signal.SIGCONT)
        worker.warm()
        assert process_of(worker) == process


def test_a_worker_that_took_most_of_the_deadline_to_load_is_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    with WorkerFaceEngine(deadlines=Deadlines(look_s=PATIENCE_S)) as worker:
        worker.warm()
        process = process_of(worker)
        left_s = iter([PATIENCE_S, PATIENCE_S / 2])
        monkeypatch.setattr("appliance.face.supervision.remaining_s", lambda deadline_at: next(left_s))
        with pytest.raises(FaceEngineSilent):
            worker.look(seen("hopper"))
        monkeypatch.undo()
        assert worker.look(seen("hopper")).hint is FrameHint.GOOD
        assert process_of(worker) == process


def test_the_loss_of_the_one_that_compares_leaves_the_one_that_looks(chips: Chips) -> None:
    with WorkerFaceEngine() as worker:
        worker.warm()
        looking, comparing = worker.process_ids
        os.kill(comparing, signal.SIGKILL)
        assert wait_for_end(comparing)
        assert worker.look(seen("hopper")).hint is FrameHint.GOOD
        assert process_of(worker) == looking
        # The look has started the next one already.
        assert worker.process_ids[1] != comparing
        worker.warm()
        assert worker.compare(chips["hopper"], [seen("hopper")]).band is FaceBand.MATCH


def test_looking_goes_on_while_faces_are_compared(chips: Chips) -> None:
    with WorkerFaceEngine(deadlines=Deadlines(compare_s=PATIENCE_S)) as worker:
        worker.warm()
        comparing = worker.process_ids[1]
        os.kill(comparing, signal.SIGSTOP)
        bands: list[FaceBand] = []
        asking = threading.Thread(
            target=lambda: bands.append(worker.compare(chips["hopper"], [seen("hopper")]).band)
        )
        asking.start()
        assert worker.look(seen("hopper")).hint is FrameHint.GOOD
        assert bands == []
        os.kill(comparing, signal.SIGCONT)
        asking.join(PATIENCE_S)
        assert bands == [FaceBand.MATCH]


def test_a_hung_worker_is_killed_and_replaced() -> None:
    with WorkerFaceEngine(deadlines=Deadlines(look_s=0.5)) as worker:
        worker.warm()
        process = process_of(worker)
        os.kill(process, signal.SIGSTOP)
        with pytest.raises(FaceEngineSilent) as silent:
            worker.look(seen("hopper"))
        assert silent.value.deadline_s == 0.5
        assert wait_for_end(process)
        worker.warm()
        assert process_of(worker) != process


def test_a_worker_that_never_loads_is_given_up() -> None:
    with WorkerFaceEngine(deadlines=Deadlines(start_s=0.3)) as worker:
        os.kill(process_of(worker), signal.SIGSTOP)
        with pytest.raises(FaceEngineSilent) as silent:
            worker.warm()
        assert silent.value.deadline_s == 0.3


def answer_with(worker: SupervisedWorker, monkeypatch: pytest.MonkeyPatch, answer: Lost | Message) -> None:
    """Let the worker's next answer be `answer`; a lost worker is truly gone."""
    worker.warm()
    confinement = worker._confinement

    def receive(deadline_s: float) -> Lost | Message:
        Confinement.receive(confinement, deadline_s)
        if isinstance(answer, Lost):
            confinement.end()
        return answer

    monkeypatch.setattr(confinement, "receive", receive)


@pytest.mark.parametrize(
    ("cause", "stage", "expected"),
    [
        (Cause.DIED, Stage.DECODING, PictureRefused("decode")),
        (Cause.GARBLED, Stage.DECODING, PictureRefused("decode")),
        (Cause.OVERTIME, Stage.DECODING, PictureRefused("time")),
        (Cause.LATE, Stage.DECODING, PictureRefused("time")),
        (Cause.DIED, Stage.IDLE, FaceEngineSilent(20.0)),
        (Cause.LATE, Stage.IDLE, FaceEngineSilent(20.0)),
    ],
)
def test_a_worker_lost_in_the_decoder_blames_the_picture(
    worker: WorkerFaceEngine,
    chips: Chips,
    monkeypatch: pytest.MonkeyPatch,
    cause: Cause,
    stage: Stage,
    expected: PictureRefused | FaceEngineSilent,
) -> None:
    answer_with(worker._comparing, monkeypatch, Lost(cause, stage))
    with pytest.raises(type(expected)) as raised:
        worker.compare(chips["hopper"], [seen("hopper")])
    monkeypatch.undo()
    assert str(raised.value) == str(expected)
    worker.warm()
    assert worker.compare(chips["hopper"], [seen("hopper")]).band is FaceBand.MATCH


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"hint": "perfect", "faces": 1, "face_height_px": 1, "luma": 1, "sharpness": 1, "turn": 0},
        {"hint": "good", "faces": "1", "face_height_px": 1, "luma": 1, "sharpness": 1, "turn": 0},
        {"hint": "good", "faces": 1, "face_height_px": 1, "luma": None, "sharpness": 1, "turn": 0},
        {"error": "SystemExit", "fields": {}},
    ],
)
def test_a_worker_that_talks_nonsense_counts_as_silent(
    worker: WorkerFaceEngine, monkeypatch: pytest.MonkeyPatch, words: Message
) -> None:
    answer_with(worker._watching, monkeypatch, words)
    with pytest.raises(FaceEngineSilent):
        worker.look(seen("hopper"))
    monkeypatch.undo()
    worker.warm()
    assert worker.look(seen("hopper")).hint is FrameHint.GOOD


def test_weights_without_evidence_are_refused_each_time(tmp_path: Path) -> None:
    with WorkerFaceEngine(altered_evidence(tmp_path, ("55533b28", "00000000"))) as worker:
        for ask in (worker.warm, lambda: worker.look(seen("hopper")), worker.warm):
            with pytest.raises(FaceWeightsRefused) as refused:
                ask()
            assert refused.value.name == "dlib_face_recognition_resnet_model_v1.dat"


def test_closing_ends_the_worker_and_may_be_repeated() -> None:
    worker = WorkerFaceEngine()
    process = process_of(worker)
    worker.close()
    worker.close()
    assert worker.process_ids == ()
    assert wait_for_end(process)
    with pytest.raises(FaceEngineSilent):
        worker.look(seen("hopper"))


def test_closing_ends_a_call_in_progress() -> None:
    worker = WorkerFaceEngine(deadlines=Deadlines(look_s=PATIENCE_S))
    worker.warm()
    os.kill(process_of(worker), signal.SIGSTOP)
    outcomes: list[str] = []

    def look() -> None:
        try:
            worker.look(seen("hopper"))
        except FaceEngineSilent as silent:
            outcomes.append(type(silent).__name__)

    asking = threading.Thread(target=look)
    asking.start()
    while not worker._watching._turn.locked():
        asking.join(0.01)
    worker.close()
    asking.join(PATIENCE_S)
    assert outcomes == ["FaceEngineSilent"]
    assert worker.process_ids == ()


def test_a_call_that_cannot_have_its_turn_in_time_is_silent(worker: WorkerFaceEngine) -> None:
    impatient = WorkerFaceEngine(deadlines=Deadlines(look_s=0.05))
    impatient.warm()
    with impatient._watching._turn, pytest.raises(FaceEngineSilent):
        impatient.look(seen("hopper"))
    impatient.close()


def test_threads_take_turns(worker: WorkerFaceEngine, chips: Chips) -> None:
    bands: list[FaceBand] = []

    def compare(card: str, person: str) -> None:
        bands.append(worker.compare(chips[card], [seen(person)]).band)

    threads = [
        threading.Thread(target=compare, args=pair)
        for pair in [("hopper", "hopper"), ("astronaut", "hopper")] * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(band.value for band in bands) == ["match", "match", "unlike", "unlike"]


def test_the_worker_needs_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    # Inside a Textual app the standard streams have no file descriptors.
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.StringIO())
    with WorkerFaceEngine() as worker:
        worker.warm()
        assert worker.look(blank()).hint is FrameHint.NO_FACE


LIGHT_IMPORT = """
import sys
import appliance.face.worker, appliance.face.picture_pair, appliance.pictures.guarded
print([name for name in ("numpy", "dlib", "PIL", "multiprocessing") if name in sys.modules])
"""
ORPHANING = """
import signal
from appliance.face.worker import WorkerFaceEngine
worker = WorkerFaceEngine()
worker.warm()
print(*worker.process_ids, flush=True)
signal.pause()
"""
ROOT = Path(__file__).parents[2]


def test_the_unit_s_side_imports_nothing_heavy() -> None:
    said = subprocess.run(
        [sys.executable, "-c", LIGHT_IMPORT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"


def test_the_worker_dies_with_its_parent_and_needs_no_importable_main() -> None:
    parent = subprocess.Popen([sys.executable, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(ORPHANING.encode())
    parent.stdin.close()
    process_ids = [int(word) for word in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert len(process_ids) == 2
    assert all(wait_for_end(process_id) for process_id in process_ids)


def test_a_frame_of_another_size_is_as_good(worker: WorkerFaceEngine) -> None:
    assert worker.look(Frame(64, 48, bytearray(64 * 48 * 3))).hint is FrameHint.NO_FACE
