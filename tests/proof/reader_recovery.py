"""A card service that ends and comes back, and cards that are pulled out, many times over (proof.md G1).

One reader object lives through it all. After each cycle it has to be back by itself and read a card again.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.errors import CardRemoved, CardSilent, ReaderGone
from appliance.hardware.pcsc_reader import PcscReader
from appliance.ports import Presence
from appliance.simulated.card_host import CardHost
from appliance.simulated.pcsc_stack import PcscStack

BACK_WITHIN_S: Final = 5.0
"""proof.md G1, "must"."""
_PERSON: Final = "p01"
_SELECT_SURFACE: Final = bytes.fromhex("00A4040C0AD3921000310001010402")
_QUERY_CODE_B: Final = bytes.fromhex("00200092")
_TRIES: Final = range(0x63C0, 0x63D0)
_OK: Final = b"\x90\x00"
_READS_AT_MOST: Final = 100_000
"""Far more commands than fit into the time a hand needs."""


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What a campaign saw."""

    cycles: int
    slowest_back_s: float
    """The longest time from the service's or the card's return to a card that was read."""
    median_back_s: float
    handles_before: int
    handles_after: int
    """Open file descriptors of this process."""
    threads_before: int
    threads_after: int
    memory_growth_kib: int
    """Growth of the largest resident size of this process."""


class _Bench:
    """The card service, the card's hand and the one reader."""

    def __init__(self, stack: PcscStack, host: CardHost, reader: PcscReader) -> None:
        self.stack = stack
        self.host = host
        self.reader = reader

    def kill_service(self) -> None:
        """End the card service without a chance to clean up, and start it again."""
        if self.stack.pid is not None:
            os.kill(self.stack.pid, signal.SIGKILL)
        self.restart_service()

    def restart_service(self) -> None:
        self.stack.halt()
        self.stack.resume()

    def pull_card_in_mid_read(self) -> None:
        """Pull the card out while commands are on their way, and put it back."""
        ended: list[type[Exception]] = []
        began = threading.Event()
        reading = threading.Thread(target=lambda: ended.append(_read_until_it_ends(self.reader, began)))
        reading.start()
        assert began.wait(BACK_WITHIN_S), "the read did not begin"
        self.host.remove()
        reading.join(BACK_WITHIN_S)
        # A driver that has not looked again yet takes a card that left for a silent one.
        assert ended in ([CardRemoved], [CardSilent]), f"the read ended with {ended}"
        assert self.reader.wait_for(Presence.EMPTY, BACK_WITHIN_S) is Presence.EMPTY
        self.host.insert(_PERSON)

    def restart_service_while_waiting(self) -> None:
        """Restart the service while a thread waits for the card to leave, and take the card away for it."""
        seen: list[Presence] = []
        waiting = threading.Thread(
            target=lambda: seen.append(self.reader.wait_for(Presence.EMPTY, 2 * BACK_WITHIN_S))
        )
        waiting.start()
        self.restart_service()
        assert self.reader.wait_for(Presence.CARD, BACK_WITHIN_S) is Presence.CARD
        self.host.remove()
        # The waiter may have seen the moment between the service's start and the card's return.
        assert self.reader.wait_for(Presence.EMPTY, BACK_WITHIN_S) is Presence.EMPTY
        waiting.join(2 * BACK_WITHIN_S)
        assert seen == [Presence.EMPTY], f"the wait ended with {seen}"
        self.host.insert(_PERSON)

    def cut_line_and_restart(self) -> None:
        """Restart the service behind an open line, which stays shut."""
        with closing(self.reader.connect()) as channel:
            assert channel.transmit(_SELECT_SURFACE) == _OK
            self.restart_service()
            try:
                channel.transmit(_QUERY_CODE_B)
            except ReaderGone:
                return
        raise AssertionError("a line outlived its card service")

    def read_again(self) -> float:
        """Return how long it takes until the card is there and read."""
        began_s = time.monotonic()
        seen = self.reader.wait_for(Presence.CARD, BACK_WITHIN_S)
        assert seen is Presence.CARD, f"the reader shows {seen}"
        _read_once(self.reader)
        back_s = time.monotonic() - began_s
        assert back_s <= BACK_WITHIN_S, f"back after {back_s:.2f} s"
        return back_s


_CYCLES: Final = (
    _Bench.kill_service,
    _Bench.restart_service,
    _Bench.pull_card_in_mid_read,
    _Bench.restart_service_while_waiting,
    _Bench.cut_line_and_restart,
)


def restart_cycles(count: int, seed: int, done: Callable[[int], None]) -> RecoveryReport:
    """Run `count` cycles that `seed` chooses, calling `done` with the number of cycles behind us after each.

    This process becomes the client of a card service of its own (`PcscStack.adopt`).

    Raises:
        AssertionError: a cycle's reader was not back in time or did not read; the text names seed and cycle.
    """
    choose = random.Random(seed)
    with _bench() as bench:
        # Every kind once before counting: lazily made pools and caches of the libraries are no leak.
        for warm_up in _CYCLES:
            _run_cycle(bench, warm_up, seed, 0)
        handles, threads, memory_kib = _open_files(), threading.active_count(), _memory_kib()
        times_s = []
        for number in range(1, count + 1):
            times_s.append(_run_cycle(bench, choose.choice(_CYCLES), seed, number))
            done(number)
        return RecoveryReport(
            cycles=count,
            slowest_back_s=max(times_s, default=0.0),
            median_back_s=statistics.median(times_s) if times_s else 0.0,
            handles_before=handles,
            handles_after=_open_files(),
            threads_before=threads,
            threads_after=threading.active_count(),
            memory_growth_kib=_memory_kib() - memory_kib,
        )


@contextmanager
def _bench() -> Iterator[_Bench]:
    with PcscStack() as stack:
        stack.adopt()
        with CardHost(stack.addresses[:1]) as host, closing(PcscReader("00 00")) as reader:
            assert reader.wait_for(Presence.EMPTY, BACK_WITHIN_S) is Presence.EMPTY
            host.insert(_PERSON)
            bench = _Bench(stack, host, reader)
            bench.read_again()
            yield bench


def _run_cycle(bench: _Bench, cycle: Callable[[_Bench], None], seed: int, number: int) -> float:
    try:
        cycle(bench)
        return bench.read_again()
    except Exception as broken:
        raise AssertionError(f"seed {seed}, cycle {number}, {cycle.__name__}: {broken}") from broken


def _read_once(reader: PcscReader) -> None:
    with closing(reader.connect()) as channel:
        assert channel.transmit(_SELECT_SURFACE) == _OK
        assert int.from_bytes(channel.transmit(_QUERY_CODE_B), "big") in _TRIES


def _read_until_it_ends(reader: PcscReader, began: threading.Event) -> type[Exception]:
    with closing(reader.connect()) as channel:
        try:
            for _ in range(_READS_AT_MOST):
                channel.transmit(_SELECT_SURFACE)
                began.set()
        except (CardRemoved, CardSilent, ReaderGone) as end:
            return type(end)
    return AssertionError


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _memory_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
