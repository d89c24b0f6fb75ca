"""The confined process that looks at live frames; started by `appliance.face.worker`.

It has the detector alone: a quarter of the memory of the one that compares, and free while that one is busy.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.pictures.confined import Arguments, Job, serve
from appliance.pictures.confinement import Message
from appliance.pictures.exchange import Exchange

if TYPE_CHECKING:
    from appliance.face.watcher import Watcher


def prepare(words: tuple[str, ...]) -> Mapping[str, Job]:
    """Load and warm the detector of the weights whose evidence file is the first word.

    Raises:
        FaceEvidenceOutdated, FaceWeightsRefused: evidence or files are missing, altered, or of another way.
    """
    from appliance.face.watcher import load_watcher
    from appliance.face.weights import find_weights

    return {"look": partial(look, load_watcher(find_weights(Path(words[0])).landmarks))}


def look(watcher: Watcher, question: Message, exchange: Exchange) -> Message:
    """Measure one frame."""
    from appliance.face.lent_pictures import take_greys
    from appliance.face.messages import quality_message

    (frame,) = take_greys(question["frames"], exchange)
    exchange.wipe()
    return quality_message(watcher.look_at_grey(frame))


if __name__ == "__main__":
    serve(Arguments.parse(sys.argv[1:]), prepare)
