"""The loop that owns the card service's context: one thread, no asker without an answer, no thread left over."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import NoReader, ReaderSilent
from appliance.hardware.reader_loop import ReaderLoop

SOON_S = 0.05
"""A deadline that a test waits out."""
NEVER_S = 30.0
"""A deadline that no test reaches."""


class Bench:
    """What a loop owns here: it notes who made and closed it."""

    def __init__(self, made: list[Bench]) -> None:
        self.maker = threading.get_ident()
        self.closer = 0
        self.closed = threading.Event()
        made.append(self)

    def close(self) -> None:
        self.closer = threading.get_ident()
        self.closed.set()


class Ice:
    """A call that hangs until it is melted."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.melted = threading.Event()

    def __call__(self, bench: Bench) -> str:
        self.began.set()
        assert self.melted.wait(NEVER_S)
        return "late"


@pytest.fixture
def made() -> list[Bench]:
    return []


@pytest.fixture
def loop(made: list[Bench]) -> Iterator[ReaderLoop[Bench]]:
    used = ReaderLoop(lambda: Bench(made))
    yield used
    used.close()


def owners() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "card reader"]


def freeze(loop: ReaderLoop[Bench]) -> Ice:
    ice = Ice()
    with pytest.raises(ReaderSilent):
        loop.ask(ice, SOON_S)
    return ice


def thaw(ice: Ice, bench: Bench) -> None:
    """Let the old call come back and its thread end."""
    ice.melted.set()
    assert bench.closed.wait(NEVER_S)
    for thread in owners():
        thread.join(NEVER_S)


