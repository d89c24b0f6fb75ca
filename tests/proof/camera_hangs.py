"""G2: camera and face engine hang, die and come back, again and again, under one running program (proof.md §6.5)."""

from __future__ import annotations

from typing import Final

from tests.proof.camera_recovery import HangReport, hang_cycles
from tests.proof.campaign import Campaign, Label, Share
from tests.proof.watch import Watch

_OFFER_LIMIT_S: Final = 3.0
_BACK_LIMIT_S: Final = 10.0


def run(share: Share, watch: Watch) -> None:
    """Go through the cycles and judge what is left of them."""
    watch.settle()
    report = hang_cycles(share.count, share.seed, watch.advance)
    watch.advance(report.cycles)
    watch.observe("slowest offer of the visual check", "s", report.slowest_offer_s)
    watch.observe("median offer", "s", report.median_offer_s)
    watch.observe("slowest return", "s", report.slowest_back_s)
    watch.observe("median return", "s", report.median_back_s)
    watch.observe("cycles with an offer", "cycles", report.offered)
    for what in complaints(report):
        watch.fail(share.first, what)


def complaints(report: HangReport) -> list[str]:
    """Return what is wrong with the cycles, nothing when all is well."""
    found = []
    if report.slowest_offer_s > _OFFER_LIMIT_S:
        found.append(f"the visual check was offered after {report.slowest_offer_s:.1f} s only")
    if report.slowest_back_s > _BACK_LIMIT_S:
        found.append(f"camera and engine were back after {report.slowest_back_s:.1f} s only")
    if report.handles_after > report.handles_before:
        found.append(f"{report.handles_after - report.handles_before} open files more than before")
    if report.threads_after > report.threads_before:
        found.append(f"{report.threads_after - report.threads_before} threads more than before")
    return found


CAMPAIGN: Final = Campaign(
    id="G2",
    claim="whatever camera and face engine do, the visual check is offered within 3 s, and both are back within 10 s",
    unit="cycles",
    must=200,
    quick=2,
    label=Label.SIMULATED,
    run=run,
    can_be_split=False,
    # Camera scenes are drawn and kept in this process; 64 MiB is the bound for hostile input.
    memory_limit_kib=256 * 1024,
)
