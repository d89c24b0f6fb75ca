"""One visit at the screen, by keys alone, on the real core: simulated card, recorded camera, real face engine, real store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from textual.screen import Screen

from appliance.domain.decision import DecisionOutcome
from appliance.domain.enrollment import CardEvidence
from appliance.domain.face_advice import FaceBand
from appliance.domain.front_sight import FrontSide
from appliance.domain.ids import PersonId
from appliance.domain.liveness import Ask
from appliance.domain.outbox import OutboxState
from appliance.domain.visit_record import VisitRecord, parse
from appliance.face.worker import WorkerFaceEngine
from appliance.seal.record import parse_envelope
from appliance.simulated.face_scenes import SceneName
from appliance.store.chain import verify_chain
from tests.screens.rig import Walk
from tests.screens.walks import to_staff
from tests.service.bench import PASSPHRASE, Bench, opened_bench
from tui.field.app import FieldApp
from tui.field.screens.card_code import CardCodeScreen
from tui.field.screens.card_confirm import CardConfirmScreen
from tui.field.screens.card_place import CardPlaceScreen
from tui.field.screens.card_shown import CardShownScreen
from tui.field.screens.face import FaceAdviceScreen, FaceScreen
from tui.field.screens.saved import SavedScreen, SaveScreen
from tui.field.screens.sign_in import PassphraseScreen
from tui.field.screens.today import TodayScreen
from tui.field.training import PrintedFront

pytestmark = pytest.mark.journey


class BenchHand:
    """Moves the bench's cards and people, as the training kit's hand does."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def put_card(self, person: PersonId) -> None:
        self._bench.put_card(person)

    def take_card(self) -> None:
        self._bench.reader.remove()

    def seat(self, person: PersonId) -> None:
        self._bench.camera.show(self._bench.people[person].portrait)

    def play(self, person: PersonId, scene: SceneName) -> None:
        raise AssertionError("no scene was chosen")

    def obey(self, ask: Ask | None) -> None:
        raise AssertionError("no challenge was begun")

    def hold_up(self, person: PersonId, side: FrontSide) -> None:
        raise AssertionError("nobody asked for the camera on the card")

    def lower_card(self) -> None:
        raise AssertionError("no card was held up")

    def printed_front(self, person: PersonId) -> PrintedFront:
        owner = self._bench.people[person]
        return PrintedFront(owner.birth_date, owner.card_expires_on.year, owner.security_code)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with opened_bench(tmp_path) as bench, closing(WorkerFaceEngine()) as engine:
        engine.warm()
        bench.unit = replace(bench.unit, face_engine=engine)
        yield bench


def opened_record(bench: Bench, sequence: int) -> VisitRecord:
    (row,) = bench.store.states([sequence])
    return parse(parse_envelope(row.envelope).verify(bench.unit_key.public).open(bench.office_key))


async def arrive(walk: Walk, keys: list[str], *screens: type[Any]) -> None:
    """Press each key on the screen before, and wait for the one after."""
    for key, screen in zip(keys, screens, strict=True):
        await walk.press(key)
        await walk.on(screen)


async def sign_in(walk: Walk) -> None:
    await to_staff(walk)
    await walk.press("enter")
    await walk.on(PassphraseScreen)
    await walk.write(PASSPHRASE)
    await walk.press("enter")
    await walk.on(TodayScreen)


async def leave(walk: Walk, screen: Screen[Any]) -> None:
    await walk.until(lambda: walk.app.screen is not screen, "next question")


async def consent(walk: Walk) -> CardPlaceScreen:
    # Open the turn, end the notice, and say yes three times.
    for _ in range(5):
        before = walk.app.screen
        await walk.press("enter")
        await leave(walk, before)
    return await walk.on(CardPlaceScreen)


async def go_on_until(walk: Walk, screen: type[Any]) -> None:
    """Take the first answer of every question up to a screen."""
    for _ in range(12):
        if isinstance(walk.app.screen, screen):
            return
        before = walk.app.screen
        await walk.press("enter")
        await leave(walk, before)
    await walk.on(screen)


async def test_a_visit_from_sign_in_to_a_saved_record(bench: Bench) -> None:
    hand = BenchHand(bench)
    app = FieldApp(bench.unit, "ja", training_hint=PASSPHRASE, hand=hand)
    async with app.run_test(size=(100, 30)) as pilot:
        walk = Walk(cast("Any", None), app, pilot)
        await sign_in(walk)
        place = await consent(walk)
        await walk.press("f2")
        await walk.until(lambda: place.turn.sighting, "sighted card")
        await walk.press("enter")
        await walk.on(CardCodeScreen)
        await walk.write(bench.people["p01"].code_b)
        await arrive(walk, ["enter", "enter", "enter"], CardConfirmScreen, CardShownScreen, FaceScreen)
        await arrive(walk, ["enter"], FaceAdviceScreen)
        await go_on_until(walk, SaveScreen)
        await walk.press("enter")
        saved = await walk.on(SavedScreen)
        await walk.until(lambda: bench.store.counts().saved == 1, "saved record")
        assert saved.turn.shown is not None
        assert not any(saved.turn.shown.photo.grey)
    record = opened_record(bench, 1)
    assert record.person == "p01"
    assert isinstance(record.card, CardEvidence)
    assert record.face is FaceBand.MATCH
    assert record.decision.outcome is DecisionOutcome.MATCHED_CONFIRMED
    assert [wish.programme.value for wish in record.wishes] == ["P1"]
    (row,) = bench.store.states([1])
    assert row.state is OutboxState.SAVED
    assert verify_chain(bench.store).length >= 3
