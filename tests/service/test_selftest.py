"""The start-of-day check: each part is used, each trouble is named with its next step, and one does not hide another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest

from appliance.domain.ephemeral import Frame
from appliance.domain.front_sight import FrontSight
from appliance.errors import (
    CardBusy,
    CardReadingMissing,
    CardReadingSilent,
    CardTrouble,
    FaceWeightsRefused,
    ReaderSilent,
    SeveralCards,
    UnitError,
)
from appliance.hardware.absent import AbsentPanel
from appliance.ports import AttachedReader, CardChannel, Presence
from appliance.service.selftest import CheckResult, run, unit_checks
from appliance.simulated.front_reader import SimulatedFrontReader
from appliance.simulated.handed_over import CardOrder, Kind
from appliance.simulated.personalisation import transport_card
from appliance.simulated.reader import SimulatedReader
from tests.service.bench import Bench

NAMES = [
    "reader",
    "card_path",
    "camera",
    "face_engine",
    "card_front",
    "panel",
    "store",
    "clock",
    "rules_age",
    "revocation_age",
]


def checked(bench: Bench, **changes: object) -> dict[str, CheckResult]:
    unit = replace(bench.unit, **changes)  # type: ignore[arg-type]
    return {result.name: result for result in run(unit_checks(unit))}


def test_a_fit_unit_passes_every_check_and_says_one_line_for_each(bench: Bench) -> None:
    bench.put_card("p01")
    results = checked(bench)
    assert list(results) == NAMES
    assert all(result.ok and result.detail for result in results.values())
    assert "10 tries left" in results["card_path"].detail


def test_the_card_path_spends_no_try(bench: Bench) -> None:
    bench.put_card("p01")
    checked(bench)
    assert not [each for each in bench.reader.trace if "xx" in each.command]


def test_an_empty_reader_is_fit_and_a_missing_one_is_not(bench: Bench) -> None:
    assert checked(bench)["card_path"].ok
    bench.reader.unplug()
    results = checked(bench)
    assert not results["reader"].ok
    assert not results["card_path"].ok
    assert results["store"].ok


@dataclass
class Readers:
    """A choice among readers that stand as they are told."""

    states: dict[str, Presence]
    chosen: str = ""

    def attached(self) -> tuple[AttachedReader, ...]:
        return tuple(AttachedReader(name, presence) for name, presence in self.states.items())

    def choose(self, name: str) -> None:
        self.chosen = name


def test_several_readers_are_named_with_the_one_that_is_used(bench: Bench) -> None:
    readers = Readers({"Contact 00 00": Presence.EMPTY, "Contactless 01 00": Presence.CARD})
    detail = checked(bench, readers=readers)["reader"].detail
    assert detail == (
        "2 attached: Contact 00 00 (empty); Contactless 01 00 (card); used: the one that holds the card"
    )
    readers.choose("Contact 00 00")
    assert checked(bench, readers=readers)["reader"].detail.endswith("used: Contact 00 00")


def test_one_reader_among_a_choice_is_named_alone(bench: Bench) -> None:
    readers = Readers({"Contact 00 00": Presence.EMPTY})
    assert checked(bench, readers=readers)["reader"].detail == "Contact 00 00 (empty)"


class TroubledReader(SimulatedReader):
    """A reader whose card cannot be had."""

    def __init__(self, trouble: CardTrouble) -> None:
        super().__init__()
        self._trouble = trouble
        self.insert(transport_card())

    def connect(self) -> CardChannel:
        raise self._trouble


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (ReaderSilent(10.0), "The card reader does not answer. Unplug the reader"),
        (SeveralCards(2), "There are 2 cards on the readers. Leave the person's own card"),
        (CardBusy(), "Another program"),
    ],
)
def test_a_card_that_cannot_be_had_fails_the_card_path_with_its_next_step(
    bench: Bench, trouble: CardTrouble, said: str
) -> None:
    results = checked(bench, reader=TroubledReader(trouble))
    assert results["reader"].ok
    assert not results["card_path"].ok
    assert said in results["card_path"].detail


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Kind.TRANSPORT, "not a My Number Card"),
        (Kind.RESIDENCE_CARD, "residence card"),
        (Kind.INTEGRATED_RESIDENCE_CARD, "integrated residence card"),
    ],
)
def test_a_card_of_another_kind_is_named_by_the_card_path(bench: Bench, kind: Kind, said: str) -> None:
    bench.reader.insert(CardOrder("p01", kind).card(bench.personaliser))
    result = checked(bench)["card_path"]
    assert not result.ok
    assert said in result.detail


def test_the_card_path_names_the_reader_that_holds_the_card(bench: Bench) -> None:
    bench.put_card("p01")
    assert f"on {bench.reader.name}, 10 tries left, none spent" in checked(bench)["card_path"].detail


def test_a_camera_that_is_gone_fails_what_needs_it_and_nothing_else(bench: Bench) -> None:
    bench.camera.unplug()
    failed = {name for name, result in checked(bench).items() if not result.ok}
    assert failed == {"camera", "face_engine"}


class FrontReader(SimulatedFrontReader):
    """A reader of card fronts that may have a trouble, and remembers what it was lent."""

    def __init__(self, trouble: UnitError | None = None) -> None:
        super().__init__(lambda: date(2026, 11, 23))
        self._trouble = trouble
        self.lent: list[Frame] = []
        self.forgotten = 0

    def look(self, frame: Frame) -> FrontSight:
        self.lent.append(frame)
        if self._trouble is not None:
            raise self._trouble
        return super().look(frame)

    def forget(self) -> None:
        self.forgotten += 1


def test_the_reading_of_card_fronts_is_tried_with_a_card_without_print(bench: Bench) -> None:
    reader = FrontReader()
    result = checked(bench, front_reader=reader)["card_front"]
    assert (result.ok, result.detail) == (True, "answers; a blank card: nothing")
    (lent,) = reader.lent
    assert not any(lent.rgb)
    assert reader.forgotten == 1


def test_a_reading_engine_that_is_not_installed_is_told_and_fails_nothing(bench: Bench) -> None:
    reader = FrontReader(CardReadingMissing("jpn", "tesseract-ocr-jpn"))
    result = checked(bench, front_reader=reader)["card_front"]
    assert result.ok
    assert result.detail.startswith("not installed, codes are typed.")
    assert "tesseract-ocr-jpn" in result.detail
    assert reader.forgotten == 1


def test_a_reading_engine_that_does_not_answer_fails(bench: Bench) -> None:
    reader = FrontReader(CardReadingSilent(5.0))
    failed = {name for name, result in checked(bench, front_reader=reader).items() if not result.ok}
    assert failed == {"card_front"}
    assert reader.forgotten == 1


def test_a_machine_without_a_panel_says_so(bench: Bench) -> None:
    result = checked(bench, panel=AbsentPanel())["panel"]
    assert not result.ok
    assert result.detail


@pytest.mark.parametrize("year", [1970, 2025, 2090])
def test_a_clock_that_cannot_be_right_is_named(bench: Bench, year: int) -> None:
    bench.clock.at = datetime(year, 1, 1, tzinfo=UTC)
    result = checked(bench)["clock"]
    assert not result.ok
    assert str(year) in result.detail


def test_rules_older_than_six_months_are_marked(bench: Bench) -> None:
    assert "older than six months" in checked(bench)["rules_age"].detail


def test_a_trouble_is_told_with_its_next_step(bench: Bench) -> None:
    def broken() -> str:
        raise FaceWeightsRefused("model.dat")

    (result,) = run({"face_engine": broken})
    assert result == CheckResult("face_engine", ok=False, detail=result.detail)
    assert "model.dat" in result.detail
    assert "visual check" in result.detail
