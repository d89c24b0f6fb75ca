"""A trainee meets the scenes of docs/face-capture.md at the screen, by keys alone, on the real face engine (H13, D6)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from appliance.domain.face_advice import FaceBand, FrameHint
from appliance.domain.ids import PersonId
from appliance.domain.liveness import Ask, LivenessVerdict
from appliance.face.worker import WorkerFaceEngine
from appliance.simulated.face_scenes import SceneName, scene_named
from appliance.simulated.film_clock import FilmClock
from appliance.simulated.people import stranger_to
from appliance.simulated.room import TrainingRoom
from tests.journeys.test_first_visit import BenchHand, arrive, consent, sign_in
from tests.screens.rig import Walk
from tests.service.bench import PASSPHRASE, Bench, opened_bench
from tui.field.app import FieldApp
from tui.field.dialogs.scenes import ScenesDialog
from tui.field.screens.card_code import CardCodeScreen
from tui.field.screens.card_confirm import CardConfirmScreen
from tui.field.screens.card_shown import CardShownScreen
from tui.field.screens.face import FaceAdviceScreen, FaceScreen
from tui.field.screens.liveness import LivenessResultScreen, LivenessScreen, LivenessWayScreen
from tui.widgets.prose import Prose

pytestmark = pytest.mark.journey


class RoomHand(BenchHand):
    """The bench's hand, with a room in which scenes are played as on the training desk."""

    def __init__(self, bench: Bench, room: TrainingRoom) -> None:
        super().__init__(bench)
        self._people = bench.people
        self._room = room

    def seat(self, person: PersonId) -> None:
        self.play(person, SceneName.RIGHT_PERSON)

    def play(self, person: PersonId, scene: SceneName) -> None:
        owner, played = self._people[person], scene_named(scene)
        self._room.actor.begin(played, (stranger_to(owner) if played.is_stranger else owner).portrait)

    def obey(self, ask: Ask | None) -> None:
        self._room.actor.obey(ask)


@pytest.fixture
def room() -> TrainingRoom:
    return TrainingRoom()


@pytest.fixture
def bench(tmp_path: Path, room: TrainingRoom) -> Iterator[Bench]:
    with opened_bench(tmp_path) as bench, closing(WorkerFaceEngine()) as engine:
        engine.warm()
        # Film time: a busy machine plays the scenes to the same end.
        bench.unit = replace(
            bench.unit,
            face_engine=engine,
            camera=room.camera,
            panel=room.panel,
            clock=FilmClock(bench.clock),
        )
        yield bench


async def to_face(walk: Walk, bench: Bench) -> FaceScreen:
    await sign_in(walk)
    place = await consent(walk)
    await walk.press("f2")
    await walk.until(lambda: place.turn.sighting, "sighted card")
    await walk.press("enter")
    await walk.on(CardCodeScreen)
    await walk.write(bench.people["p01"].code_b)
    await arrive(walk, ["enter", "enter", "enter"], CardConfirmScreen, CardShownScreen, FaceScreen)
    return await walk.on(FaceScreen)


async def choose(walk: Walk, *keys: str) -> None:
    screen = walk.app.screen
    await walk.press("f8")
    await walk.on(ScenesDialog)
    for key in keys:
        await walk.press(key, "enter")
    await walk.until(lambda: walk.app.screen is screen, "back at the face")


async def hinted(walk: Walk, screen: FaceScreen, hint: FrameHint) -> None:
    words = walk.app.session.texts(f"face.hint.{hint.value}")
    await walk.until(lambda: screen.query_one("#hint", Prose).text == words, hint.value)


async def compared(walk: Walk) -> FaceBand:
    await walk.press("enter")
    advice = await walk.on(FaceAdviceScreen)
    assert advice.turn.comparison is not None
    band = advice.turn.comparison.band
    await walk.press("f3")
    await walk.on(FaceScreen)
    return band


async def test_chosen_scenes_show_what_staff_must_know(bench: Bench, room: TrainingRoom) -> None:
    app = FieldApp(bench.unit, "ja", training_hint=PASSPHRASE, hand=RoomHand(bench, room))
    async with app.run_test(size=(100, 30)) as pilot:
        walk = Walk(cast("Any", None), app, pilot)
        await to_face(walk, bench)
        assert await compared(walk) is FaceBand.MATCH
        await choose(walk, "2")
        screen = await walk.on(FaceScreen)
        await hinted(walk, screen, FrameHint.GOOD)
        assert await compared(walk) is FaceBand.UNLIKE
        screen = await walk.on(FaceScreen)
        for key, hint in (("7", FrameHint.NO_FACE), ("4", FrameHint.GOOD)):
            await choose(walk, key)
            await hinted(walk, screen, hint)
        await choose(walk, "9", "2")
        await hinted(walk, screen, FrameHint.COVERED)
        await choose(walk, "9", "5")
        await walk.until(lambda: screen.query("#hint.-attention"), "camera trouble")
        await choose(walk, "1")
        await hinted(walk, screen, FrameHint.GOOD)


async def test_who_sits_there_does_what_the_challenge_asks(bench: Bench, room: TrainingRoom) -> None:
    app = FieldApp(bench.unit, "ja", training_hint=PASSPHRASE, hand=RoomHand(bench, room))
    async with app.run_test(size=(100, 30)) as pilot:
        walk = Walk(cast("Any", None), app, pilot)
        screen = await to_face(walk, bench)
        await hinted(walk, screen, FrameHint.GOOD)
        await arrive(walk, ["f4", "enter"], LivenessWayScreen, LivenessScreen)
        await walk.on(LivenessResultScreen)
        result = app.session.open_turn.visit.enrollment.liveness
        assert result is not None
        assert result.verdict is LivenessVerdict.DONE
