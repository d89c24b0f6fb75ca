"""Recorded scenes end as they should, on the real face engine: advice, hints, liveness verdict, decision, record (H13)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.domain.decision import DecisionOutcome, VisualCheckReason
from appliance.domain.enrollment import FaceNotCompared
from appliance.domain.face_advice import FaceBand
from appliance.domain.liveness import Ask, LivenessResult, LivenessVerdict
from appliance.domain.visit_record import parse
from appliance.face.worker import WorkerFaceEngine
from appliance.ports import Lamp
from appliance.seal.record import parse_envelope
from appliance.simulated.actor import Actor
from appliance.simulated.camera import RecordedCamera
from appliance.simulated.face_scenes import FACE_SCENES, FaceScene, SceneName, scene_named
from appliance.simulated.film_clock import FilmClock
from appliance.simulated.panel import SimulatedPanel
from appliance.simulated.people import TrainingPerson
from appliance.simulated.rehearsed_scenes import RehearsedScene, rehearse_scene
from tests.service.bench import Bench, opened_bench

pytestmark = pytest.mark.journey


class Hand:
    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def put_card(self, person: TrainingPerson) -> None:
        self._bench.put_card(str(person.id))

    def take_card(self) -> None:
        self._bench.reader.remove()

    def seat(self, person: TrainingPerson) -> None:
        self._bench.camera.show(person.portrait)


class WatchedPanel(SimulatedPanel):
    def __init__(self) -> None:
        super().__init__()
        self.face_light: list[bool] = []

    def light(self, lamp: Lamp, *, on: bool) -> None:
        super().light(lamp, on=on)
        if lamp is Lamp.FACE_LIGHT:
            self.face_light.append(on)


SIDES = (Ask.TURN_LEFT, Ask.TURN_RIGHT)


@pytest.fixture(scope="module")
def engine() -> Iterator[WorkerFaceEngine]:
    with closing(WorkerFaceEngine()) as engine:
        engine.warm()
        yield engine


@pytest.fixture
def panel() -> WatchedPanel:
    return WatchedPanel()


@pytest.fixture
def bench(tmp_path: Path, engine: WorkerFaceEngine, panel: WatchedPanel) -> Iterator[Bench]:
    with opened_bench(tmp_path) as bench:
        bench.camera = RecordedCamera(lamp=lambda: Lamp.FACE_LIGHT in panel.lit)
        bench.unit = replace(
            bench.unit,
            face_engine=engine,
            clock=FilmClock(bench.clock),
            panel=panel,
            camera=bench.camera,
        )
        yield bench


def play(bench: Bench, scene: FaceScene, person: str = "p01", stranger: str = "p02") -> RehearsedScene:
    day = bench.day()
    entry = next(each for each in day.roster.entries if each.person == person)
    other = bench.people[stranger].portrait
    return rehearse_scene(day, entry, bench.people[person], other, Hand(bench), Actor(bench.camera), scene)


FACES_MATTER = [scene.name for scene in FACE_SCENES if isinstance(next(iter(scene.faces)), FaceBand)]


@pytest.mark.parametrize(
    ("name", "person", "stranger"),
    [*((name, "p01", "p02") for name in SceneName), *((name, "p02", "p01") for name in FACES_MATTER)],
)
def test_every_scene_ends_as_it_should(bench: Bench, name: SceneName, person: str, stranger: str) -> None:
    scene = scene_named(name)
    ended = play(bench, scene, person, stranger)
    enrollment = ended.visit.enrollment
    assert enrollment.face in scene.faces
    assert enrollment.liveness is not None
    assert enrollment.liveness.verdict in scene.verdicts
    assert scene.hint is None or scene.hint in ended.hints
    assert ended.went_as_expected
    (row,) = bench.store.states([1])
    record = parse(parse_envelope(row.envelope).verify(bench.unit_key.public).open(bench.office_key))
    assert (record.face, record.liveness) == (enrollment.face, enrollment.liveness)
    assert (record.decision.outcome, record.decision.reason) == scene.decision
    assert ended.as_json("保存済")["scene"] == name.value


@pytest.mark.parametrize("drawn", [0, 1])
def test_the_right_person_passes_in_either_order(bench: Bench, drawn: int) -> None:
    bench.unit = replace(bench.unit, random_bytes=lambda size: bytes([drawn]) * size)
    ended = play(bench, scene_named(SceneName.RIGHT_PERSON))
    assert ended.visit.enrollment.liveness == LivenessResult(
        LivenessVerdict.DONE,
        (Ask.LOOK_STRAIGHT, *(SIDES if drawn == 0 else SIDES[::-1]), Ask.LOOK_STRAIGHT_AGAIN),
    )


@pytest.mark.parametrize("name", [SceneName.LAMP_LIT_ROOM, SceneName.DARK_ROOM])
def test_the_lamp_comes_on_in_the_dark_and_goes_when_the_step_ends(
    bench: Bench, panel: WatchedPanel, name: SceneName
) -> None:
    play(bench, scene_named(name))
    assert any(panel.face_light), "the lamp was never switched on"
    assert panel.face_light[-1] is False


def test_the_scenes_cover_what_a_stranger_and_a_print_may_never_have() -> None:
    assert [scene.name for scene in FACE_SCENES] == list(SceneName)
    stranger, printed = scene_named(SceneName.STRANGER), scene_named(SceneName.TURNED_PRINT)
    assert FaceBand.MATCH not in stranger.faces
    assert LivenessVerdict.DONE not in printed.verdicts
    assert DecisionOutcome.MATCHED_CONFIRMED not in {stranger.decision[0], printed.decision[0]}


@pytest.mark.parametrize("name", [SceneName.CAMERA_HANGS, SceneName.CAMERA_FROZEN, SceneName.NO_CAMERA])
def test_no_camera_trouble_ends_in_advice(name: SceneName) -> None:
    scene = scene_named(name)
    assert scene.faces == {FaceNotCompared.CAMERA_UNAVAILABLE}
    assert scene.decision == (DecisionOutcome.VISUAL_CHECK, VisualCheckReason.CAMERA_UNAVAILABLE)
