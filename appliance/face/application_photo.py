"""Whether a picture fits the rules for an application photo, and what may be excused (domain.md §4.2, F4.10, R18).

Nothing here refuses a photo: findings name a rule, what was measured and the limit, and the municipality decides. Rules with
figures come from the application's pages; where those only say "facing front" or "no background", the limits are those of
the live frames, said with each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

from appliance.domain.face_advice import FrameQuality
from appliance.face.backdrop import Backdrop
from appliance.face.gates import PICTURE_GATES

LEAST_BYTES: Final = 20 * 1024
MOST_BYTES: Final = 7 * 1024 * 1024
"""Upload: 20 KB to 7 MB (domain.md §4.2, S53d, S57)."""
LEAST_SIDE_PX: Final = 480
MOST_SIDE_PX: Final = 6000
"""Upload: each side 480 to 6000 px (domain.md §4.2, S53d, S57)."""
PROPORTION: Final = 35 / 45
"""Width over height of the paper photo (domain.md §4.2, S56)."""
_PROPORTION_SLACK: Final = 0.03
"""About a millimetre of the paper photo."""
TILT_MOST_DEG: Final = 6.0
"""A lean that the eye sees; no figure is published."""
ONE_SIDED_MOST: Final = 0.35
"""One half of the face twice as bright as the other."""
FACE_SHARE_LEAST: Final = 0.30
FACE_SHARE_MOST: Final = 0.75
"""Height of the found face (brows to chin) over the picture's; no figure is published."""
BACKDROP_SPREAD_MOST: Final = 45.0
"""Grey levels between the darker and the brighter parts beside the head; a wall lit from one side keeps below."""
BACKDROP_EDGES_MOST: Final = 0.04
"""Share of the places beside the head where brightness jumps; a plain wall or sheet has next to none."""


@unique
class PhotoRule(Enum):
    """What is looked at."""

    FORMAT = "format"
    """JPEG in red, green and blue."""
    LENGTH = "length"
    """Bytes of the file."""
    SIDES = "sides"
    PROPORTION = "proportion"
    ONE_FACE = "one_face"
    FACE_SIZE = "face_size"
    FACING_FRONT = "facing_front"
    TILT = "tilt"
    EYES_OPEN = "eyes_open"
    UNCOVERED = "uncovered"
    LIGHT = "light"
    EVEN_LIGHT = "even_light"
    SHARPNESS = "sharpness"
    PLAIN_BACKDROP = "plain_backdrop"


@unique
class ExceptionReason(Enum):
    """Why a photo may differ, to be stated with the application (F4.10)."""

    CANNOT_SIT_OR_STAND = "cannot_sit_or_stand"
    """Lying face up on a plain light sheet."""
    BEDRIDDEN = "bedridden"
    PARALYSIS = "paralysis"
    EYES_CANNOT_OPEN = "eyes_cannot_open"
    """Gaze or eyes do not obey."""
    AID_VISIBLE = "aid_visible"
    """Wheelchair or tubes."""
    MEDICAL_WIG = "medical_wig"
    PATCH_OR_BANDAGE = "patch_or_bandage"
    RELIGIOUS_COVER = "religious_cover"
    """As long as the outline of the face shows."""


