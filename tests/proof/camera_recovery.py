"""A camera that hangs or is unplugged, and workers that die, stop or are slow, many times over (proof.md G2, H12).

One camera and one engine live through it all. While frames are looked at and compared, trouble begins at a moment that
the seed chooses. Whoever asked must have an answer or the visual check within three seconds; once the trouble is over, a
good frame and a comparison must come within ten.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.domain.face_advice import FaceBand
from appliance.errors import CameraTrouble
from appliance.face.worker import WorkerFaceEngine
from appliance.service.face_burst import FRAMES_PER_COMPARISON
from appliance.service.face_watch import FRAME_DEADLINE_S
from appliance.service.outcomes import OUTCOMES, Outcome
from appliance.simulated.camera import RecordedCamera
from appliance.simulated.portraits import chip_photo
from appliance.simulated.scenes import Recording, Scene

OFFERED_WITHIN_S: Final = 3.0
BACK_WITHIN_S: Final = 10.0
"""proof.md G2, "must"."""
_PORTRAIT: Final = "hopper"
_SITTING: Final = Recording(arriving=(), settled=(Scene(), Scene(angle_deg=3.0)))
_LATEST_S: Final = 0.4
"""Trouble begins at most so long after the work: about two comparisons."""
_SLOWEST_S: Final = 2.0
_MISSED_PAUSE_S: Final = 0.05
"""Between two tries while the trouble's end is waited for."""


@dataclass(frozen=True, slots=True)
class HangReport:
    """What a campaign saw."""

    cycles: int
    offered: int
    """Cycles in which the visual check was offered; in the others an answer came all the same."""
    slowest_offer_s: float
    """The longest time from the trouble's begin to an answer or the offer."""
    median_offer_s: float
    slowest_back_s: float
    """The longest time from the trouble's end to a good frame and a comparison."""
    median_back_s: float
    handles_before: int
    handles_after: int
    """Open file descriptors of this process."""
    threads_before: int
    threads_after: int


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Something that goes wrong, and how it ends."""

    name: str
    begin: Callable[[_Stand], None]
    end: Callable[[_Stand], None]


class _Stand:
    """The camera, the engine and a chip photo."""

    def __init__(self, camera: RecordedCamera, engine: WorkerFaceEngine) -> None:
        self.camera = camera
        self.engine = engine
        self._photo = chip_photo(_PORTRAIT)

    def look(self) -> bool:
        """Look at one frame as a visit does; tell whether it is good."""
        with self.camera.frame(FRAME_DEADLINE_S) as frame:
            return self.engine.look(frame).is_good

    def compare(self) -> bool:
        """Compare as a visit does; tell whether the advice is right."""
        with ExitStack() as in_use:
            frames = [
                in_use.enter_context(self.camera.frame(FRAME_DEADLINE_S))
                for _ in range(FRAMES_PER_COMPARISON)
            ]
            return self.engine.compare(self._photo, frames).band is FaceBand.MATCH

    def signal_worker(self, place: int, number: signal.Signals) -> None:
        """Send a signal to the worker that looks (0) or compares (1), if it runs."""
        ids = self.engine.process_ids
        if place < len(ids):
            with suppress(ProcessLookupError):
                os.kill(ids[place], number)

    def slow_down(self, place: int, stop_s: float) -> None:
        """Let a worker stand still for a while."""
        self.signal_worker(place, signal.SIGSTOP)
        back = threading.Timer(stop_s, self.signal_worker, (place, signal.SIGCONT))
        back.start()
        back.join()


def _nothing(_: _Stand) -> None:
    """A lost worker is replaced without anyone's doing."""


_TROUBLES: Final = (
    _Trouble("camera hangs", lambda stand: stand.camera.hang(), lambda stand: stand.camera.resume()),
    _Trouble("camera unplugged", lambda stand: stand.camera.unplug(), lambda stand: stand.camera.plug()),
    _Trouble("looking killed", lambda stand: stand.signal_worker(0, signal.SIGKILL), _nothing),
    _Trouble("comparing killed", lambda stand: stand.signal_worker(1, signal.SIGKILL), _nothing),
    _Trouble("looking stopped", lambda stand: stand.signal_worker(0, signal.SIGSTOP), _nothing),
    _Trouble("comparing stopped", lambda stand: stand.signal_worker(1, signal.SIGSTOP), _nothing),
    _Trouble("looking slow", lambda stand: stand.slow_down(0, _SLOWEST_S / 4), _nothing),
    _Trouble("comparing slow", lambda stand: stand.slow_down(1, _SLOWEST_S), _nothing),
)


