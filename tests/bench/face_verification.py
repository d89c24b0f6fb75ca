"""One live frame compared with the chip photo, beside the plain pipeline of the same models (proof.md S4, G5).

The plain pipeline is what dlib's own examples do: detector on the whole colour frame, five points, dlib's descriptor;
the photo decoded, enlarged once for the detector, described. Both end in the same margin score. The two take turns, so
that what slows the machine slows both; the quiet rounds are judged, since other programs only ever add time.
"""

from __future__ import annotations

import csv
import io
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import dlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from appliance.domain.ephemeral import Frame
from appliance.errors import NoFace
from appliance.face.comparison import Strangers, Template, margin
from appliance.face.detection import Detector
from appliance.face.engine import DlibEngine, load_engine
from appliance.face.evaluation.chip_simulation import as_chip_photo
from appliance.face.evidence_file import DEFAULT_EVIDENCE
from appliance.face.weights import FaceWeights, find_weights
from appliance.pictures.header import FILE_BOUNDS
from appliance.simulated.portraits import chip_photo, live_frame

MUST: Final = 0.7
STRETCH: Final = 0.4
"""proof.md S4."""
FRAMES_PER_DECISION: Final = 3
PEOPLE: Final = ("astronaut", "hopper")

Colour = NDArray[np.uint8]
"""Height x width x 3."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """Right and wrong decisions of one pipeline on the same pairs, at the threshold of its evidence."""

    genuine: int
    impostor: int
    false_non_matches: int
    false_matches: int
    nothing_found: int
    """Pairs in which it found no face."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds and their ratio."""

    rounds: int
    ours_s: float
    """Median of one frame against the chip photo, decoding included."""
    plain_s: float
    quiet_ratio: float
    """Of the times that a twentieth of the rounds stays within."""
    median_ratio: float
    """Of the same round."""
    decisions_agree: bool
    """Whether both say the same of each pair of the portraits."""
    look_s: float
    """Median of the advice on one live frame (proof.md G5, per frame)."""
    decision_s: float
    """Median of the chip photo against several frames (proof.md G5, per decision)."""

    @property
    def is_fast_enough(self) -> bool:
        """True when S4 holds."""
        return self.quiet_ratio <= MUST


class PlainPipeline:
    """The same models as their makers' examples use them."""

    def __init__(self, weights: FaceWeights) -> None:
        """Load detector, landmarks and network by dlib."""
        self._detector = dlib.get_frontal_face_detector()
        self._points = dlib.shape_predictor(str(weights.landmarks))
        self._network = dlib.face_recognition_model_v1(str(weights.embedding))
        self._strangers = Strangers.load(weights.cohort, weights.evidence.cohort)

    def score(self, photo: bytes, live: Colour) -> float:
        """Return the margin of the photo's largest face and the frame's.

        Raises:
            NoFace: one of them shows none.
        """
        with Image.open(io.BytesIO(photo)) as opened:
            reference = self.template(np.asarray(opened.convert("RGB")), 1)
        return margin(reference, self.template(live, 0), self._strangers)

    def template(self, picture: Colour, enlargements: int) -> Template:
        """Return dlib's descriptor of the largest face.

        Raises:
            NoFace: there is none.
        """
        boxes = self._detector(picture, enlargements)
        if not boxes:
            raise NoFace("live_frame")
        largest = max(boxes, key=lambda box: box.area())
        return self._describe(picture, self._points(picture, largest))

    def _describe(self, picture: Colour, points: Any) -> Template:  # noqa: ANN401 - dlib is untyped
        return np.array(self._network.compute_face_descriptor(picture, points), dtype=np.float32)