EXCUSES: Final = {
    ExceptionReason.CANNOT_SIT_OR_STAND: frozenset(
        {PhotoRule.FACING_FRONT, PhotoRule.TILT, PhotoRule.PLAIN_BACKDROP, PhotoRule.EVEN_LIGHT}
    ),
    ExceptionReason.BEDRIDDEN: frozenset(
        {PhotoRule.FACING_FRONT, PhotoRule.TILT, PhotoRule.PLAIN_BACKDROP, PhotoRule.EVEN_LIGHT}
    ),
    ExceptionReason.PARALYSIS: frozenset({PhotoRule.FACING_FRONT, PhotoRule.TILT, PhotoRule.EYES_OPEN}),
    ExceptionReason.EYES_CANNOT_OPEN: frozenset({PhotoRule.EYES_OPEN}),
    ExceptionReason.AID_VISIBLE: frozenset({PhotoRule.UNCOVERED, PhotoRule.PLAIN_BACKDROP}),
    ExceptionReason.MEDICAL_WIG: frozenset({PhotoRule.UNCOVERED}),
    ExceptionReason.PATCH_OR_BANDAGE: frozenset({PhotoRule.UNCOVERED, PhotoRule.EYES_OPEN}),
    ExceptionReason.RELIGIOUS_COVER: frozenset({PhotoRule.UNCOVERED}),
}
"""Which rules each reason excuses; the file's own rules are never excused."""


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """What the file says of itself."""

    is_rgb_jpeg: bool
    size_bytes: int
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that the photo does not keep."""

    rule: PhotoRule
    measure: float
    limit: float
    """The bound that was crossed."""


def inspect_file(file: PhotoFile) -> list[Finding]:
    """Return what stands against the file itself."""
    shorter, longer = sorted((file.width_px, file.height_px))
    proportion = file.width_px / file.height_px if file.height_px else 0.0
    return [
        *_check(PhotoRule.FORMAT, float(file.is_rgb_jpeg), least=1.0),
        *_check(PhotoRule.LENGTH, file.size_bytes, LEAST_BYTES, MOST_BYTES),
        *_check(PhotoRule.SIDES, shorter, least=LEAST_SIDE_PX),
        *_check(PhotoRule.SIDES, longer, most=MOST_SIDE_PX),
        *_check(
            PhotoRule.PROPORTION,
            proportion,
            PROPORTION * (1 - _PROPORTION_SLACK),
            PROPORTION * (1 + _PROPORTION_SLACK),
        ),
    ]


def inspect_face(quality: FrameQuality, height_px: int, backdrop: Backdrop) -> list[Finding]:
    """Return what stands against the face in a photo `height_px` high; without one face nothing else is looked at."""
    if quality.faces != 1:
        return _check(PhotoRule.ONE_FACE, quality.faces, 1, 1)
    gates = PICTURE_GATES
    return [
        *_check(PhotoRule.FACE_SIZE, quality.face_height_px / height_px, FACE_SHARE_LEAST, FACE_SHARE_MOST),
        *_check(PhotoRule.FACING_FRONT, abs(quality.turn), most=gates.turn_most),
        *_check(PhotoRule.FACING_FRONT, quality.nod, gates.nod_least, gates.nod_most),
        *_check(PhotoRule.TILT, abs(quality.roll_deg) + abs(quality.rotation_deg), most=TILT_MOST_DEG),
        *_check(PhotoRule.EYES_OPEN, quality.eyes_closed, most=gates.eyes_closed_most),
        *_check(PhotoRule.UNCOVERED, quality.covered, most=gates.covered_most),
        *_check(PhotoRule.LIGHT, quality.luma, gates.luma_least, gates.luma_most),
        *_check(PhotoRule.EVEN_LIGHT, abs(quality.one_sided), most=ONE_SIDED_MOST),
        *_check(PhotoRule.SHARPNESS, quality.sharpness, least=gates.sharpness_least),
        *_check(PhotoRule.PLAIN_BACKDROP, backdrop.spread, most=BACKDROP_SPREAD_MOST),
        *_check(PhotoRule.PLAIN_BACKDROP, backdrop.edges, most=BACKDROP_EDGES_MOST),
    ]


def without_excused(findings: Iterable[Finding], reasons: Sequence[ExceptionReason]) -> list[Finding]:
    """Return the findings that none of the stated reasons excuses."""
    excused = frozenset[PhotoRule]().union(*(EXCUSES[reason] for reason in reasons))
    return [finding for finding in findings if finding.rule not in excused]


def _check(
    rule: PhotoRule, measure: float, least: float = float("-inf"), most: float = float("inf")
) -> list[Finding]:
    """Return the finding of a measure outside its bounds; one that is no number is outside."""
    if not measure >= least:
        return [Finding(rule, measure, least)]
    if not measure <= most:
        return [Finding(rule, measure, most)]
    return []
