"""The unit's side of a confined process: start it, ask it, end it when it is late, forget what it was lent (H11, H12).

A plain child interpreter is started instead of `multiprocessing`: the child then never imports the program's main
module, needs no terminal (a Textual app has none to give), and its answers are JSON that is parsed, so a decoder taken
over by a hostile picture cannot hand objects back. The child ends by itself when its line closes, which happens
however this process ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, unique
from pathlib import Path
from typing import Final

from appliance.pictures.exchange import Exchange, Stage

MESSAGE_LIMIT_BYTES: Final = 65_536
"""Messages carry numbers only; pixels go through the exchange."""

_PACKAGE_ROOT: Final = Path(__file__).resolve().parents[2]
_INHERITED_VARIABLES: Final = ("LD_LIBRARY_PATH", "PYTHONHOME")
"""All else of the environment stays outside: it may hold secrets."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one confined process may use."""

    memory_bytes: int
    """Address space (RLIMIT_AS)."""
    cpu_s: int
    """Processor time for one job (RLIMIT_CPU, raised job by job)."""
    exchange_bytes: int
    """Room for the pictures of one job."""


@unique
class Cause(Enum):
    """Why no answer came."""

    LATE = "late"
    """The deadline passed; the process was killed."""
    DIED = "died"
    """The process ended by itself, or by a limit."""
    OVERTIME = "overtime"
    """The process used up its processor time."""
    GARBLED = "garbled"
    """The answer was no JSON object; the process was killed."""


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer: the process is gone and the next question goes to a new one."""

    cause: Cause
    stage: Stage
    """What the process was doing."""


Message = Mapping[str, object]


class Confinement:
    """One confined process at a time; not for several threads at once, except `end`."""

    def __init__(self, module: str, limits: Limits, arguments: Sequence[str] = ()) -> None:
        """Prepare to run `module`, which calls `appliance.pictures.confined.serve`."""
        self._module = module
        self._limits = limits
        self._arguments = tuple(arguments)
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._exchange: Exchange | None = None

    @property
    def process_id(self) -> int | None:
        """The running process, or None; for health pages and tests."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def exchange(self) -> Exchange:
        """The shared memory of the running process.

        Raises:
            RuntimeError: no process was started.
        """
        if self._exchange is None:
            raise RuntimeError("not started")
        return self._exchange

    def start(self) -> None:
        """Start the process unless it runs; return at once, while it still loads."""
        if self.process_id is not None:
            return
        self.end()
        exchange, memory = Exchange.create(self._limits.exchange_bytes)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line, self._exchange = ours, exchange
        try:
            self._process = subprocess.Popen(
                self._command(theirs.fileno(), memory),
                pass_fds=(theirs.fileno(), memory),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,
            )
        except OSError:
            # No process can be made just now; `receive` finds the line closed and says so.
            self._process = None
        finally:
            theirs.close()
            os.close(memory)

    def _command(self, line: int, memory: int) -> list[str]:
        limits = self._limits
        numbers = (line, memory, limits.exchange_bytes, limits.memory_bytes, limits.cpu_s)
        return [sys.executable, "-P", "-m", self._module, *map(str, numbers), *self._arguments]

    def send(self, message: Message) -> None:
        """Hand `message` to the process; a dead one is noticed by `receive`."""
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.send(json.dumps(message).encode())

    def has_answered(self, within_s: float) -> bool:
        """Wait for an answer, or the end of the process, without taking it; the process lives on if none comes."""
        if self._line is None:
            return True
        readable, _, _ = select.select([self._line], [], [], max(within_s, 0.0))
        return bool(readable)

    def receive(self, deadline_s: float) -> Message | Lost:
        """Wait for one answer; a process that is late, dead or garbled is ended."""
        try:
            content = self._receive(deadline_s)
        except TimeoutError:
            return self._lose(Cause.LATE)
        except OSError:
            content = b""
        if not content:
            return self._lose(Cause.DIED)
        try:
            answer = json.loads(content, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            return self._lose(Cause.GARBLED)
        return answer if isinstance(answer, dict) else self._lose(Cause.GARBLED)

    def _receive(self, deadline_s: float) -> bytes:
        if self._line is None:
            return b""
        self._line.settimeout(max(deadline_s, 0.001))
        return self._line.recv(MESSAGE_LIMIT_BYTES)

    def _lose(self, cause: Cause) -> Lost:
        stage = self._exchange.stage if self._exchange is not None else Stage.IDLE
        if cause is Cause.DIED and self._exit_signal() == signal.SIGXCPU:
            cause = Cause.OVERTIME
        self.end()
        return Lost(cause, stage)

    def _exit_signal(self) -> int:
        """Return the signal that ended a process whose line is closed, or 0."""
        if self._process is None:
            return 0
        try:
            return -min(0, self._process.wait(timeout=_REAP_DEADLINE_S))
        except subprocess.TimeoutExpired:
            return 0

    def wipe(self) -> None:
        """Overwrite what the exchange holds, if there is one."""
        if self._exchange is not None:
            self._exchange.wipe()

    def interrupt(self) -> None:
        """Kill the process from another thread; whoever waits for it then gets `Lost`."""
        process = self._process
        if process is not None:
            process.kill()

    def end(self) -> None:
        """Kill the process, wipe and unmap the exchange; safe to call again."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._line is not None:
            self._line.close()
        if self._exchange is not None:
            self._exchange.close()
        self._process = self._line = self._exchange = None


_REAP_DEADLINE_S: Final = 1.0
"""The line closes a moment before the kernel tells how the process ended."""


def remaining_s(deadline_at: float) -> float:
    """Return the seconds left until `deadline_at` on the monotonic clock, at least 0."""
    return max(0.0, deadline_at - time.monotonic())


def _refuse_constant(name: str) -> object:
    """Refuse NaN and infinities: no number that the unit acts on may be one."""
    raise ValueError(name)


def _environment() -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED_VARIABLES if name in os.environ}
    return inherited | {
        "PYTHONPATH": str(_PACKAGE_ROOT),
        # The process may write no file, and more threads than one would only compete with the screen.
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "GLIBC_TUNABLES": _OVERWRITING_MEMORY,
    }


_OVERWRITING_MEMORY: Final = (
    # What is given back is overwritten with a pattern, in libraries that we cannot ask to wipe too (design D4).
    "glibc.malloc.perturb=165"
    # Small pieces otherwise wait in a list of each thread where the pattern does not reach them.
    ":glibc.malloc.tcache_count=0"
    # A fixed bound: frames go back to the kernel at once, which hands no page on unwiped.
    ":glibc.malloc.mmap_threshold=1048576"
    # Threads share the heap instead of keeping one each.
    ":glibc.malloc.arena_max=1"
)
"""How the C library's memory behaves in a confined process (glibc manual, "Memory Allocation Tunables")."""
