"""The watch inside a campaign's process: it times each input, stops one that hangs, and keeps what went wrong.

Whatever escapes from a trial is a failure; a trial that may fail in documented ways catches those itself. An input
that took too long is tried a second time: slow twice is a hang, slow once was the machine.
"""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final

from tests.proof import memory
from tests.proof.beacon import Beacon
from tests.proof.campaign import Campaign, Failure, Figure, Finding, Joining

FAILED_MAX: Final = 100
"""A process stops after so many failures."""
_KEPT_OF_A_KIND: Final = 2
_ROUND: Final = 64
"""After so many inputs the memory and the runner are looked at."""
_HERE: Final = Path(__file__).resolve()
_ROOT: Final = _HERE.parents[2]
_SLACK_KIB: Final = 16 * 1024
"""What the interpreter maps in advance, over the limit."""


class Breach(AssertionError):
    """The product answered, and its answer breaks the promise."""


class EnoughFailed(Exception):
    """The process has seen as many failures as are worth keeping, or its runner has gone."""


class _Hung(BaseException):
    """The alarm rang; not an `Exception`, so that nothing on the way takes it for an error of its own."""


class Watch:
    """Counts, times and guards the trials of one process."""

    def __init__(self, campaign: Campaign, beacon: Beacon) -> None:
        """Begin at nothing done."""
        self._campaign = campaign
        self._beacon = beacon
        self._failed = 0
        self._failures: list[Failure] = []
        self._figures: dict[str, Figure] = {}
        self._done = 0
        self._slowest = (0.0, -1)
        self._baseline_kib = memory.resident_kib()
        self._growth_kib = 0
        self._runner = os.getppid()
        self._is_alone = False

    def settle(self) -> None:
        """Take the present memory for what the campaign needs to start; what comes now is growth."""
        memory.forget_peak()
        self._baseline_kib = memory.resident_kib()
        if self._campaign.bounds_address_space and self._is_alone:
            memory.bound_address_space(self._campaign.memory_limit_kib + _SLACK_KIB)

    def take_process(self) -> None:
        """Take this process's alarm and limits, which a process of its own has to give."""
        self._is_alone = True
        signal.signal(signal.SIGALRM, _ring)

    def attempt(self, index: int, content: bytes, trial: Callable[[], None]) -> None:
        """Try one input; `content` is what is shown when it fails.

        Raises:
            EnoughFailed: there is no use in going on.
        """
        took_s, failure = self._timed(index, content, trial)
        if took_s > self._campaign.hang_limit_s:
            again_s, failure = self._timed(index, content, trial)
            took_s = min(took_s, again_s)
        if took_s > self._campaign.hang_limit_s:
            self._fail(index, f"hang: over {self._campaign.hang_limit_s:g} s, {failure}", content)
        elif failure:
            self._fail(index, failure, content)
        if took_s > self._slowest[0]:
            self._slowest = (took_s, index)
        self._done += 1
        self._beacon.ended()
        if self._done % _ROUND == 0:
            self._look_round(index)

    def advance(self, done: int) -> None:
        """Tell how far a campaign is that does not try its inputs one by one."""
        self._done = done
        self._beacon.rest(done)

    def fail(self, index: int, what: str, content: bytes = b"") -> None:
        """Note a failure that showed after the trial."""
        self._fail(index, what, content)

    def count(self, name: str, unit: str, amount: float = 1) -> None:
        """Add to a figure."""
        before = self._figures.get(name)
        self._figures[name] = Figure(amount + (before.value if before else 0), unit)

    def observe(self, name: str, unit: str, value: float) -> None:
        """Keep the greatest value of a figure."""
        seen = Figure(value, unit, Joining.GREATEST)
        before = self._figures.get(name)
        self._figures[name] = seen.joined(before) if before else seen

    def finding(self) -> Finding:
        """Return what was found so far."""
        self._look_at_memory(self._done - 1)
        return Finding(
            done=self._done,
            failed=self._failed,
            failures=tuple(self._failures),
            figures=self._figures,
            slowest_s=self._slowest[0],
            slowest_index=self._slowest[1],
            memory_growth_kib=self._growth_kib,
        )

    def _timed(self, index: int, content: bytes, trial: Callable[[], None]) -> tuple[float, str]:
        self._beacon.begin(self._done, index, content)
        started_at = time.monotonic()
        failure = ""
        try:
            if self._is_alone:
                signal.setitimer(signal.ITIMER_REAL, self._campaign.hang_limit_s)
            try:
                trial()
            finally:
                if self._is_alone:
                    signal.setitimer(signal.ITIMER_REAL, 0)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - the edge under supervision: whatever escapes is the find
            failure = describe(error)
        return time.monotonic() - started_at, failure

    def _fail(self, index: int, what: str, content: bytes) -> None:
        self._note(Failure(index, what, content.hex()))
        if self._failed >= FAILED_MAX:
            raise EnoughFailed

    def _note(self, failure: Failure) -> None:
        self._failed += 1
        if [each.what for each in self._failures].count(failure.what) < _KEPT_OF_A_KIND:
            self._failures.append(failure)

    def _look_round(self, index: int) -> None:
        if os.getppid() != self._runner:
            raise EnoughFailed
        self._look_at_memory(index)

    def _look_at_memory(self, index: int) -> None:
        limit_kib = self._campaign.memory_limit_kib
        was_within = self._growth_kib <= limit_kib
        self._growth_kib = max(self._growth_kib, memory.peak_kib() - self._baseline_kib)
        if was_within and self._growth_kib > limit_kib:
            what = f"memory: grew by {self._growth_kib} KiB, allowed are {limit_kib}"
            self._note(Failure(index, f"{what}, in this or the {_ROUND} inputs before it", ""))


def is_ours(file: Path) -> bool:
    """Tell whether a source file is the project's own, not one of a package that it uses."""
    return file.is_relative_to(_ROOT) and not file.is_relative_to(_ROOT / ".venv")


def describe(error: BaseException) -> str:
    """Return the kind of an error and the place in our source where it came up, without its message.

    A message may repeat bytes of the input; only a `Breach` is written by a campaign and says what broke.
    """
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if is_ours(Path(frame.filename)) and Path(frame.filename) != _HERE]
    tested = [frame for frame in ours if not Path(frame.filename).is_relative_to(_ROOT / "tests" / "proof")]
    said = f" ({error})" if isinstance(error, Breach) else ""
    named = (
        "MemoryError: memory limit" if isinstance(error, MemoryError) else type(error).__name__.lstrip("_")
    )
    if not ours:
        return f"{named}{said}"
    place = (tested or ours)[-1]
    return f"{named}{said} at {Path(place.filename).relative_to(_ROOT)}:{place.lineno}"


def _ring(_signal: int, _frame: FrameType | None) -> None:
    raise _Hung
