"""The start-of-day check: each part is used, each trouble is named with its next step, and one does not hide another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from appliance.errors import FaceWeightsRefused
from appliance.hardware.absent import AbsentPanel
from appliance.service.selftest import CheckResult, run, unit_checks
from tests.service.bench import Bench

NAMES = [
    "reader",
    "card_path",
    "camera",
    "face_engine",
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


def test_a_camera_that_is_gone_fails_what_needs_it_and_nothing_else(bench: Bench) -> None:
    bench.camera.unplug()
    failed = {name for name, result in checked(bench).items() if not result.ok}
    assert failed == {"camera", "face_engine"}


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
