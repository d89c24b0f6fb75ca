"""A reading process on a machine without the engine; started by `test_worker`."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from appliance.errors import CardReadingMissing
from appliance.pictures.confined import Arguments, Job, serve


def prepare(_: tuple[str, ...]) -> Mapping[str, Job]:
    raise CardReadingMissing("libtesseract.so.5", "tesseract-ocr")


if __name__ == "__main__":
    serve(Arguments.parse(sys.argv[1:]), prepare)
