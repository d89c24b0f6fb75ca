"""A confined process answers within its limits, and whatever it does the unit goes on (H11, H12)."""

from __future__ import annotations

import errno
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.pictures.confinement import Cause, Confinement, Limits, Lost, Message
from appliance.pictures.exchange import Stage

LIMITS = Limits(memory_bytes=256 * 1_048_576, cpu_s=1, exchange_bytes=65_536)
PROCESS = "tests.pictures.scripted_process"
PATIENCE_S = 20.0


@pytest.fixture
def confinement() -> Iterator[Confinement]:
    running = Confinement(PROCESS, LIMITS, ["one", "two"])
    running.start()
    assert running.receive(PATIENCE_S) == {"ready": True}
    yield running
    running.end()


def ask(confinement: Confinement, job: str, **more: object) -> Message | Lost:
    confinement.send({"job": job, **more})
    return confinement.receive(PATIENCE_S)


def test_pixels_go_through_the_exchange_and_answers_through_the_line(confinement: Confinement) -> None:
    confinement.exchange.put(bytes([1, 2, 39]))
    assert ask(confinement, "add") == {"sum": 42}


def test_one_process_answers_many_questions(confinement: Confinement) -> None:
    first = confinement.process_id
    assert [ask(confinement, "add") for _ in range(3)] == [{"sum": 0}] * 3
    assert confinement.process_id == first


def test_an_error_travels_by_name(confinement: Confinement) -> None:
    assert ask(confinement, "refuse") == {"error": "PictureRefused", "fields": {"reason": "memory"}}


def test_the_limits_hold_in_the_process(confinement: Confinement) -> None:
    answer = ask(confinement, "limits")
    assert answer == {"RLIMIT_AS": LIMITS.memory_bytes, "RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0}


def test_the_process_sees_no_secrets_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OFFICE_PASSPHRASE", "made up")
    running = Confinement(PROCESS, LIMITS, ["one", "two"])
    running.start()
    running.receive(PATIENCE_S)
    answer = ask(running, "environment")
    running.end()
    assert isinstance(answer, dict)
    assert "OFFICE_PASSPHRASE" not in answer["names"]
    assert answer["arguments"] == ["one", "two"]


def test_the_process_can_write_no_file(confinement: Confinement) -> None:
    assert ask(confinement, "write_file") == {"errno": errno.EFBIG}


def test_control_c_is_for_the_unit_alone(confinement: Confinement) -> None:
    assert ask(confinement, "interrupt") == {"alive": True}


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        ("spin", Lost(Cause.OVERTIME, Stage.IDLE)),
        ("crash", Lost(Cause.DIED, Stage.DECODING)),
        ("hoard", Lost(Cause.DIED, Stage.IDLE)),
        ("not_a_number", Lost(Cause.DIED, Stage.IDLE)),
        ("no such job", Lost(Cause.DIED, Stage.IDLE)),
    ],
)
def test_a_process_that_fails_is_lost_and_named(confinement: Confinement, job: str, expected: Lost) -> None:
    assert ask(confinement, job) == expected
    assert confinement.process_id is None


@pytest.mark.parametrize(
    "words", ["[1]", "{", "nonsense", '{"score": NaN}', '{"score": -Infinity}', "[" * 9_000]
)
def test_an_answer_that_is_no_object_ends_the_process(confinement: Confinement, words: str) -> None:
    assert ask(confinement, "speak", words=words) == Lost(Cause.GARBLED, Stage.IDLE)
    assert confinement.process_id is None


@pytest.mark.parametrize("size_bytes", [64, 512, 1_024, 8_000, 100_000, 900_000])
def test_memory_that_is_given_back_is_overwritten(confinement: Confinement, size_bytes: int) -> None:
    confinement.send({"job": "free", "size_bytes": size_bytes})
    answer = confinement.receive(PATIENCE_S)
    assert answer == {"runs_left": 0}


def test_whether_an_answer_is_there_can_be_asked_without_taking_it(confinement: Confinement) -> None:
    assert not confinement.has_answered(0.0)
    confinement.send({"job": "add"})
    assert confinement.has_answered(PATIENCE_S)
    assert confinement.receive(0.0) == {"sum": 0}
    confinement.interrupt()
    assert confinement.has_answered(PATIENCE_S)
    assert confinement.receive(0.0) == Lost(Cause.DIED, Stage.IDLE)
    assert confinement.has_answered(0.0)


def test_a_late_process_is_killed(confinement: Confinement) -> None:
    process_id = confinement.process_id
    confinement.send({"job": "hang"})
    lost = confinement.receive(0.2)
    assert isinstance(lost, Lost)
    assert lost.cause is Cause.LATE
    assert process_id is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)


def test_a_new_process_follows_a_lost_one(confinement: Confinement) -> None:
    first = confinement.process_id
    ask(confinement, "crash")
    confinement.start()
    assert confinement.receive(PATIENCE_S) == {"ready": True}
    assert ask(confinement, "add") == {"sum": 0}
    assert confinement.process_id != first


def test_starting_twice_keeps_the_process(confinement: Confinement) -> None:
    first = confinement.process_id
    confinement.start()
    assert confinement.process_id == first


def test_an_interrupted_process_is_lost_to_whoever_waits(confinement: Confinement) -> None:
    confinement.interrupt()
    assert ask(confinement, "add") == Lost(Cause.DIED, Stage.IDLE)


def test_a_refusal_while_loading_is_the_only_answer() -> None:
    running = Confinement(PROCESS, LIMITS, ["refuse"])
    running.start()
    assert running.receive(PATIENCE_S) == {"error": "PictureRefused", "fields": {"reason": "format"}}
    assert running.receive(PATIENCE_S) == Lost(Cause.DIED, Stage.IDLE)


def test_before_the_start_there_is_nothing_to_ask() -> None:
    idle = Confinement(PROCESS, LIMITS)
    assert idle.process_id is None
    assert idle.receive(PATIENCE_S) == Lost(Cause.DIED, Stage.IDLE)
    with pytest.raises(RuntimeError):
        _ = idle.exchange
    idle.end()


def test_a_process_that_cannot_be_made_counts_as_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    missing = Confinement(PROCESS, LIMITS)
    missing.start()
    assert missing.receive(PATIENCE_S) == Lost(Cause.DIED, Stage.IDLE)


ORPHANING = """
import os, signal
from appliance.pictures.confinement import Confinement, Limits
child = Confinement("tests.pictures.scripted_process", Limits(256 * 1_048_576, 1, 65_536))
child.start()
child.receive(20.0)
child.send({"job": JOB})
print(child.process_id, flush=True)
signal.pause()
"""


@pytest.mark.parametrize("job", ["add", "spin"])
def test_the_process_dies_with_its_parent(job: str) -> None:
    root = Path(__file__).parents[2]
    parent = subprocess.Popen(
        [sys.executable, "-c", ORPHANING.replace("JOB", repr(job))], stdout=subprocess.PIPE, cwd=root
    )
    assert parent.stdout is not None
    process_id = int(parent.stdout.readline())
    watch = os.pidfd_open(process_id)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    ended, _, _ = select.select([watch], [], [], PATIENCE_S)
    os.close(watch)
    assert ended
