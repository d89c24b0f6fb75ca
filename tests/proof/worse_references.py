"""M3: what a worse photo on the chip costs: smaller, shorter, blurred, dark or faded references (proof.md §6.8).

Figures only. How large the photo of a real chip is, is not public, and no set here has photos ten years apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from appliance.face.detection import Detector, FoundFace, Grey
from appliance.face.evaluation.acquisition import Side
from appliance.face.evaluation.chip_simulation import as_chip_photo
from appliance.face.evaluation.error_rates import Rate
from appliance.face.evaluation.pairs import PairTable
from appliance.face.evidence_file import DEFAULT_EVIDENCE
from appliance.face.weights import find_described_files
from appliance.pictures.decoding import decode_grey
from appliance.pictures.header import FILE_BOUNDS
from tests.proof.campaign import Campaign, Label, Share
from tests.proof.research_faces import Sitters, absent, evidence, named_pairs, same_person_pairs
from tests.proof.watch import Breach, Watch

Worse = Callable[[Grey, FoundFace], bytes]
"""Makes a chip photo of a face in a picture."""

_FACE_ON_PHOTO_PX: Final = 155
"""Height of the found face on a photo 240 px wide."""


def _blurred(picture: Grey, face: FoundFace, radius_px: float) -> bytes:
    """Blur by so many pixels of the chip photo."""
    radius = radius_px * face.height_px / _FACE_ON_PHOTO_PX
    soft = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))
    return as_chip_photo(soft, face)


def _toned(picture: Grey, face: FoundFace, contrast: float, middle: float) -> bytes:
    toned = np.clip((picture - 128.0) * contrast + middle, 0, 255).astype(np.uint8)
    return as_chip_photo(toned, face)


REFERENCES: Final[Mapping[str, Worse]] = MappingProxyType(
    {
        "240 x 320, 8 KB": as_chip_photo,
        "240 x 320, 5 KB": partial(as_chip_photo, size_bytes=5_000),
        "240 x 320, 3 KB": partial(as_chip_photo, size_bytes=3_000),
        "120 x 160, 3 KB": partial(as_chip_photo, size_bytes=3_000, width_px=120),
        "blurred by 2 px": partial(_blurred, radius_px=2.0),
        "blurred by 4 px": partial(_blurred, radius_px=4.0),
        "dark print": partial(_toned, contrast=0.5, middle=64.0),
        "faded print": partial(_toned, contrast=0.4, middle=180.0),
    }
)


@dataclass(slots=True)
class Tally:
    """What came of each kind of reference."""

    compared: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    faceless: Counter[str] = field(default_factory=Counter)


def run(share: Share, watch: Watch) -> None:
    """Compare one person's pairs with one kind of reference after the other."""
    table, sitters, tally = named_pairs(), Sitters(), Tally()
    detector = Detector(find_described_files(DEFAULT_EVIDENCE).landmarks)
    threshold, same = evidence().bands.match_from, same_person_pairs(table)
    names = list(REFERENCES)
    watch.settle()
    for index in share.indices:
        place, name = int(same[index // len(names) % len(same)]), names[index % len(names)]
        trial = partial(_compare, table, place, name, sitters, detector, tally, threshold)
        watch.attempt(index, index.to_bytes(4), trial)
    for name in names:
        if tally.compared[name]:
            _report(name, tally, watch)


def _compare(
    table: PairTable,
    place: int,
    name: str,
    sitters: Sitters,
    detector: Detector,
    tally: Tally,
    threshold: float,
) -> None:
    worsen = partial(_worsened, detector=detector, worse=REFERENCES[name])
    reference = sitters.sitting(table.pictures[table.reference[place]], Side.REFERENCE, name, worsen)
    live = sitters.sitting(table.pictures[table.live[place, 0]], Side.LIVE)
    if live is None:
        return
    if reference is None:
        tally.faceless[name] += 1
        return
    score = reference.margin(live)
    if not np.isfinite(score):
        raise Breach("a score is no number")
    tally.compared[name] += 1
    tally.missed[name] += score < threshold


def _worsened(content: bytes, detector: Detector, worse: Worse) -> bytes | None:
    with decode_grey(content, FILE_BOUNDS) as decoded:
        picture = np.frombuffer(decoded.grey, dtype=np.uint8).reshape(decoded.height, decoded.width).copy()
    faces = detector.find_in_picture(picture)
    return worse(picture, faces[0]) if faces else None


def _report(name: str, tally: Tally, watch: Watch) -> None:
    rate = Rate(tally.missed[name], tally.compared[name])
    low, high = rate.bounds
    watch.count("pairs compared, all kinds together", "pairs", rate.of)
    watch.count("pairs without a face on the photo, all kinds together", "pairs", tally.faceless[name])
    bounds = f"95 % bounds {100 * low:.1f} to {100 * high:.1f}, counting pairs"
    watch.observe(f"{name}: false non-match ({bounds})", "%", round(100 * (rate.value or 0.0), 1))


CAMPAIGN: Final = Campaign(
    id="M3",
    claim="small, short, blurred, dark and faded chip photos end in a score or without a face; what each costs is reported",
    unit="comparisons",
    must=286 * len(REFERENCES),
    quick=4,
    label=Label.SIMULATED,
    run=run,
    can_be_split=False,
    hang_limit_s=10.0,
    is_reported=True,
    absent=absent,
)
