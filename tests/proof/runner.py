"""Runs campaigns in processes of their own, watches them from outside, and puts their findings together."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.proof.beacon import IDLE, Beacon
from tests.proof.campaign import Campaign, Failure, Finding, Share
from tests.proof.registry import load_campaign
from tests.proof.watch import FAILED_MAX, is_ours

DEFAULT_SEED: Final = 1
"""The same for everybody, so that a figure can be made again; another seed finds other things."""
_ROOT: Final = Path(__file__).resolve().parents[2]
_GRACE_S: Final = 2.0
"""A process stops a hanging input by itself; one that is not back this much later is stuck below Python."""
_LOOK_S: Final = 0.1
_END_DEADLINE_S: Final = 10.0
_FRAME: Final = re.compile(rb'File "([^"]+)", line (\d+)')


@dataclass(frozen=True, slots=True)
class Outcome:
    """One campaign as it was run."""

    campaign: Campaign
    asked: Share
    finding: Finding
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether every input was tried and none failed."""
        return not self.finding.failed and self.finding.done == self.asked.count

    @property
    def is_at_must(self) -> bool:
        """Whether as many inputs were tried as a release needs, from the first on."""
        return self.asked.first == 0 and self.asked.count >= self.campaign.must

    @property
    def rate_bound(self) -> float | None:
        """Return the greatest failure rate that fits 0 failures, at 95 % (proof.md §6).

        None when something failed, or when the campaign's figures say what was found.
        """
        if self.campaign.is_reported or not self.finding.done or self.finding.failed:
            return None
        return min(1.0, 3 / self.finding.done)

    @property
    def per_second(self) -> float:
        """Return the speed."""
        return self.finding.done / self.seconds if self.seconds else 0.0


def repeating_command(campaign: Campaign, seed: int, index: int) -> str:
    """Return the one command that tries one input again."""
    return f".venv/bin/python -m tests.proof --only {campaign.id} --seed {seed} --first {index} --count 1"


def prove(
    place: str, share: Share, workers: int, tell: Callable[[int], None] = lambda _done: None
) -> Outcome:
    """Run one campaign on a share of its inputs; `tell` hears how many are done."""
    campaign = load_campaign(place)
    started_at = time.monotonic()
    parts = share.parts(workers if campaign.can_be_split else 1)
    with ExitStack() as ending:
        running = [_Part(place, campaign, part) for part in parts]
        for each in running:
            ending.callback(each.end)
            each.start()
        while any(not each.is_over for each in running):
            _wait_for_news(running)
            for each in running:
                each.look()
            tell(sum(each.done for each in running))
    finding = _joined([each.finding for each in running])
    return Outcome(campaign, share, finding, time.monotonic() - started_at)


def _joined(findings: Sequence[Finding]) -> Finding:
    whole = findings[0]
    for each in findings[1:]:
        whole = whole.joined(each)
    return whole


