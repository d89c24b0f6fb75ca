"""Two templates compared against strangers: the margin score (face.md §0, §3).

The plain distance of this network calls a third of East Asian strangers alike at its usual threshold. A pair is instead
compared with the strangers nearest to it: where faces crowd, more likeness is asked for. No property of a person is
inferred on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.errors import FaceWeightsRefused
from appliance.face.evidence_file import Cohort

Template = NDArray[np.float32]
"""128 numbers that stand for a face; personal, in memory only (R10)."""

TEMPLATE_LENGTH: Final = 128


class Strangers:
    """The cohort of synthetic templates."""

    def __init__(self, templates: NDArray[np.float32], nearest: int) -> None:
        """Hold `templates` (count x 128) of which the `nearest` count."""
        self._templates = templates
        self._nearest = nearest

    @classmethod
    def load(cls, path: Path, cohort: Cohort) -> Strangers:
        """Read the cohort file, whose hash has been checked.

        Raises:
            FaceWeightsRefused: it does not hold what the evidence says.
        """
        try:
            with np.load(path, allow_pickle=False) as archive:
                templates = archive["cohort"].astype(np.float32)
        except (OSError, KeyError, ValueError) as error:
            raise FaceWeightsRefused(path.name) from error
        if templates.shape != (cohort.templates, TEMPLATE_LENGTH) or not np.isfinite(templates).all():
            raise FaceWeightsRefused(path.name)
        return cls(templates, cohort.nearest)

    def distance(self, template: Template) -> float:
        """Return the mean distance of `template` to its nearest strangers."""
        differences = self._templates - template
        distances = np.linalg.norm(differences, axis=1)
        differences.fill(0)
        distances.partition(self._nearest - 1)
        return float(distances[: self._nearest].mean())


def margin(one: Template, other: Template, strangers: Strangers) -> float:
    """Return the mean distance of both to their nearest strangers less their mutual distance; larger is more alike."""
    difference = one - other
    mutual = float(np.linalg.norm(difference))
    difference.fill(0)
    return (strangers.distance(one) + strangers.distance(other)) / 2 - mutual


def average(templates: Sequence[Template] | NDArray[np.float32]) -> Template:
    """Return the mean of templates of one person; sound with the margin only (face.md §3, gotcha)."""
    mean: Template = np.mean(templates, axis=0, dtype=np.float32)
    return mean
