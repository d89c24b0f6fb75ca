"""A campaign's process: takes a share, tries it under a watch, hands its finding back; started by `runner`."""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import resource
import sys
from collections.abc import Sequence

from tests.proof.beacon import Beacon
from tests.proof.campaign import Share
from tests.proof.registry import load_campaign
from tests.proof.watch import EnoughFailed, Watch


def main(words: Sequence[str]) -> None:
    """Try one share; `words` are the campaign's place, seed, first input, count, and two descriptors."""
    place, *numbers = words
    seed, first, count, beacon_descriptor, answer_descriptor = map(int, numbers)
    # The stack of a process that dies, or that the runner ends because it hangs, tells where.
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    campaign = load_campaign(place)
    beacon = Beacon(beacon_descriptor)
    os.close(beacon_descriptor)
    watch = Watch(campaign, beacon)
    watch.take_process()
    with contextlib.suppress(EnoughFailed):
        campaign.run(Share(seed, first, count), watch)
    with os.fdopen(answer_descriptor, "w", encoding="ascii") as answer:
        json.dump(watch.finding().to_dict(), answer)


if __name__ == "__main__":
    main(sys.argv[1:])
