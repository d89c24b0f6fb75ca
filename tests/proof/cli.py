"""`python -m tests.proof`: run campaigns, show how far they are, and say what came of them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.proof.campaign import Campaign, Failure, Share
from tests.proof.machine import machine_class
from tests.proof.registry import CAMPAIGNS, load_campaign
from tests.proof.report import render
from tests.proof.runner import DEFAULT_SEED, Outcome, prove, repeating_command

REPORT: Final = Path(__file__).resolve().parents[2] / "docs" / "proof.md"
_SHOWN_HEX_DIGITS: Final = 512
"""Longer inputs are cut on the screen; the repeating command has the whole."""


def main(
    words: Sequence[str] | None = None, campaigns: Mapping[str, str] = CAMPAIGNS, report: Path = REPORT
) -> int:
    """Run what `words` ask for; return the exit status: 0 only when everything held."""
    options = _parser().parse_args(words)
    wanted = _wanted(options.only, campaigns)
    if wanted is None:
        print(f"no such campaign in {options.only}; there are {','.join(campaigns)}", file=sys.stderr)
        return 2
    untried = _untried([load_campaign(campaigns[each]) for each in wanted])
    outcomes = [_run(campaigns[each], options) for each in wanted if each not in untried]
    at_must = [each for each in outcomes if each.is_at_must]
    if at_must or (untried and not options.quick and options.count is None):
        before = report.read_text(encoding="utf-8") if report.exists() else ""
        page = render(before, at_must, tuple(campaigns), datetime.now(UTC).date(), machine_class(), untried)
        report.write_text(page, encoding="utf-8")
    for campaign, why in untried.values():
        print(f"{campaign.id} NOT TRIED: {why}", flush=True)
    return 0 if all(each.holds for each in outcomes) else 1


def _untried(campaigns: Sequence[Campaign]) -> dict[str, tuple[Campaign, str]]:
    """Return the campaigns that lack something here, by id, with what they lack."""
    lacking = {campaign.id: (campaign, campaign.absent()) for campaign in campaigns}
    return {name: (campaign, why) for name, (campaign, why) in lacking.items() if why}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a thousandth of what a release needs")
    parser.add_argument("--only", default="", metavar="F1,F2", help="these campaigns alone")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--count", type=int, help="how many inputs, instead of all that a release needs")
    parser.add_argument("--figures", action="store_true", help="show the figures of each campaign too")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes at once")
    return parser


def _wanted(only: str, campaigns: Mapping[str, str]) -> list[str] | None:
    wanted = [each.strip().upper() for each in only.split(",") if each.strip()] or list(campaigns)
    return wanted if set(wanted) <= set(campaigns) else None


def _run(place: str, options: argparse.Namespace) -> Outcome:
    campaign = load_campaign(place)
    planned = campaign.quick_count if options.quick else campaign.must
    count = planned if options.count is None else options.count
    share = Share(options.seed, options.first, count)
    with _shown(campaign, count) as tell:
        outcome = prove(place, share, options.workers, tell)
    print(summary(outcome), flush=True)
    if options.figures:
        for name, figure in sorted(outcome.finding.figures.items()):
            print(f"  {name}: {figure.value:,.10g} {figure.unit}")
    for failure in outcome.finding.failures:
        print(failure_text(outcome, failure), flush=True)
    return outcome


@contextmanager
def _shown(campaign: Campaign, count: int) -> Iterator[Callable[[int], None]]:
    """Draw a progress bar while the campaign runs, if somebody looks at a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(f"{campaign.id} {campaign.unit}", total=count)
        yield lambda done: progress.update(task, completed=done)


def summary(outcome: Outcome) -> str:
    """Return one line on a campaign."""
    finding, bound = outcome.finding, outcome.rate_bound
    rate = f", rate at most {bound:.1e} at 95 %" if bound is not None else ""
    slowest = f", slowest {finding.slowest_s:.3f} s (number {finding.slowest_index})"
    return (
        f"{outcome.campaign.id} {'holds' if outcome.holds else 'FAILS'}: "
        f"{finding.done:,} of {outcome.asked.count:,} {outcome.campaign.unit}, "
        f"{finding.failed:,} failures{rate}, seed {outcome.asked.seed}, "
        f"{outcome.per_second:,.0f} {outcome.campaign.unit}/s"
        f"{slowest if finding.slowest_index >= 0 else ''}, "
        f"memory growth {finding.memory_growth_kib / 1024:.1f} MiB"
    )


def failure_text(outcome: Outcome, failure: Failure) -> str:
    """Return what is needed to look at a failure: what, seed, input, and the command that repeats it."""
    shown = failure.input_hex[:_SHOWN_HEX_DIGITS]
    rest = f"... ({len(failure.input_hex) // 2} bytes)" if len(failure.input_hex) > len(shown) else ""
    return (
        f"  {outcome.campaign.id} seed {outcome.asked.seed} number {failure.index}: {failure.what}\n"
        f"    input: {shown}{rest}\n"
        f"    again: {repeating_command(outcome.campaign, outcome.asked.seed, failure.index)}"
    )
