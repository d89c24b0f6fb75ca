"""Recorded scenes end as they should, on the real face engine: advice, hints, liveness verdict, decision, record (H13)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.domain.decision import DecisionOutcome
from appliance.domain.face_advice import FaceBand
from appliance.domain.liveness import Ask, LivenessResult, LivenessVerdict
from appliance.domain.visit_record import parse
from appliance.face.worker import WorkerFaceEngine
from appliance.ports import Lamp
from appliance.seal.record import parse_envelope
from appliance.simulated.film_clock import FilmClock
from appliance.simulated.panel import SimulatedPanel
from appliance.simulated.people import TrainingPerson
from appliance.simulated.rehearsed_scenes import (
    FACE_SCENES,
    FaceScene,
    RehearsedScene,
    SceneName,
    rehearse_scene,
)
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
def bench(tmp_path: Path, engine: WorkerFaceEngine) -> Iterator[Bench]:
    with opened_bench(tmp_path) as bench:
        bench.unit = replace(bench.unit, face_engine=engine, clock=FilmClock(bench.clock))
        yield bench


def play(bench: Bench, scene: FaceScene, person: str = "p01", stranger: str = "p02") -> RehearsedScene:
    day = bench.day()
    entry = next(each for each in day.roster.entries if each.person == person)
    other = bench.people[stranger].portrait
    return rehearse_scene(day, entry, bench.people[person], other, Hand(bench), bench.camera, scene)


def by_name(name: SceneName) -> FaceScene:
    return next(scene for scene in FACE_SCENES if scene.name is name)


@pytest.mark.parametrize("name", SceneName)
@pytest.mark.parametrize(("person", "stranger"), [("p01", "p02"), ("p02", "p01")])
def test_every_scene_ends_as_it_should(bench: Bench, name: SceneName, person: str, stranger: str) -> None:
    scene = by_name(name)
    ended = play(bench, scene, person, stranger)
    enrollment = ended.visit.enrollment
    assert enrollment.face in scene.faces
    assert enrollment.liveness is not None
    assert enrollment.liveness.verdict in scene.verdicts
    assert scene.hint in ended.hints
    assert ended.went_as_expected
    (row,) = bench.store.states([1])
    record = parse(parse_envelope(row.envelope).verify(bench.unit_key.public).open(bench.office_key))
    assert (record.face, record.liveness) == (enrollment.face, enrollment.liveness)
    assert (record.decision.outcome, record.decision.reason) == scene.decision
    assert ended.as_json("保存済")["scene"] == name.value


@pytest.mark.parametrize("drawn", [0, 1])
def test_the_right_person_passes_in_either_order(bench: Bench, drawn: int) -> None:
    bench.unit = replace(bench.unit, random_bytes=lambda size: bytes([drawn]) * size)
    ended = play(bench, by_name(SceneName.RIGHT_PERSON))
    assert ended.visit.enrollment.liveness == LivenessResult(
        LivenessVerdict.DONE,
        (Ask.LOOK_STRAIGHT, *(SIDES if drawn == 0 else SIDES[::-1]), Ask.LOOK_STRAIGHT_AGAIN),
    )


def test_the_lamp_comes_on_in_a_dark_room_and_goes_when_the_step_ends(bench: Bench) -> None:
    panel = WatchedPanel()
    bench.unit = replace(bench.unit, panel=panel)
    play(bench, by_name(SceneName.DARK_ROOM))
    assert any(panel.face_light), "the lamp was never switched on"
    assert panel.face_light[-1] is False


def test_the_scenes_cover_what_a_stranger_and_a_print_may_never_have() -> None:
    stranger, printed = by_name(SceneName.STRANGER), by_name(SceneName.TURNED_PRINT)
    assert FaceBand.MATCH not in stranger.faces
    assert LivenessVerdict.DONE not in printed.verdicts
    assert DecisionOutcome.MATCHED_CONFIRMED not in {stranger.decision[0], printed.decision[0]}
