"""Errors on their way back from a confined process, rebuilt by name from a closed list.

The other side may have been taken over by a hostile picture, so its words are parsed: an unknown name or a field of
another type is no error of ours but a garbled answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from appliance.errors import (
    CameraTrouble,
    CardReadingMissing,
    FaceEvidenceOutdated,
    FaceWeightsRefused,
    NoFace,
    PictureRefused,
    SeveralFaces,
)

_PLACES: Final = frozenset({"chip_photo", "live_frame"})
_REASONS: Final = frozenset({"format", "dimensions", "size", "decode", "time", "memory"})


def rebuild_error(message: Mapping[str, object]) -> CameraTrouble | None:
    """Return the error that `message` describes, or None when it describes none that may travel."""
    match message:
        case {"error": "NoFace", "fields": {"where": str(where)}} if where in _PLACES:
            return NoFace(where)
        case {"error": "SeveralFaces", "fields": {"where": str(where), "count": int(count)}} if (
            where in _PLACES
        ):
            return SeveralFaces(where, count)
        case {"error": "PictureRefused", "fields": {"reason": str(reason)}} if reason in _REASONS:
            return PictureRefused(reason)
        case {"error": "FaceWeightsRefused", "fields": {"name": str(name)}}:
            return FaceWeightsRefused(name)
        case {"error": "FaceEvidenceOutdated", "fields": {"name": str(name)}}:
            return FaceEvidenceOutdated(name)
        case {"error": "CardReadingMissing", "fields": {"part": str(part), "package": str(package)}}:
            return CardReadingMissing(part, package)
        case _:
            return None
