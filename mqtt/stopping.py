"""The wish to stop a long-running process, from a signal or from the caller."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue


class Stop:
    """A wish that stays once it is made.

    It stands on a queue and not on an event, because a signal handler may run inside the very wait that it has to end, and
    `SimpleQueue.put` is the one of the two that allows it.
    """

    __slots__ = ("_wished", "_wishes")

    def __init__(self) -> None:
        """Begin without a wish."""
        self._wishes: SimpleQueue[None] = SimpleQueue()
        self._wished = False

    def wish(self) -> None:
        """Ask for the end; safe in a signal handler and from any thread."""
        self._wished = True
        self._wishes.put(None)

    @property
    def is_wished(self) -> bool:
        """Whether the end was asked for."""
        return self._wished

    def wait(self, timeout_s: float) -> bool:
        """Wait for the wish, at most `timeout_s`, and tell whether it is there."""
        if not self._wished:
            try:
                self._wishes.get(timeout=max(timeout_s, 0))
            except Empty:
                return False
        return True


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Lend a Stop that SIGTERM and SIGINT wish for; the earlier handlers come back at the end."""
    stop = Stop()
    caught = (signal.SIGTERM, signal.SIGINT)
    earlier = {number: signal.signal(number, lambda *_: stop.wish()) for number in caught}
    try:
        yield stop
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
