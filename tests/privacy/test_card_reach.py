"""Whole visits leave a trace on the card: only allow-listed applications and files, one VERIFY for one confirmation (V2, D1, D5).

On the simulated card every forbidden access would succeed, so the trace is the proof that none was tried.
"""

from __future__ import annotations

import pytest

from appliance.service.visit_day import VisitDay
from appliance.simulated.people import TrainingPerson, training_people
from appliance.simulated.rehearsal import RehearsedVisit, rehearse_visit
from tests.service.bench import Bench

ALLOWED_FILES = {"0002", "0004", "0012"}
"""Card face, card certificate and code B's key, all in the surface application."""


class DeskHand:
    """Puts cards on the simulated reader."""

    def __init__(self, desk: Bench) -> None:
        self._desk = desk

    def put_card(self, person: TrainingPerson) -> None:
        self._desk.put_card(str(person.id))

    def take_card(self) -> None:
        self._desk.reader.remove()

    def seat(self, person: TrainingPerson) -> None:
        self._desk.camera.show(person.portrait)


def rehearsed(desk: Bench, day: VisitDay, person: TrainingPerson) -> RehearsedVisit:
    entry = next(each for each in day.roster.entries if each.person == person.id)
    return rehearse_visit(day, entry, person, DeskHand(desk))


@pytest.mark.parametrize("person", training_people(), ids=lambda person: person.id)
def test_a_visit_touches_only_what_the_allow_list_names(bench: Bench, person: TrainingPerson) -> None:
    rehearsed(bench, bench.day(), person)
    trace = bench.reader.trace
    assert trace
    assert {entry.application for entry in trace} == {"surface"}
    assert {entry.file for entry in trace if entry.file} <= ALLOWED_FILES
    tried = [entry for entry in trace if entry.command.startswith("0020") and "xx" in entry.command]
    assert len(tried) <= 1


def test_no_visit_ever_asks_for_the_pin_application(bench: Bench) -> None:
    day = bench.day()
    for person in training_people()[:3]:
        rehearsed(bench, day, person)
        assert not any("D392F000260100000001" in entry.command for entry in bench.reader.trace)


def test_names_codes_and_pictures_are_nowhere_in_the_units_files(bench: Bench) -> None:
    person = training_people()[0]
    rehearsed(bench, bench.day(), person)
    folder = bench.store.database.path.parent
    written = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    assert b"record_saved" in written
    for secret in (person.name, person.name_on_face, person.name_kana, person.address, person.code_b):
        assert secret.encode() not in written
    assert b"jP  \r\n\x87\n" not in written
    assert str(person.birth_date).encode() not in written
