"""docs/proof.md says what was measured: renewed rows replace old ones, the others stay, and no machine is named."""

from __future__ import annotations

import platform
from dataclasses import replace
from datetime import date

import pytest

from tests.proof.campaign import Failure, Figure, Finding, Joining, Label, Share
from tests.proof.machine import label_on, machine_class
from tests.proof.planted import SOUND
from tests.proof.report import HEAD, render
from tests.proof.runner import Outcome

DAY = date(2026, 11, 23)
DESK = "x86_64, 2 cores, 24 GiB, Linux, Python 3.11.2"
BOARD = "Raspberry Pi 4 Model B Rev 1.4, 4 cores, 4 GiB, Linux, Python 3.11.2"


def outcome(name: str, *, failed: int = 0, label: Label = Label.SIMULATED) -> Outcome:
    finding = Finding(
        done=1000,
        failed=failed,
        failures=(Failure(3, "what", "00"),) * failed,
        figures={"commands": Figure(12_345, "commands")},
        slowest_s=0.0123,
        slowest_index=42,
        memory_growth_kib=1536,
    )
    return Outcome(replace(SOUND, id=name, label=label), Share(9, 0, 1000), finding, 2.0)


def test_a_row_says_what_was_asked_done_and_found() -> None:
    page = render("", [outcome("F1")], ("F1",), DAY, DESK)
    assert page.startswith(HEAD)
    assert (
        "| F1 | nothing is wrong here | 1,000 inputs | 1,000 | 0 | 3.0e-03 | 0.012 s (number 42) | 1.5 MiB "
        f"| simulated | 9 | 2026-11-23 | {DESK} |"
    ) in page
    assert "| F1 | commands | 12,345 commands |" in page
    assert "| F1 | speed | 500 inputs/s |" in page


def test_failures_are_in_the_report_and_bound_nothing() -> None:
    assert "| 1,000 | 2 | – |" in render("", [outcome("F1", failed=2)], ("F1",), DAY, DESK)


def test_what_could_not_be_tried_says_so_in_a_row_of_its_own() -> None:
    lacking = {"M1": (replace(SOUND, id="M1"), "the pictures are absent")}
    page = render("", [outcome("F1")], ("F1", "M1"), DAY, DESK, lacking)
    assert "| M1 | nothing is wrong here | – | 0 |" in page
    assert "| not tried: the pictures are absent |" in page
    assert DESK not in page.split("| M1 |")[1]


def test_what_could_not_be_tried_here_keeps_what_was_measured_elsewhere() -> None:
    before = render("", [outcome("M1")], ("M1",), DAY, DESK)
    lacking = {"M1": (replace(SOUND, id="M1"), "the pictures are absent")}
    assert render(before, [], ("M1",), DAY, DESK, lacking) == before


def test_rows_of_campaigns_that_were_not_run_stay_in_their_order() -> None:
    order = ("F1", "F2", "V2")
    first = render("", [outcome("V2"), outcome("F1")], order, DAY, DESK)
    both = render(first, [outcome("F2")], order, date(2026, 12, 1), DESK)
    places = [both.index(f"| {name} | nothing") for name in order]
    assert places == sorted(places)
    assert both.count("| V2 |") == first.count("| V2 |")
    assert both.count("2026-12-01") == 1


def test_a_renewed_row_replaces_the_old_one() -> None:
    once = render("", [outcome("F1", failed=1)], ("F1",), DAY, DESK)
    twice = render(once, [outcome("F1")], ("F1",), DAY, DESK)
    assert twice == render("", [outcome("F1")], ("F1",), DAY, DESK)


@pytest.mark.parametrize(
    ("label", "machine", "expected"),
    [
        (Label.MEASURED_ON_TARGET, BOARD, Label.MEASURED_ON_TARGET),
        (Label.MEASURED_ON_TARGET, DESK, Label.MEASURED_ELSEWHERE),
        (Label.SIMULATED, BOARD, Label.SIMULATED),
        (Label.ARGUED, DESK, Label.ARGUED),
    ],
)
def test_a_figure_is_called_measured_on_target_only_there(
    label: Label, machine: str, expected: Label
) -> None:
    assert label_on(label, machine) is expected


def test_the_machine_is_told_by_its_class_alone() -> None:
    told = machine_class()
    assert "cores" in told
    assert "/" not in told
    assert platform.node() not in told


def test_findings_of_several_processes_become_one() -> None:
    one = Finding(
        10,
        figures={"a": Figure(1, "x"), "b": Figure(5, "y", Joining.GREATEST)},
        slowest_s=0.1,
        slowest_index=4,
    )
    two = Finding(
        7, 1, (Failure(2, "w", ""),), {"a": Figure(2, "x"), "b": Figure(3, "y", Joining.GREATEST)}, 0.3, 9, 8
    )
    whole = one.joined(two)
    assert (whole.done, whole.failed, whole.slowest_s, whole.slowest_index, whole.memory_growth_kib) == (
        17,
        1,
        0.3,
        9,
        8,
    )
    assert (whole.figures["a"].value, whole.figures["b"].value) == (3, 5)
    assert Finding.from_dict(whole.to_dict()) == whole