def in_thread(act: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_nothing_starts_before_the_first_call(loop: ReaderLoop[Bench], made: list[Bench]) -> None:
    assert owners() == []
    assert made == []


def test_one_thread_makes_uses_and_closes_what_it_owns(loop: ReaderLoop[Bench], made: list[Bench]) -> None:
    users = {loop.ask(lambda bench: threading.get_ident(), NEVER_S) for _ in range(20)}
    loop.close()
    (bench,) = made
    assert users == {bench.maker} == {bench.closer}
    assert bench.maker != threading.get_ident()


def test_the_thread_never_keeps_a_process_alive(loop: ReaderLoop[Bench]) -> None:
    loop.ask(lambda bench: None, NEVER_S)
    assert [thread.daemon for thread in owners()] == [True]


def echo(question: int, bench: Bench) -> int:
    return question


@settings(deadline=None, max_examples=20)
@given(st.lists(st.lists(st.integers(), max_size=20), min_size=1, max_size=5))
def test_every_asker_gets_its_own_answer(questions: list[list[int]]) -> None:
    loop = ReaderLoop(lambda: Bench([]))
    answers: dict[int, list[int]] = {}

    def ask_all(index: int) -> None:
        for question in questions[index]:
            answers.setdefault(index, []).append(loop.ask(partial(echo, question), NEVER_S))

    askers = [in_thread(partial(ask_all, index)) for index in range(len(questions))]
    for asker in askers:
        asker.join(NEVER_S)
    loop.close()
    assert [answers.get(index, []) for index in range(len(questions))] == questions


def test_an_overdue_call_ends_for_its_asker_and_for_all_behind_it(loop: ReaderLoop[Bench]) -> None:
    ice, seen = Ice(), []

    def ask_behind() -> None:
        try:
            loop.ask(lambda bench: None, NEVER_S)
        except ReaderSilent as silent:
            seen.append(silent.deadline_s)

    first = in_thread(lambda: seen.append(freeze_with(loop, ice)))
    assert ice.began.wait(NEVER_S)
    others = [in_thread(ask_behind) for _ in range(3)]
    for asker in (first, *others):
        asker.join(NEVER_S)
    assert sorted(seen) == [SOON_S, NEVER_S, NEVER_S, NEVER_S]
    ice.melted.set()


def freeze_with(loop: ReaderLoop[Bench], ice: Ice) -> float:
    with pytest.raises(ReaderSilent) as silent:
        loop.ask(ice, SOON_S)
    return silent.value.deadline_s


def test_a_call_with_more_time_is_not_given_up_by_an_asker_with_less(loop: ReaderLoop[Bench]) -> None:
    slow, answers = Ice(), []
    first = in_thread(lambda: answers.append(loop.ask(slow, NEVER_S)))
    assert slow.began.wait(NEVER_S)
    hasty = in_thread(lambda: answers.append(loop.ask(lambda bench: "hasty", SOON_S)))
    hasty.join(4 * SOON_S)
    assert answers == []
    slow.melted.set()
    for asker in (first, hasty):
        asker.join(NEVER_S)
    assert sorted(answers) == ["hasty", "late"]


def test_while_a_call_hangs_askers_are_told_at_once(loop: ReaderLoop[Bench]) -> None:
    ice = freeze(loop)
    for _ in range(50):
        with pytest.raises(ReaderSilent):
            loop.ask(lambda bench: None, NEVER_S)
    assert len(owners()) == 1
    ice.melted.set()


def test_a_fresh_owner_takes_over_when_the_old_call_came_back(
    loop: ReaderLoop[Bench], made: list[Bench]
) -> None:
    thaw(freeze(loop), made[0])
    assert made[0].closer == made[0].maker
    assert loop.ask(lambda bench: bench is made[1], NEVER_S)
    assert [bench.closed.is_set() for bench in made] == [True, False]


def test_a_hundred_freezes_leave_no_thread(loop: ReaderLoop[Bench], made: list[Bench]) -> None:
    for turn in range(100):
        ice = Ice()
        with pytest.raises(ReaderSilent):
            loop.ask(ice, 0.001)
        assert len(owners()) <= 1
        thaw(ice, made[turn])
    assert owners() == []


def test_a_thousand_loops_leave_no_thread() -> None:
    for _ in range(1000):
        loop = ReaderLoop(lambda: Bench([]))
        assert loop.ask(lambda bench: 1, NEVER_S) == 1
        loop.close()
    assert owners() == []


class Personal:
    """Stands for a card's answer, whose going can be watched."""


def test_nothing_of_an_answer_stays_behind(loop: ReaderLoop[Bench]) -> None:
    kept = weakref.ref(loop.ask(lambda bench: Personal(), NEVER_S))
    gc.collect()
    assert kept() is None


def test_nothing_of_a_late_answer_stays_behind(loop: ReaderLoop[Bench], made: list[Bench]) -> None:
    ice, kept = Ice(), []

    def answer_late(bench: Bench) -> Personal:
        ice(bench)
        answer = Personal()
        kept.append(weakref.ref(answer))
        return answer

    with pytest.raises(ReaderSilent):
        loop.ask(answer_late, SOON_S)
    thaw(ice, made[0])
    gc.collect()
    assert [each() for each in kept] == [None]


def test_a_closed_loop_has_no_reader_and_no_thread(loop: ReaderLoop[Bench], made: list[Bench]) -> None:
    loop.ask(lambda bench: None, NEVER_S)
    loop.close()
    loop.close()
    assert owners() == []
    assert made[0].closed.is_set()
    with pytest.raises(NoReader):
        loop.ask(lambda bench: None, NEVER_S)


def test_what_was_asked_before_closing_is_still_done(loop: ReaderLoop[Bench]) -> None:
    slow, answers = Ice(), []
    askers = [in_thread(lambda: answers.append(loop.ask(slow, NEVER_S)))]
    assert slow.began.wait(NEVER_S)
    closing = in_thread(loop.close)
    slow.melted.set()
    for thread in (*askers, closing):
        thread.join(NEVER_S)
    assert answers == ["late"]
    assert owners() == []


def test_closing_leaves_a_hanging_call_behind(loop: ReaderLoop[Bench], made: list[Bench]) -> None:
    ice = freeze(loop)
    loop.close()
    assert len(owners()) == 1
    thaw(ice, made[0])
    assert owners() == []


def test_closing_from_inside_the_thread_ends_it(loop: ReaderLoop[Bench], made: list[Bench]) -> None:
    loop.ask(lambda bench: loop.close(), NEVER_S)
    assert made[0].closed.wait(NEVER_S)


def test_telling_waits_for_what_is_short(loop: ReaderLoop[Bench]) -> None:
    done: list[int] = []
    loop.tell(lambda bench: done.append(1), NEVER_S)
    assert done == [1]


def test_telling_what_hangs_returns_and_is_done_later(loop: ReaderLoop[Bench], made: list[Bench]) -> None:
    ice, done = Ice(), threading.Event()
    loop.tell(lambda bench: done.set() if ice(bench) else None, SOON_S)
    assert not done.is_set()
    ice.melted.set()
    assert done.wait(NEVER_S)


@pytest.mark.parametrize("is_closed", [True, False])
def test_telling_a_loop_that_is_closed_or_hangs_does_nothing(
    loop: ReaderLoop[Bench], is_closed: bool
) -> None:
    ice, done = freeze(loop), []
    if is_closed:
        loop.close()
    loop.tell(lambda bench: done.append(1), NEVER_S)
    ice.melted.set()
    assert done == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_in_a_call_ends_the_thread_and_not_the_loop(
    loop: ReaderLoop[Bench], made: list[Bench]
) -> None:
    with pytest.raises(ReaderSilent):
        loop.ask(lambda bench: 1 // 0, NEVER_S)
    assert made[0].closed.wait(NEVER_S)
    for thread in owners():
        thread.join(NEVER_S)
    assert loop.ask(lambda bench: 2, NEVER_S) == 2


HANGING_PROGRAM = """
import threading, contextlib
from appliance.errors import ReaderSilent
from appliance.hardware.reader_loop import ReaderLoop

class Nothing:
    def close(self): pass

loop = ReaderLoop(Nothing)
with contextlib.suppress(ReaderSilent):
    loop.ask(lambda owned: threading.Event().wait(), 0.05)
print("ends")
"""


def test_a_program_ends_although_a_call_hangs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HANGING_PROGRAM], capture_output=True, text=True, timeout=NEVER_S, check=True
    )
    assert (done.stdout, done.stderr) == ("ends\n", "")
