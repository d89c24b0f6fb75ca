"""Public research pictures as the campaigns on faces use them: found, named, turned into templates once each.

The pictures are no part of the product. Where their folder is absent, these campaigns cannot be tried and say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.errors import NoFace
from appliance.face.comparison import Strangers, Template
from appliance.face.evaluation.acquisition import Acquirer, Side
from appliance.face.evaluation.pairs import PairTable, pair_across, pictures_in
from appliance.face.evidence_file import DEFAULT_EVIDENCE, Evidence, read_evidence
from appliance.face.weights import find_described_files
from tests.face.picture_folder import FACES

_NAMED: Final = FACES / "lfw"
"""Only these files say by their name who is on them."""


def absent() -> str:
    """Return what is missing, empty when the pictures are there."""
    return (
        ""
        if _NAMED.is_dir()
        else "the research pictures are not here (MYNAVISIT_TEST_FACES names their folder)"
    )


def named_pairs() -> PairTable:
    """Return every picture whose file name says who is on it against every other, in both orders."""
    return pair_across(pictures_in(_NAMED))


def evidence() -> Evidence:
    """Return the evidence of the shipped weights."""
    return read_evidence(DEFAULT_EVIDENCE)


@dataclass(frozen=True, slots=True)
class Sitting:
    """What came of one picture in one part."""

    template: Template
    distance: float
    """To its nearest strangers."""

    def margin(self, other: Sitting) -> float:
        """Return the score of two sittings (docs/face.md)."""
        return (self.distance + other.distance) / 2 - float(np.linalg.norm(self.template - other.template))


class Sitters:
    """Templates of pictures, each made once."""

    def __init__(self) -> None:
        """Load the shipped weights."""
        files, way = find_described_files(DEFAULT_EVIDENCE), evidence().way
        self._acquirer = Acquirer(files, way.looks)
        self._strangers = Strangers.load(files.cohort, files.description.cohort)
        self._known: dict[tuple[Path, Side, str], Sitting | None] = {}

    def sitting(
        self, picture: Path, side: Side, name: str = "", worsen: Callable[[bytes], bytes | None] | None = None
    ) -> Sitting | None:
        """Return what came of a picture, or None where no face is found; `name` tells one way of worsening from another.

        `worsen` makes another file of the picture's own, or None where it finds no face to work on.
        """
        key = picture, side, name
        if key not in self._known:
            content = picture.read_bytes()
            self._known[key] = self._acquired(content if worsen is None else worsen(content), side)
        return self._known[key]

    def _acquired(self, content: bytes | None, side: Side) -> Sitting | None:
        if content is None:
            return None
        try:
            template = self._acquirer.acquire(content, side)
        except NoFace:
            return None
        return Sitting(template, self._strangers.distance(template))


def same_person_pairs(table: PairTable) -> NDArray[np.intp]:
    """Return the places of the pairs of one person."""
    return np.flatnonzero(table.is_same)
