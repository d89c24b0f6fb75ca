"""The confined process's side: take limits, answer jobs one by one, end when the line closes (H11, R10)."""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

from appliance.errors import CameraTrouble
from appliance.pictures.confinement import MESSAGE_LIMIT_BYTES, Message
from appliance.pictures.exchange import Exchange

Job = Callable[[Message, Exchange], Message]
"""One job: its question and the exchange in, its answer out; `CameraTrouble` travels to the unit by name."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What the unit's side wrote on the command line."""

    line: int
    memory: int
    exchange_bytes: int
    memory_bytes: int
    cpu_s: int
    others: tuple[str, ...]

    @classmethod
    def parse(cls, words: Sequence[str]) -> Arguments:
        """Read the words after the program's name."""
        line, memory, exchange_bytes, memory_bytes, cpu_s = map(int, words[:5])
        return cls(line, memory, exchange_bytes, memory_bytes, cpu_s, tuple(words[5:]))


def serve(arguments: Arguments, prepare: Callable[[tuple[str, ...]], Mapping[str, Job]]) -> None:
    """Take the limits, load what the jobs need by `prepare`, say ready, then answer until the line closes.

    A refusal from `prepare` is the only answer then. Any other failure ends the process, which the unit's side sees.
    """
    _take_limits(arguments)
    with socket.socket(fileno=arguments.line) as line:
        exchange = Exchange(arguments.memory, arguments.exchange_bytes)
        os.close(arguments.memory)
        _grant_processor_time(arguments.cpu_s)
        try:
            jobs = prepare(arguments.others)
        except CameraTrouble as error:
            _answer(line, error_message(error))
            return
        _answer(line, {"ready": True})
        while question := line.recv(MESSAGE_LIMIT_BYTES):
            _grant_processor_time(arguments.cpu_s)
            _answer(line, _do(jobs, json.loads(question), exchange))


def _do(jobs: Mapping[str, Job], question: Message, exchange: Exchange) -> Message:
    try:
        return jobs[str(question["job"])](question, exchange)
    except CameraTrouble as error:
        return error_message(error)


def _answer(line: socket.socket, answer: Message) -> None:
    # NaN is refused here already: it would end the process instead of passing for a score.
    line.send(json.dumps(answer, allow_nan=False).encode())


def error_message(error: CameraTrouble) -> Message:
    """Describe `error` by its name and fields, none of which holds personal bytes (examples.md §5, E3)."""
    values = {field.name: getattr(error, field.name) for field in fields(error)}
    return {"error": type(error).__name__, "fields": values}


_OPEN_FILES: Final = 64


def _take_limits(arguments: Arguments) -> None:
    """Bound memory, files and core dumps; Ctrl-C belongs to the unit's side."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for which, bound in (
        (resource.RLIMIT_AS, arguments.memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        resource.setrlimit(which, (bound, bound))


def _grant_processor_time(cpu_s: int) -> None:
    """Let this process use `cpu_s` from now; beyond them the kernel ends it, parent or no parent."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + cpu_s
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
