"""The confined process that makes templates of picture files; started by `appliance.face.evaluation.crew`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.pictures.confined import Arguments, Job, serve
from appliance.pictures.confinement import Message
from appliance.pictures.exchange import Exchange, Stage

if TYPE_CHECKING:
    from appliance.face.evaluation.acquisition import Acquirer


def prepare(words: tuple[str, ...]) -> Mapping[str, Job]:
    """Load the models that the weights description in the first word names; the second is the number of looks.

    Raises:
        FaceWeightsRefused: description or files are missing or altered.
    """
    from PIL import Image

    from appliance.face.evaluation.acquisition import Acquirer
    from appliance.face.weights import find_described_files

    Image.init()
    return {"acquire": partial(acquire, Acquirer(find_described_files(Path(words[0])), int(words[1])))}


def acquire(acquirer: Acquirer, question: Message, exchange: Exchange) -> Message:
    """Make one template; the picture is wiped from the exchange at once."""
    from appliance.face.evaluation.acquisition import Side

    match question:
        case {"side": int(side), "size_bytes": int(size_bytes)}:
            with exchange.view(0, size_bytes) as content:
                exchange.stage = Stage.DECODING
                template = acquirer.acquire(content, Side(side))
            exchange.wipe()
            return {"template": template.astype(float).tolist()}
        case _:
            raise ValueError("question")


if __name__ == "__main__":
    serve(Arguments.parse(sys.argv[1:]), prepare)