def hang_cycles(count: int, seed: int, done: Callable[[int], None]) -> HangReport:
    """Run `count` cycles that `seed` chooses, calling `done` with the number of cycles behind us after each.

    Raises:
        AssertionError: an offer or a return was too late; the text names seed and cycle.
    """
    choose = random.Random(seed)
    with _stand() as stand:
        handles, threads = _open_files(), threading.active_count()
        offers, offer_times_s, back_times_s = 0, [], []
        for number in range(1, count + 1):
            trouble = choose.choice(_TROUBLES)
            work = choose.choice((stand.look, stand.compare))
            offered, offer_s, back_s = _cycle(stand, trouble, work, choose.uniform(0, _LATEST_S))
            where = f"seed {seed}, cycle {number}, {trouble.name}, {work.__name__}"
            assert offer_s <= OFFERED_WITHIN_S, f"{where}: answered after {offer_s:.2f} s"
            assert back_s <= BACK_WITHIN_S, f"{where}: back after {back_s:.2f} s"
            offers += offered
            offer_times_s.append(offer_s)
            back_times_s.append(back_s)
            done(number)
        return HangReport(
            cycles=count,
            offered=offers,
            slowest_offer_s=max(offer_times_s, default=0.0),
            median_offer_s=statistics.median(offer_times_s or [0.0]),
            slowest_back_s=max(back_times_s, default=0.0),
            median_back_s=statistics.median(back_times_s or [0.0]),
            handles_before=handles,
            handles_after=_open_files(),
            threads_before=threads,
            threads_after=threading.active_count(),
        )


@contextmanager
def _stand() -> Iterator[_Stand]:
    with closing(RecordedCamera(_PORTRAIT, _SITTING)) as camera, WorkerFaceEngine() as engine:
        engine.warm()
        stand = _Stand(camera, engine)
        assert stand.look(), "the recording's person is not seen well"
        assert stand.compare(), "the recording's person does not match"
        yield stand


def _cycle(
    stand: _Stand, trouble: _Trouble, work: Callable[[], bool], after_s: float
) -> tuple[bool, float, float]:
    """Return whether the visual check was offered, how long anyone waited, and how long the way back took."""
    began_at: list[float] = []

    def begin() -> None:
        began_at.append(time.monotonic())
        trouble.begin(stand)

    timer = threading.Timer(after_s, begin)
    timer.start()
    offered, longest_s = _work_through(work, timer, began_at)
    trouble.end(stand)
    return offered, longest_s, _time_back(stand)


def _work_through(
    work: Callable[[], bool], timer: threading.Timer, began_at: list[float]
) -> tuple[bool, float]:
    """Work until the trouble has begun and one more piece of work is over; return offer and longest wait."""
    offered = False
    while True:
        was_begun, started_s = bool(began_at), time.monotonic()
        try:
            work()
        except CameraTrouble as trouble:
            _require_visual_check(trouble)
            offered = True
        if began_at and (offered or was_begun):
            waited_s = time.monotonic() - max(started_s, began_at[0])
            timer.join()
            return offered, max(0.0, waited_s)


def _require_visual_check(trouble: CameraTrouble) -> None:
    if OUTCOMES[type(trouble)] is not Outcome.USE_EYES:
        raise AssertionError(f"{type(trouble).__name__} does not lead to the visual check") from trouble


def _time_back(stand: _Stand) -> float:
    """Return how long it takes until a good frame and a right comparison come, trying as staff would."""
    began_s = time.monotonic()
    pause = threading.Event()
    for work in (stand.look, stand.compare):
        while time.monotonic() - began_s <= BACK_WITHIN_S:
            with suppress(CameraTrouble):
                if work():
                    break
            pause.wait(_MISSED_PAUSE_S)
        else:
            return time.monotonic() - began_s
    return time.monotonic() - began_s


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
