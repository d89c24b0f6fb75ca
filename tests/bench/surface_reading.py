"""S1: the product's reading of a card against the same commands sent raw, and its certificate against OpenSC's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from appliance.card.jpki.certificates import read_user_auth_certificate
from appliance.card.reach import VerifierPolicy, VerifierReach
from appliance.simulated.pcsc_stack import PcscStack
from tests.bench.card_stand import BenchFailed, CardStand, card_stand, code_of, identify, private_stack
from tests.bench.figures import Bench, Limit, Row, Table, Told
from tests.bench.timing import Timed, in_turns, side_by_side, spread_of

LIMIT: Final = Limit(must=1.3, stretch=1.1)
PEOPLE: Final = ("p01", "p02", "p04", "p05")
"""p01 and p02 wear photos of 8 KB; the others have small ones."""
ROUNDS: Final = 150
TOOL_ROUNDS: Final = 15
_CERTIFICATE_OWNER: Final = "p01"
_TOOL_TIMEOUT_S: Final = 30
_MS: Final = 1000.0


def measure(told: Told) -> tuple[Table, ...]:
    """Measure both halves of S1."""
    with private_stack() as stack, card_stand(stack) as stand:
        readings = tuple(_person_row(stand, person, told) for person in PEOPLE)
        certificates = _certificate_rows(stand, stack, told)
    return (
        Table(
            "S1",
            "Reading a card with authenticity, against the bare commands",
            f"at most {LIMIT.must} times the time of the same commands sent raw; stretch {LIMIT.stretch}",
            readings,
            (
                (
                    "Both ways use pcscd and the virtual reader with a card that answers at once, and each an exclusive "
                    "connection of its own; the time runs from the first command to the last answer, ours with parsing, "
                    "allow-list and all three signature checks. Times are medians, in brackets the quarter points. "
                    "Judged are the quiet rounds: the fastest twentieth of each way, since other programs only ever add time."
                ),
            ),
        ),
        Table(
            "S1",
            "Reading the user authentication certificate, against OpenSC",
            "",
            certificates,
            (
                (
                    "Commands and bytes are the card's own count. OpenSC probes for other cards before it finds this one. "
                    "`start-up alone` is the program without a card: `opensc-tool --version` and our imports."
                ),
            ),
        ),
    )


def _person_row(stand: CardStand, person: str, told: Told) -> Row:
    stand.lay(person)
    exchanges = stand.recorded(person)
    commands = [list(command) for command, _ in exchanges]
    cpu_s: dict[str, list[float]] = {"ours": [], "bare": []}

    def ours() -> float:
        with stand.channel() as channel, code_of(person) as code_b:
            with _clocked(cpu_s["ours"]) as took:
                reading = identify(channel, code_b)
            reading.wipe()
            return took[0]

    def bare() -> float:
        with stand.raw() as line:
            with _clocked(cpu_s["bare"]) as took:
                line.send(commands)
            return took[0]

    found = side_by_side(ours, bare, ROUNDS, told)
    return Row(
        {
            "card": person,
            "APDUs": len(commands),
            "bytes back": sum(len(answer) for _, answer in exchanges),
            "ours ms": found.ours.times(_MS),
            "bare ms": found.bare.times(_MS),
            "ratio": found.ratio,
            "ratio, quiet rounds": found.quiet_ratio,
            "our CPU ms": spread_of(cpu_s["ours"]).median * _MS,
            "bare CPU ms": spread_of(cpu_s["bare"]).median * _MS,
        },
        LIMIT.verdict(found.quiet_ratio),
    )


@contextmanager
def _clocked(cpu_s: list[float]) -> Iterator[list[float]]:
    """Give a list that holds the seconds once the block has ended; the process's own computing goes to `cpu_s`."""
    took: list[float] = []
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    yield took
    took.append(time.perf_counter() - began_s)
    cpu_s.append(time.process_time() - began_cpu_s)


def _certificate_rows(stand: CardStand, stack: PcscStack, told: Told) -> tuple[Row, ...]:
    verifier = VerifierReach(VerifierPolicy.for_training())

    def in_process() -> float:
        with stand.channel() as channel:
            began_s = time.perf_counter()
            read_user_auth_certificate(channel, verifier)
            return time.perf_counter() - began_s

    with tempfile.TemporaryDirectory() as home:
        # A home of its own: OpenSC keeps certificates it has read, and would not read them again.
        environment = {**os.environ, **stack.environment, "HOME": home, "LC_ALL": "C.UTF-8"}
        ways: dict[str, Timed] = {
            "ours, in a running program": in_process,
            "ours, as a program of its own": _program(_our_program(), environment),
            "ours, start-up alone": _program(_our_start_up(), environment),
            "OpenSC, as a program of its own": _program(
                (_tool("pkcs15-tool"), "--read-certificate", "1"), environment
            ),
            "OpenSC, start-up alone": _program((_tool("opensc-tool"), "--version"), environment),
        }
        counts = {name: _counted(stand, way) for name, way in ways.items()}
        times = in_turns(tuple(ways.values()), TOOL_ROUNDS, told)
    return tuple(
        Row(
            {
                "way": name,
                "APDUs": counts[name][0],
                "bytes back": counts[name][1],
                "ms": spread_of(taken).times(_MS),
            }
        )
        for name, taken in zip(ways, times, strict=True)
    )


def _counted(stand: CardStand, way: Callable[[], object]) -> tuple[int, int]:
    """Return how many commands one turn sends to a fresh card, and how many bytes come back."""
    stand.lay(_CERTIFICATE_OWNER)
    way()
    trace = stand.trace()
    return len(trace), sum(entry.answer_size_bytes for entry in trace)


def _program(command: Sequence[str], environment: dict[str, str]) -> Timed:
    def run() -> float:
        began_s = time.perf_counter()
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=_TOOL_TIMEOUT_S, check=False
        )
        took_s = time.perf_counter() - began_s
        if done.returncode:
            raise BenchFailed(command[0])
        return took_s

    return run


def _our_program() -> tuple[str, ...]:
    return (sys.executable, "-B", "-m", "tests.bench.certificate_program")


def _our_start_up() -> tuple[str, ...]:
    return (sys.executable, "-B", "-c", "import tests.bench.certificate_program")


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BenchFailed(name)
    return found


BENCH: Final = Bench("S1", len(PEOPLE) * ROUNDS + TOOL_ROUNDS, measure)
