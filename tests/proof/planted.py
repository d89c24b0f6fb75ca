"""Campaigns with a defect planted in them, to see that the runner finds it and says so."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from tests.proof.campaign import Campaign, Label, Share
from tests.proof.watch import Breach, Watch

_DEFECT_AT: Final = 5
_KEPT: Final[list[bytearray]] = []


def _run_with(defect: Callable[[], None]) -> Callable[[Share, Watch], None]:
    def run(share: Share, watch: Watch) -> None:
        watch.settle()
        for index in share.indices:
            content = share.random(index).randbytes(4)
            watch.attempt(index, content, partial(_trial, watch, defect if index == _DEFECT_AT else None))

    return run


def _trial(watch: Watch, defect: Callable[[], None] | None) -> None:
    watch.count("tried", "inputs")
    watch.observe("greatest", "things", 7)
    if defect is not None:
        defect()


def _raise() -> None:
    raise IndexError("bytes of a person")


def _breach() -> None:
    raise Breach("the answer is 43")


def _loop() -> None:
    while True:
        pass


def _sleep_deaf() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(60)


def _touch_nothing() -> None:
    ctypes.string_at(0)


def _leave() -> None:
    os._exit(3)


def _keep_memory() -> None:
    _KEPT.append(bytearray(b"x") * (24 * 1_048_576))


def _nothing() -> None:
    pass


SOUND: Final = Campaign(
    id="P1",
    claim="nothing is wrong here",
    unit="inputs",
    must=20_000,
    label=Label.MEASURED_ON_TARGET,
    run=_run_with(_nothing),
    hang_limit_s=0.2,
    memory_limit_kib=8 * 1024,
)
RAISES: Final = replace(SOUND, id="P2", run=_run_with(_raise))
BREACHES: Final = replace(SOUND, id="P3", run=_run_with(_breach))
HANGS: Final = replace(SOUND, id="P4", run=_run_with(_loop))
HANGS_DEAF: Final = replace(SOUND, id="P5", run=_run_with(_sleep_deaf))
CRASHES: Final = replace(SOUND, id="P6", run=_run_with(_touch_nothing))
LEAVES: Final = replace(SOUND, id="P7", run=_run_with(_leave))
GROWS: Final = replace(SOUND, id="P8", run=_run_with(_keep_memory))
GROWS_BOUNDED: Final = replace(GROWS, id="P9", bounds_address_space=True, memory_limit_kib=1024)
"""What it keeps is beyond the limit and what the interpreter maps in advance."""


def _fail_before_the_first(_share: Share, _watch: Watch) -> None:
    raise RuntimeError("not even begun")


FAILS_TO_START: Final = replace(SOUND, id="P10", run=_fail_before_the_first)

PLACES: Final = {
    "P1": "tests.proof.planted:SOUND",
    "P2": "tests.proof.planted:RAISES",
    "P3": "tests.proof.planted:BREACHES",
    "P4": "tests.proof.planted:HANGS",
    "P5": "tests.proof.planted:HANGS_DEAF",
    "P6": "tests.proof.planted:CRASHES",
    "P7": "tests.proof.planted:LEAVES",
    "P8": "tests.proof.planted:GROWS",
    "P9": "tests.proof.planted:GROWS_BOUNDED",
    "P10": "tests.proof.planted:FAILS_TO_START",
}
