"""The two errors against each other at every threshold, on probit axes (A. Martin et al., "The DET curve", 1997).

Normally distributed scores make straight lines on such axes, so that a strange set shows at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from appliance.errors import TrainingPartMissing
from appliance.face.evaluation.error_rates import DetPoint, Rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TICKS: Final = (0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
_LEAST: Final = 0.00004
_MOST_MATCHES: Final = 0.5
_MOST_MISSES: Final = 0.5
_SIZE_INCHES: Final = (7.0, 5.6)
_LINE: Final = "#1f4e79"
_MARKS: Final = ("#b3001b", "#b36b00")


def draw_det(points: Sequence[DetPoint], bands: Mapping[str, DetPoint], title: str, path: Path) -> None:
    """Write the curve with its 95 % bounds, and the thresholds of `bands` on it, as PNG or SVG by the file's name.

    Raises:
        TrainingPartMissing: matplotlib is not installed.
        OSError: the file cannot be written.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        raise TrainingPartMissing("matplotlib", "mynavisit[training]") from None
    figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
    axes = figure.add_subplot()
    _draw_curve(axes, points)
    for colour, (name, point) in zip(_MARKS, bands.items(), strict=False):
        _mark(axes, name, point, colour)
    _label(axes, title)
    is_vector = path.suffix.lower() == ".svg"
    # The same numbers make the same file, without the hour or a random word in it.
    with rc_context({"svg.hashsalt": "det", "svg.fonttype": "none"}):
        figure.savefig(path, dpi=150, metadata={"Date": None} if is_vector else {"Software": None})


def _draw_curve(axes: Axes, points: Sequence[DetPoint]) -> None:
    across = [_probit(point.false_matches.value) for point in points]
    misses = [_probit(point.false_non_matches.value) for point in points]
    bounds = [point.false_non_matches.bounds for point in points]
    low, high = ([_probit(bound[end]) for bound in bounds] for end in (0, 1))
    axes.fill_between(
        across, low, high, color=_LINE, alpha=0.15, linewidth=0, label="95 % bounds of false non-match"
    )
    axes.plot(across, misses, color=_LINE, linewidth=1.8, label="measured")


def _mark(axes: Axes, name: str, point: DetPoint, colour: str) -> None:
    """Draw one threshold with the bounds of both errors."""
    across, up = _probit(point.false_matches.value), _probit(point.false_non_matches.value)
    axes.errorbar(
        [across],
        [up],
        xerr=_arms(point.false_matches, across),
        yerr=_arms(point.false_non_matches, up),
        color=colour,
        fmt="o",
        markersize=5,
        capsize=3,
        linewidth=1.1,
        label=f"{name}: {point.threshold:.3f}",
    )


def _arms(rate: Rate, middle: float) -> list[list[float]]:
    low, high = (_probit(bound) for bound in rate.bounds)
    return [[middle - low], [high - middle]]


def _label(axes: Axes, title: str) -> None:
    places = [_probit(tick) for tick in _TICKS]
    names = [f"{tick * 100:g}" for tick in _TICKS]
    axes.set_xticks(places, names)
    axes.set_yticks(places, names)
    axes.set_xlim(_probit(_LEAST), _probit(_MOST_MATCHES))
    axes.set_ylim(_probit(0.0005), _probit(_MOST_MISSES))
    axes.set_xlabel("false match (%): different people who reach the threshold")
    axes.set_ylabel("false non-match (%): the same person below the threshold")
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.set_title(title, fontsize=10)
    axes.legend(loc="upper right", fontsize=8, framealpha=1.0)


def _probit(share: float | None) -> float:
    """Return the place of a share on the axis; none and all lie beyond its ends."""
    return NormalDist().inv_cdf(min(max(share or 0.0, 1e-6), 1 - 1e-6))
