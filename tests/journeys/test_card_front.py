"""From a card before the camera to a card that was read: the real reading engine, drawn cards, every digit confirmed (R03, R04)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from appliance.card_front.worker import WorkerFrontReader
from appliance.domain.consent import ConsentGiver
from appliance.domain.ephemeral import Frame
from appliance.domain.front_sight import PROPOSED_DIGITS, FrontHint, FrontSide
from appliance.domain.ids import PersonId
from appliance.errors import CardReadingMissing
from appliance.ports import FrontReader
from appliance.service.front_on_demand import FrontReaderOnDemand
from appliance.service.selftest import run, unit_checks
from appliance.service.visit import Visit
from appliance.simulated.card_before_camera import CardBeforeCamera
from tests.journeys.test_first_visit import BenchHand, consent, sign_in
from tests.screens.rig import Walk
from tests.service.bench import PASSPHRASE, Bench, opened_bench
from tui.field.app import FieldApp
from tui.field.screens.card_code import CardCodeScreen
from tui.field.screens.card_confirm import CardConfirmScreen
from tui.field.screens.card_front import CardFrontScreen
from tui.field.screens.card_shown import CardShownScreen
from tui.field.screens.front_digits import FrontDigitsScreen
from tui.widgets.picture import ChipPhoto
from tui.widgets.prose import Prose

pytestmark = pytest.mark.journey

PATIENCE_S = 60.0
LOOKS_AT_MOST = 6
TURNS_AT_MOST = 6000
PERSON = "p01"


class Started:
    """Starts real readers and remembers their processes."""

    def __init__(self) -> None:
        self.readers: list[WorkerFrontReader] = []

    def __call__(self) -> FrontReader:
        self.readers.append(WorkerFrontReader(lambda: date(2026, 11, 23), PATIENCE_S))
        return self.readers[-1]


class Counter:
    """A unit with a real front reader and a camera before which cards are held."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.started = bench, Started()
        self.camera = CardBeforeCamera(bench.camera)
        bench.unit = replace(bench.unit, camera=self.camera, front_reader=FrontReaderOnDemand(self.started))
        self.person = bench.put_card(PERSON)

    def visit(self) -> Visit:
        day = self.bench.day()
        visit = day.open_visit(next(each for each in day.roster.entries if each.person == PERSON))
        visit.consent(ConsentGiver.PERSON, to_card_reading=True, to_face_matching=True)
        return visit


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    with opened_bench(tmp_path) as bench:
        made = Counter(bench)
        try:
            made.bench.unit.front_reader.look(Frame(64, 36, bytearray(64 * 36 * 3)))
        except CardReadingMissing as missing:
            pytest.skip(f"the reading engine is not installed: apt package {missing.package}")
        yield made
        made.bench.unit.close()


def test_what_is_proposed_is_what_is_printed(counter: Counter) -> None:
    with counter.visit() as visit:
        counter.camera.hold_up(counter.person)
        looks = [visit.look_at_front()]
        while looks[-1].hint is not FrontHint.DONE and len(looks) < LOOKS_AT_MOST:
            looks.append(visit.look_at_front())
        assert {look.side for look in looks} == {FrontSide.FRONT}
        proposal = visit.take_proposal()
        assert proposal is not None
        with proposal:
            assert proposal.doubtful == frozenset()
            assert proposal.reveal().decode() == counter.person.code_b
    assert all(look.preview is not None and not any(look.preview.grey) for look in looks)


class CounterHand(BenchHand):
    """The bench's hand, which also holds cards before the camera."""

    def __init__(self, counter: Counter) -> None:
        super().__init__(counter.bench)
        self._counter = counter

    def hold_up(self, person: PersonId, side: FrontSide) -> None:
        self._counter.camera.hold_up(self._counter.bench.people[person], side)

    def lower_card(self) -> None:
        self._counter.camera.lower()


async def patiently(walk: Walk, holds: Callable[[], object]) -> None:
    """Wait for the real engine, which a loaded machine slows down."""
    for _ in range(TURNS_AT_MOST):
        if holds():
            return
        await walk.pilot.pause(0.01)
    raise AssertionError("never came")


async def test_at_the_screen_a_back_stays_dark_and_a_front_leads_to_a_card_that_was_read(
    counter: Counter,
) -> None:
    app = FieldApp(counter.bench.unit, "ja", training_hint=PASSPHRASE, hand=CounterHand(counter))
    async with app.run_test(size=(100, 30)) as pilot:
        walk = Walk(cast("Any", None), app, pilot)
        await sign_in(walk)
        place = await consent(walk)
        await walk.until(lambda: place.turn.sighting, "sighted card")
        await walk.press("enter")
        await walk.on(CardCodeScreen)
        await walk.press("f4")
        front = await walk.on(CardFrontScreen)
        await walk.press("f2")
        words = front.session.texts("card_front.blank.back")
        await patiently(walk, lambda: front.query_one("#blank", Prose).text == words)
        assert front.query_one(ChipPhoto).is_wiped
        await walk.press("f2")
        await patiently(walk, lambda: front._is_done)
        await walk.press("enter")
        await walk.on(FrontDigitsScreen)
        for _ in range(PROPOSED_DIGITS):
            counter.bench.clock.step(1.0)
            await walk.press("enter")
        await walk.on(CardConfirmScreen)
        counter.bench.clock.step(1.0)
        await walk.press("enter")
        await patiently(walk, lambda: isinstance(app.screen, CardShownScreen))
        shown = await walk.on(CardShownScreen)
        assert shown.turn.shown is not None
        assert shown.turn.shown.birth_date == counter.person.birth_date
        assert shown.turn.typed_code is None


def test_a_back_before_the_camera_is_blank_and_overwritten(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent: list[bool] = []
    look = counter.bench.unit.front_reader.look

    def watched(frame: Frame) -> object:
        sight = look(frame)
        lent.append(any(frame.rgb))
        return sight

    monkeypatch.setattr(counter.bench.unit.front_reader, "look", watched)
    with counter.visit() as visit:
        counter.camera.hold_up(counter.person, FrontSide.BACK)
        for _ in range(3):
            seen = visit.look_at_front()
            assert seen.side is FrontSide.BACK
            assert seen.preview is None
            assert not seen.is_proposed
    assert lent == [False] * 3


def test_the_process_that_saw_the_card_ends_with_the_step_and_none_is_started_for_nobody(
    counter: Counter,
) -> None:
    counter.bench.unit.front_reader.forget()
    before = len(counter.started.readers)
    with counter.visit() as visit:
        counter.camera.hold_up(counter.person)
        visit.look_at_front()
        (reader,) = counter.started.readers[before:]
        process_id = reader.process_id
        assert process_id is not None
        visit.leave_front()
        assert reader.process_id is None
        with pytest.raises(ProcessLookupError):
            os.kill(process_id, 0)
    assert len(counter.started.readers) == before + 1


def test_the_self_test_hears_the_engine(counter: Counter) -> None:
    check = unit_checks(counter.bench.unit)["card_front"]
    (result,) = run({"card_front": check})
    assert (result.ok, result.detail) == (True, "answers; a blank card: unclear")
