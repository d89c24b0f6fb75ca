"""All campaigns by their id in proof.md; a new one is a module with `CAMPAIGN` and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final

from tests.proof.campaign import Campaign

CAMPAIGNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "F1": "tests.proof.hostile_bytes",
        "F2": "tests.proof.faulty_sessions",
        "F4": "tests.proof.hostile_pictures",
        "V2": "tests.proof.journey_traces",
        "G1": "tests.proof.reader_restarts",
        "G2": "tests.proof.camera_hangs",
        "M1": "tests.proof.false_matches",
        "M3": "tests.proof.worse_references",
        "M4": "tests.proof.warned_frames",
        "M6": "tests.proof.undecided_turns",
    }
)


def load_campaign(place: str) -> Campaign:
    """Return the campaign of a module, or with `module:NAME` another constant of it.

    Raises:
        TypeError: the constant is no campaign.
    """
    module, _, name = place.partition(":")
    campaign = getattr(import_module(module), name or "CAMPAIGN")
    if not isinstance(campaign, Campaign):
        raise TypeError(place)
    return campaign
