"""How templates are made of a face: how many looks, shifted and mirrored or not (docs/face.md).

Scores of one way say nothing about another, so thresholds name the way that they were measured with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class TemplateWay:
    """How a template is made of a face."""

    looks: int
    """A template is the mean over this many looks."""
    shift_px: int
    """How far the shifted ones are moved, in pixels of the network's input; 0 for none."""
    mirrored: bool
    """Whether half of them are mirrored."""


WAYS: Final[Mapping[int, TemplateWay]] = {
    1: TemplateWay(1, shift_px=0, mirrored=False),
    2: TemplateWay(2, shift_px=0, mirrored=True),
    5: TemplateWay(5, shift_px=6, mirrored=False),
    10: TemplateWay(10, shift_px=6, mirrored=True),
}
"""The ways that `appliance.face.detection` knows, by their number of looks."""
