"""G1: the reader is unplugged and the card service restarted, again and again, under one running program (proof.md §6.5)."""

from __future__ import annotations

from typing import Final

from tests.proof.campaign import Campaign, Label, Share
from tests.proof.reader_recovery import RecoveryReport, restart_cycles
from tests.proof.watch import Watch

_BACK_LIMIT_S: Final = 5.0
_GROWTH_LIMIT_KIB: Final = 5 * 1024
"""As a day's soak may grow (proof.md G8)."""


def run(share: Share, watch: Watch) -> None:
    """Go through the cycles and judge what is left of them."""
    watch.settle()
    report = restart_cycles(share.count, share.seed, watch.advance)
    watch.advance(report.cycles)
    watch.observe("slowest return", "s", report.slowest_back_s)
    watch.observe("median return", "s", report.median_back_s)
    watch.observe("open files before", "files", report.handles_before)
    watch.observe("open files after", "files", report.handles_after)
    watch.observe("threads after", "threads", report.threads_after)
    watch.observe("memory growth over the cycles", "KiB", report.memory_growth_kib)
    for what in complaints(report):
        watch.fail(share.first, what)


def complaints(report: RecoveryReport) -> list[str]:
    """Return what is wrong with the cycles, nothing when all is well."""
    found = []
    if report.slowest_back_s > _BACK_LIMIT_S:
        found.append(f"the reader was back after {report.slowest_back_s:.1f} s only")
    if report.handles_after > report.handles_before:
        found.append(f"{report.handles_after - report.handles_before} open files more than before")
    if report.threads_after > report.threads_before:
        found.append(f"{report.threads_after - report.threads_before} threads more than before")
    if report.memory_growth_kib > _GROWTH_LIMIT_KIB:
        found.append(f"memory grew by {report.memory_growth_kib} KiB")
    return found


CAMPAIGN: Final = Campaign(
    id="G1",
    claim="the reader is back within 5 s of an unplug or a restart of the card service, and nothing leaks",
    unit="cycles",
    must=1000,
    quick=3,
    label=Label.SIMULATED,
    run=run,
    can_be_split=False,
)