def compare(rounds: int, done: Callable[[int], None], evidence: Path = DEFAULT_EVIDENCE) -> Figures:
    """Time both pipelines in turns, calling `done` with the number of rounds behind us after each."""
    weights = find_weights(evidence)
    engine, plain = load_engine(evidence), PlainPipeline(weights)
    frame, photo = live_frame("hopper", 1.0, 0.0, 1.0, seed=1), chip_photo("hopper")
    ways = (lambda: engine.compare(photo, [frame]), lambda: plain.score(photo, colour_of(frame)))
    times = _in_turns(ways, rounds, done)
    ours, theirs = times
    return Figures(
        rounds=rounds,
        ours_s=statistics.median(ours),
        plain_s=statistics.median(theirs),
        quiet_ratio=_quiet(ours) / _quiet(theirs),
        median_ratio=statistics.median(one / other for one, other in zip(ours, theirs, strict=True)),
        decisions_agree=_agree(engine, plain, weights.evidence.bands.match_from),
        look_s=statistics.median(_times(lambda: engine.look(frame), rounds)),
        decision_s=statistics.median(
            _times(lambda: engine.compare(photo, [frame] * FRAMES_PER_DECISION), max(1, rounds // 4))
        ),
    )


def colour_of(frame: Frame) -> Colour:
    """Return the frame's pixels as dlib takes them, without copying."""
    return np.frombuffer(frame.rgb, dtype=np.uint8).reshape(frame.height, frame.width, 3)


def _in_turns(
    ways: Sequence[Callable[[], object]], rounds: int, done: Callable[[int], None]
) -> list[list[float]]:
    """Time each way once a round after one unmeasured turn; odd rounds go backwards."""
    times: list[list[float]] = [[] for _ in ways]
    for way in ways:
        way()
    for number in range(rounds):
        order = list(range(len(ways)))
        for index in order if number % 2 == 0 else order[::-1]:
            times[index].extend(_times(ways[index], 1))
        done(number + 1)
    return times


def _times(way: Callable[[], object], rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        began_s = time.perf_counter()
        way()
        times.append(time.perf_counter() - began_s)
    return times


def _quiet(times: Sequence[float]) -> float:
    return sorted(times)[len(times) // 20]


def _agree(engine: DlibEngine, plain: PlainPipeline, threshold: float) -> bool:
    """Tell whether both decide alike for each portrait before each chip photo."""
    for card in PEOPLE:
        photo = chip_photo(card)
        for person in PEOPLE:
            frame = live_frame(person, 1.0, 3.0, 1.0, seed=2)
            ours = engine.compare(photo, [frame]).score >= threshold
            if ours is not (plain.score(photo, colour_of(frame)) >= threshold):
                return False
    return True


def decide_pairs(
    folder: Path, done: Callable[[int], None], evidence: Path = DEFAULT_EVIDENCE
) -> tuple[Decisions, Decisions]:
    """Let both pipelines decide every pair that the folder's manifest lists; return ours and the plain one's.

    The reference goes through what a chip would hold of it first, the same bytes for both.
    """
    weights = find_weights(evidence)
    engine, plain, detector = load_engine(evidence), PlainPipeline(weights), Detector(weights.landmarks)
    scores: dict[str, list[tuple[bool, float | None]]] = {"ours": [], "plain": []}
    with (folder / "manifest.csv").open(encoding="utf-8-sig", newline="") as table:
        rows = [
            (row["reference_file"], row["live_file"], row["label"] == "same") for row in csv.DictReader(table)
        ]
    photos: dict[str, bytes | None] = {}
    for number, (reference, live, is_same) in enumerate(rows, start=1):
        if reference not in photos:
            photos[reference] = _as_photo(engine, detector, (folder / reference).read_bytes())
        photo = photos[reference]
        if photo is None:
            continue
        content = (folder / live).read_bytes()
        with Image.open(io.BytesIO(content)) as opened:
            colour = np.asarray(opened.convert("RGB"))
        scores["ours"].append((is_same, _score(engine, photo, content)))
        scores["plain"].append((is_same, _plain_score(plain, photo, colour)))
        done(number)
    threshold = weights.evidence.bands.match_from
    return _judged(scores["ours"], threshold), _judged(scores["plain"], threshold)


def _as_photo(engine: DlibEngine, detector: Detector, content: bytes) -> bytes | None:
    picture = engine.decode(content, FILE_BOUNDS)
    faces = detector.find_in_picture(picture)
    return as_chip_photo(picture, faces[0]) if faces else None


def _score(engine: DlibEngine, photo: bytes, live: bytes) -> float | None:
    try:
        return engine.compare_pictures(photo, live).score
    except NoFace:
        return None


def _plain_score(plain: PlainPipeline, photo: bytes, live: Colour) -> float | None:
    try:
        return plain.score(photo, live)
    except NoFace:
        return None


def _judged(scores: Sequence[tuple[bool, float | None]], threshold: float) -> Decisions:
    genuine = [score for is_same, score in scores if is_same]
    impostor = [score for is_same, score in scores if not is_same]
    return Decisions(
        genuine=len(genuine),
        impostor=len(impostor),
        false_non_matches=sum(score is None or score < threshold for score in genuine),
        false_matches=sum(score is not None and score >= threshold for score in impostor),
        nothing_found=sum(score is None for _, score in scores),
    )
