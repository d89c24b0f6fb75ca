"""One thread that owns the card service's context, and askers that never wait for it without end.

Calls into the card service block for as long as a driver likes and cannot be taken back, so they run in a thread that can
be left behind. When a call is overdue, its asker and everybody behind it are told so and the thread is abandoned. No second
thread is sent after it: the client library holds a lock over the whole process while it talks to a service, so another call
could hang just the same. The old call ends when the driver answers, when the reader is plugged in again, or when the card
service is restarted, which closes the connection that it waits on; the thread then closes what it owned and ends, and the
next asker gets a fresh one. There is never more than one abandoned thread in a loop.

The thread is a daemon: it never keeps a process alive.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any, Final, Generic, Protocol, TypeVar

from appliance.errors import NoReader, ReaderSilent

_BREATH_S: Final = 0.01
"""How long to wait for a call that ends or begins just now."""
_GOODBYE_S: Final = 2.0
"""How long closing waits for the thread; unpowering a card takes milliseconds."""


class Owned(Protocol):
    """What one thread makes, uses and closes."""

    def close(self) -> None:
        """Give everything back; called in the thread that made it."""


OwnedT = TypeVar("OwnedT", bound=Owned)
AnswerT = TypeVar("AnswerT")


class ReaderLoop(Generic[OwnedT]):
    """Carries out calls one after the other in one thread; ask from any thread."""

    def __init__(self, make: Callable[[], OwnedT]) -> None:
        """Prepare; the thread starts with the first call and `make` runs in it."""
        self._make = make
        self._lock = threading.Lock()
        self._owner: _Owner[OwnedT] | None = None
        self._is_closed = False

    def ask(self, call: Callable[[OwnedT], AnswerT], deadline_s: float) -> AnswerT:
        """Return what `call` returns; it runs once those before it are done, and may take `deadline_s`.

        A call must not raise: that ends the thread.

        Raises:
            ReaderSilent: a call is overdue, this one or one before it.
            NoReader: the loop is closed.
        """
        job = _Job(call, deadline_s)
        owner = self._hand_over(job)
        patience_s = deadline_s
        while not job.done.acquire(timeout=patience_s):
            patience_s = owner.patience_s()
            if not patience_s:
                break
        if job.answers:
            return job.answers[0]
        raise ReaderSilent(deadline_s)

    def tell(self, call: Callable[[OwnedT], None], deadline_s: float) -> None:
        """Have `call` carried out, and wait for it only while that is short; what hangs or is closed needs no telling."""
        job = _Job(call, deadline_s)
        with suppress(ReaderSilent, NoReader):
            self._hand_over(job)
            job.done.acquire(timeout=min(deadline_s, _GOODBYE_S))

    def close(self) -> None:
        """End the thread after the calls that were asked for, or leave it behind when it hangs; safe to call again."""
        with self._lock:
            self._is_closed = True
            owner, self._owner = self._owner, None
            if owner:
                owner.jobs.put(None)
        if owner:
            owner.join()

    def _hand_over(self, job: _Job[OwnedT, Any]) -> _Owner[OwnedT]:
        with self._lock:
            if self._is_closed:
                raise NoReader
            owner = self._owner
            if owner is None or owner.is_over:
                owner = self._owner = _Owner(self._make, self._lock)
            elif owner.is_abandoned:
                raise ReaderSilent(job.deadline_s)
            # Under the lock, so that no call is put in after the last of them was dismissed.
            owner.jobs.put(job)
            return owner


class _Job(Generic[OwnedT, AnswerT]):
    """One call and its answer, which stays away when the call is given up."""

    __slots__ = ("answers", "call", "deadline_s", "done")

    def __init__(self, call: Callable[[OwnedT], AnswerT], deadline_s: float) -> None:
        self.call = call
        self.deadline_s = deadline_s
        self.answers: list[AnswerT] = []
        # A bare lock, released once by whoever took the job from the queue: an event costs several locks more.
        self.done = threading.Lock()
        self.done.acquire()


class _Line(Generic[OwnedT]):
    """The calls that wait, with a bell of the kernel's.

    A queue of the standard library wakes the other thread while it still holds the interpreter, so that it wakes twice.
    """

    def __init__(self) -> None:
        self._jobs: deque[_Job[OwnedT, Any] | None] = deque()
        self._bell: int | None = os.eventfd(0, os.EFD_SEMAPHORE | os.EFD_CLOEXEC)

    def put(self, job: _Job[OwnedT, Any] | None) -> None:
        """Add a call, or None after the last one; under the loop's lock. Nothing waits in a closed line."""
        if self._bell is not None:
            self._jobs.append(job)
            os.eventfd_write(self._bell, 1)

    def take(self) -> _Job[OwnedT, Any] | None:
        """Wait for the next call."""
        if self._bell is not None:
            os.eventfd_read(self._bell)
        return self._jobs.popleft() if self._jobs else None

    def dismiss(self) -> None:
        """Let go everybody who waits; under the loop's lock."""
        while self._jobs:
            job = self._jobs.popleft()
            if job is not None:
                job.done.release()

    def close(self) -> None:
        """Give the bell back; under the loop's lock, by the thread that takes."""
        bell, self._bell = self._bell, None
        if bell is not None:
            os.close(bell)


class _Owner(Generic[OwnedT]):
    """The thread, from its first call to its last."""

    def __init__(self, make: Callable[[], OwnedT], lock: threading.Lock) -> None:
        self.jobs: _Line[OwnedT] = _Line()
        self.is_abandoned = False
        self.is_over = False
        self._lock = lock
        self._running: _Job[OwnedT, Any] | None = None
        self._began_at_s = 0.0
        self._thread = threading.Thread(target=self._work, args=(make,), name="card reader", daemon=True)
        self._thread.start()

    def patience_s(self) -> float:
        """Return how long to wait on; 0 when there is nothing to wait for, because a call is overdue or the end came."""
        with self._lock:
            if self.is_abandoned or self.is_over:
                return 0.0
            running = self._running
            if running is None:
                return _BREATH_S
            left_s = self._began_at_s + running.deadline_s - time.monotonic()
            if left_s > 0:
                return left_s
            self.is_abandoned = True
            self.jobs.dismiss()
            # For a call that came back in this very moment: its thread may already be waiting for the next one.
            self.jobs.put(None)
            return 0.0

    def join(self) -> None:
        """Wait for the thread's end while it is able to end."""
        if not self.is_abandoned and self._thread is not threading.current_thread():
            self._thread.join(_GOODBYE_S)

    def _work(self, make: Callable[[], OwnedT]) -> None:
        try:
            with closing(make()) as owned:
                while self._carry_out_next(owned) and not self.is_abandoned:
                    pass
        finally:
            with self._lock:
                self.is_over = True
                self.jobs.dismiss()
                self.jobs.close()

    def _carry_out_next(self, owned: OwnedT) -> bool:
        # In a frame of its own, so that no command or answer stays in memory while the thread waits for the next call.
        job = self.jobs.take()
        if job is None:
            return False
        self._began_at_s = time.monotonic()
        self._running = job
        try:
            job.answers.append(job.call(owned))
        finally:
            self._running = None
            job.done.release()
        return True