@dataclass(slots=True)
class _Part:
    """One share in work; a process that dies is followed by one that goes on behind the input it died of."""

    place: str
    campaign: Campaign
    share: Share
    finding: Finding = field(default_factory=lambda: Finding(0))
    is_over: bool = False
    _next: int = 0
    _doubted: int = IDLE
    """The input that was in work when a process did not come back; a second time it is a hang, once it was the machine."""
    _process: _Process | None = None

    def start(self) -> None:
        """Start a process on what is left."""
        self._next = self._next or self.share.first
        left = Share(self.share.seed, self._next, self.share.first + self.share.count - self._next)
        self._process = _Process(self.place, left)

    @property
    def done(self) -> int:
        """How many inputs were tried."""
        running = self._process.beacon.sign().done if self._process else 0
        return self.finding.done + running

    @property
    def descriptor(self) -> int | None:
        """What becomes readable when there is news."""
        return self._process.answer if self._process else None

    def look(self) -> None:
        """Take the answer if there is one; end the process if it is stuck."""
        process = self._process
        if process is None:
            return
        sign = process.beacon.sign()
        if sign.index != IDLE and sign.age_s() > self.campaign.hang_limit_s + _GRACE_S:
            self._stuck()
        elif process.has_answered():
            answer = process.take_answer()
            if answer is None:
                self._lost("")
            else:
                self._leave(process)
                self.finding = self.finding.joined(answer)
                self.is_over = True

    def end(self) -> None:
        """End the process; safe to call again."""
        if self._process is not None:
            self._process.end()

    def _stuck(self) -> None:
        """Begin anew with the input that a process did not come back from; twice is once too often."""
        process = self._process
        assert process is not None
        sign = process.beacon.sign()
        if sign.index in {IDLE, self._doubted}:
            self._lost(f"hang: over {self.campaign.hang_limit_s:g} s and not to be interrupted")
            return
        self._leave(process)
        self.finding = self.finding.joined(Finding(sign.done))
        self._doubted = self._next = sign.index
        self.start()

    def _lost(self, what: str) -> None:
        process = self._process
        assert process is not None
        how = process.abort()
        sign, content, place = process.beacon.sign(), process.beacon.content(), process.place_of_death()
        self._leave(process)
        index = sign.index if sign.index != IDLE else self._next + sign.done
        failure = Failure(index, f"{what or how}{place}", content.hex())
        self.finding = self.finding.joined(Finding(sign.done, 1, (failure,)))
        self._next = index + 1
        is_before_first = sign.index == IDLE and sign.done == 0
        is_last = self._next >= self.share.first + self.share.count
        if is_before_first or is_last or self.finding.failed >= FAILED_MAX:
            self.is_over = True
        else:
            self.start()

    def _leave(self, process: _Process) -> None:
        process.end()
        self._process = None


class _Process:
    """One child process with its beacon and the pipe for its answer."""

    def __init__(self, place: str, share: Share) -> None:
        self.beacon, beacon_descriptor = Beacon.create()
        self.answer, theirs = os.pipe()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self._received = b""
        numbers = (share.seed, share.first, share.count, beacon_descriptor, theirs)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-B", "-m", "tests.proof.child", place, *map(str, numbers)],
                cwd=_ROOT,
                pass_fds=(beacon_descriptor, theirs),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
            )
        finally:
            os.close(beacon_descriptor)
            os.close(theirs)

    def has_answered(self) -> bool:
        """Take in what has come; tell whether the line is closed, by an answer or by death."""
        while select.select([self.answer], [], [], 0)[0]:
            piece = os.read(self.answer, 65_536)
            if not piece:
                return True
            self._received += piece
        return False

    def take_answer(self) -> Finding | None:
        """Return the finding, or None when the process died without one."""
        try:
            return Finding.from_dict(json.loads(self._received))
        except ValueError:
            return None

    def abort(self) -> str:
        """End a process that hangs, or learn how a dead one ended."""
        # Aborted, it writes its stack; a dead one is past hearing it.
        if self._process.poll() is None and not self.has_answered():
            self._process.send_signal(signal.SIGABRT)
        try:
            status = self._process.wait(_END_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        return f"crash: {signal.Signals(-status).name}" if status < 0 else f"crash: exit status {status}"

    def place_of_death(self) -> str:
        """Return the innermost place of our source in the stack that the process left, and its last words."""
        self._said.seek(0)
        said = self._said.read()
        for file, line in _innermost_first(said):
            path = Path(os.fsdecode(file))
            if is_ours(path) and path.name not in {"watch.py", "child.py"}:
                return f" at {path.relative_to(_ROOT)}:{int(line)}{_last_words(said)}"
        return _last_words(said)

    def end(self) -> None:
        """End it and let everything go; safe to call again."""
        self._process.kill()
        self._process.wait()
        self.beacon.close()
        self._said.close()
        if self.answer >= 0:
            os.close(self.answer)
            self.answer = -1


def _innermost_first(said: bytes) -> list[tuple[bytes, bytes]]:
    found = _FRAME.findall(said)
    # faulthandler writes the innermost frame first, a traceback last.
    return found[::-1] if b"Traceback (most recent call last)" in said else found


def _last_words(said: bytes) -> str:
    """Return the kind of error that ended the process, without its message."""
    lines = said.decode("utf-8", "replace").splitlines()
    if "Traceback (most recent call last):" not in lines:
        return ""
    return f" ({lines[-1].partition(':')[0]})"


def _wait_for_news(running: Sequence[_Part]) -> None:
    descriptors = [each.descriptor for each in running if each.descriptor is not None]
    select.select(descriptors, [], [], _LOOK_S)
