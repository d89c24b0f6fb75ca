"""The wish to stop: it stays, it ends a wait at once, and signals make it."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from mqtt.stopping import Stop, stop_on_signals


def test_without_a_wish_a_wait_ends_by_itself() -> None:
    stop = Stop()
    assert not stop.wait(0.01)
    assert not stop.wait(-1)
    assert not stop.is_wished


def test_a_wish_stays() -> None:
    stop = Stop()
    stop.wish()
    assert stop.is_wished
    assert [stop.wait(100), stop.wait(100), stop.wait(100)] == [True, True, True]


def test_a_wish_ends_a_wait_that_has_begun() -> None:
    stop = Stop()
    threading.Timer(0.01, stop.wish).start()
    assert stop.wait(60)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_a_wish(number: signal.Signals) -> None:
    with stop_on_signals() as stop:
        os.kill(os.getpid(), number)
        assert stop.wait(60)


def test_the_earlier_handlers_come_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    with stop_on_signals():
        assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] != before
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before
