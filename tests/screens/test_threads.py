"""The threading law: workers post messages, one turn is used by one worker at a time, and a late worker wipes."""

from __future__ import annotations

import ast
import threading
from pathlib import Path

import pytest

from appliance.errors import CardSilent, NoCard
from appliance.service.visit import Visit
from appliance.service.visit_day import VisitDay, sign_in
from tests.screens.rig import PASSPHRASE, STAFF, Rig, entry_of, quality
from tui.field.background import _answer
from tui.field.messages import FrameSeen, ReaderSeen, Troubled, UnitNeedsHelp
from tui.field.turn import Turn, TurnOver

TUI = Path(__file__).parents[2] / "tui"


@pytest.fixture
def turn(rig: Rig) -> Turn:
    day: VisitDay = sign_in(rig.unit, STAFF, PASSPHRASE)
    return Turn(day, entry_of(rig.people[0]))


def test_a_known_error_is_handed_on_whole() -> None:
    error = CardSilent()

    def job() -> None:
        raise error

    answer = _answer(job, "place")
    assert isinstance(answer, Troubled)
    assert answer.error is error


def test_an_unforeseen_error_is_handed_on_without_its_words() -> None:
    def job() -> None:
        raise RuntimeError("見本　春江 18051420354173")

    answer = _answer(job, "place")
    assert isinstance(answer, UnitNeedsHelp)
    assert vars(answer).get("kind") == "RuntimeError"
    assert "春江" not in repr(vars(answer))


def test_a_job_of_a_turn_that_is_over_ends_quietly(turn: Turn) -> None:
    turn.end()

    def job() -> None:
        turn.use(lambda visit: visit.look())

    assert _answer(job, "look") is None


def test_only_the_supervision_edge_catches_everything() -> None:
    broad = [
        f"{path.name}:{node.lineno}"
        for path in TUI.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
        )
    ]
    assert [place.split(":")[0] for place in broad] == ["background.py"]


def test_passing_states_may_replace_each_other_and_nothing_else() -> None:
    from appliance.domain.face_advice import FrameHint
    from appliance.ports import Presence
    from appliance.service.face_watch import FaceSight

    older, newer = (FrameSeen(FaceSight(quality(hint), hint)) for hint in (FrameHint.NO_FACE, FrameHint.GOOD))
    assert older.can_replace(newer)
    assert not older.can_replace(ReaderSeen(Presence.CARD))
    assert not Troubled(NoCard()).can_replace(Troubled(NoCard()))


def test_a_turn_is_used_by_one_worker_at_a_time(turn: Turn) -> None:
    inside = threading.Event()
    go_on = threading.Event()
    order: list[str] = []

    def first(_: Visit) -> None:
        inside.set()
        go_on.wait(10)
        order.append("first")

    slow = threading.Thread(target=lambda: turn.use(first))
    slow.start()
    inside.wait(10)
    quick = threading.Thread(target=lambda: turn.use(lambda _: order.append("second")))
    quick.start()
    go_on.set()
    slow.join(10)
    quick.join(10)
    assert order == ["first", "second"]


def test_a_worker_that_comes_back_too_late_wipes_what_it_brought(
    turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    monkeypatch.setattr(turn.visit, "close", lambda: closed.append("closed"))

    def outlast(_: Visit) -> str:
        turn.end()
        return "late"

    with pytest.raises(TurnOver):
        turn.use(outlast)
    assert closed == ["closed", "closed"]


def test_the_typed_code_is_kept_once_and_wiped(turn: Turn) -> None:
    digits = bytearray(b"18051420354173")
    turn.keep_code(digits)
    assert digits == bytes(14)
    first = turn.typed_code
    assert first is not None
    turn.keep_code(bytearray(b"18051420354174"))
    assert len(first) == 0
    turn.end()
    assert turn.typed_code is None
