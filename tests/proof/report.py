"""docs/proof.md: one row for each campaign as it was last run at "must"; rows of campaigns not run now stay."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final

from tests.proof.campaign import Campaign
from tests.proof.machine import label_on
from tests.proof.runner import Outcome

HEAD: Final = """\
# Proof: what was tried, and what came of it

`make proof` writes this page. Each row is a promise that was tried as often as a release needs. Inputs are numbered and follow
from the seed, so a failure can be tried again by itself. With 0 failures in N trials the true rate is at most 3/N at 95 %.
Each campaign runs in a process of its own; an input that takes longer than its campaign allows (1 s for hostile input), a process
that dies, and more growth than 64 MiB, or than the campaign states, are failures. `make quick-proof` tries a thousandth of it all,
and is part of `make test`. Rows without a rate are reported by their figures: that nothing failed there does not mean that nothing
is wrong. A row that was not tried says so, and why.
"""
_MAIN: Final = (
    "id",
    "what holds",
    "asked",
    "done",
    "failures",
    "rate at most",
    "slowest",
    "memory growth",
    "label",
    "seed",
    "day",
    "machine",
)
_FIGURES: Final = ("id", "figure", "value")
_ROW: Final = re.compile(r"^\| ([A-Z]\d+) \|.*$", re.MULTILINE)


def render(
    before: str,
    outcomes: Sequence[Outcome],
    order: Sequence[str],
    on: date,
    machine: str,
    untried: Mapping[str, tuple[Campaign, str]] = MappingProxyType({}),
) -> str:
    """Return the page with the rows of `outcomes` renewed; `before` is the page so far, `order` that of the ids.

    What could not be tried keeps the row it has; where there is none, a row says that it was not tried and why.
    """
    main_before, _, figures_before = before.partition("## Figures")
    renewed = {outcome.campaign.id for outcome in outcomes}
    main = _kept(main_before, renewed) + [_main_row(each, on, machine) for each in outcomes]
    known = {_id_of(row) for row in main}
    main += [_untried_row(campaign, why) for name, (campaign, why) in untried.items() if name not in known]
    figures = _kept(figures_before, renewed) + [row for each in outcomes for row in _figure_rows(each)]
    return "\n".join(
        (
            HEAD,
            _table(_MAIN, _sorted(main, order)),
            "",
            "## Figures",
            "",
            _table(_FIGURES, _sorted(figures, order)),
            "",
        )
    )


def _kept(text: str, renewed: set[str]) -> list[str]:
    return [match[0] for match in _ROW.finditer(text) if match[1] not in renewed]


def _sorted(rows: list[str], order: Sequence[str]) -> list[str]:
    places = {campaign: place for place, campaign in enumerate(order)}
    return sorted(rows, key=lambda row: places.get(_id_of(row), len(places)))


def _id_of(row: str) -> str:
    return row.split(" | ", maxsplit=1)[0].removeprefix("| ")


def _untried_row(campaign: Campaign, why: str) -> str:
    empty = ("–",) * 4
    return _row(campaign.id, campaign.claim, "–", "0", *empty, f"not tried: {why}", "–", "–", "–")


def _main_row(outcome: Outcome, on: date, machine: str) -> str:
    finding, bound = outcome.finding, outcome.rate_bound
    unit = outcome.campaign.unit
    return _row(
        outcome.campaign.id,
        outcome.campaign.claim,
        f"{outcome.asked.count:,} {unit}",
        f"{finding.done:,}",
        f"{finding.failed:,}",
        "–" if bound is None else f"{bound:.1e}",
        f"{finding.slowest_s:.3f} s (number {finding.slowest_index})" if finding.slowest_index >= 0 else "–",
        f"{finding.memory_growth_kib / 1024:.1f} MiB",
        label_on(outcome.campaign.label, machine).value,
        str(outcome.asked.seed),
        on.isoformat(),
        machine,
    )


def _figure_rows(outcome: Outcome) -> list[str]:
    rows = [
        _row(outcome.campaign.id, name, f"{figure.value:,.10g} {figure.unit}")
        for name, figure in sorted(outcome.finding.figures.items())
    ]
    return [*rows, _row(outcome.campaign.id, "speed", f"{outcome.per_second:,.0f} {outcome.campaign.unit}/s")]


def _table(heads: Sequence[str], rows: Sequence[str]) -> str:
    return "\n".join((_row(*heads), _row(*("---",) * len(heads)), *rows))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
