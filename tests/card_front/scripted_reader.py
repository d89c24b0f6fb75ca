"""A reading process that misbehaves on request; started by `test_worker`. The frame's first byte says how."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping

from appliance.card_front.ballot import VOTE_BYTES
from appliance.pictures.confined import Arguments, Job, serve
from appliance.pictures.confinement import Message
from appliance.pictures.exchange import Exchange

HANG, CRASH, NO_SIDE, NO_OUTLINE, BAD_VOTES, UNCLEAR, FRONT, NOTHING = range(1, 9)


def look(question: Message, exchange: Exchange) -> Message:
    with exchange.view(0, 1) as first:
        wish = first[0]
    exchange.wipe()
    answer: dict[str, object] = {"side": "front", "hint": "keep_showing", "outline": []}
    match wish:
        case 1:
            signal.pause()
        case 2:
            os.kill(os.getpid(), signal.SIGKILL)
        case 3:
            answer["side"] = "edge"
        case 4:
            answer["outline"] = [[1, 2], ["3", 4], [5, 6], [7, 8]]
        case 5:
            exchange.put(b"\xff" * VOTE_BYTES)
        case 6:
            answer.update(side="unclear", hint="hold_still")
        case 8:
            answer.update(side="nothing", hint="show_card")
        case _:
            exchange.put(bytes(VOTE_BYTES))
    return answer


def prepare(_: tuple[str, ...]) -> Mapping[str, Job]:
    return {"look": look}


if __name__ == "__main__":
    serve(Arguments.parse(sys.argv[1:]), prepare)
