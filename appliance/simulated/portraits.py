"""Training people's faces: chip photos and live frames made from two public-domain portraits (design D6, face.md end).

Both pictures come inside ordinary packages of the `training` extra and are read from there: the astronaut (NASA,
scikit-image) and Grace Hopper (US Navy, matplotlib). Live frames put a portrait into a drawn room and change distance,
light and angle, so that every hint of the engine can be met in training. A person without a portrait is a drawn grey
figure without a face, which leads to the visual check.
"""

from __future__ import annotations

import importlib.util
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from appliance.domain.ephemeral import Frame
from appliance.errors import PortraitMissing
from appliance.simulated.eyelids import draw_eyelids
from appliance.simulated.head_turn import turn_head
from appliance.simulated.sensor import expose
from appliance.simulated.sheet_view import EYE_DISTANCE_MM, PICTURE_WIDTH_EYES, Sheet, hold_sheet
from appliance.simulated.worn import Worn, draw_worn

if TYPE_CHECKING:
    from PIL import Image, ImageDraw


@dataclass(frozen=True, slots=True)
class Portrait:
    """Where a portrait lies and where its eyes are."""

    package: str
    folder: str
    files: tuple[str, ...]
    """Names that versions of the package have used."""
    size_px: tuple[int, int]
    eyes_px: tuple[float, float]
    """Middle between the eyes."""
    eye_distance_px: float
    face_px: float
    """Height of the face as the detector frames it."""
    lean_deg: float
    """How far the eye line is from level, clockwise."""


PORTRAITS: Final = {
    "astronaut": Portrait(
        package="skimage",
        folder="data",
        files=("astronaut.png", "astronaut.jpg"),
        size_px=(512, 512),
        eyes_px=(225.0, 103.3),
        eye_distance_px=43.1,
        face_px=90.0,
        lean_deg=3.3,
    ),
    "hopper": Portrait(
        package="matplotlib",
        folder="mpl-data/sample_data",
        files=("grace_hopper.jpg",),
        size_px=(512, 600),
        eyes_px=(264.8, 192.3),
        eye_distance_px=84.6,
        face_px=202.0,
        lean_deg=-3.0,
    ),
}
"""Training portraits by the name that a training person carries."""

CHIP_SIZE_PX: Final = (240, 320)
CHIP_SIZE_BYTES: Final = 8_000
"""The chip photo's size and length that the face thresholds were measured with (face.md §3)."""

FRAME_SIZE_PX: Final = (1280, 720)

_PRINT_SIZE_PX: Final = (600, 800)
_CHIP_WIDTH_EYES: Final = PICTURE_WIDTH_EYES
"""Width of the chip photo in eye distances: a passport-like crop with shoulders' beginning."""
_CHIP_EYE_LEVEL: Final = 0.42
"""Height of the eyes in the chip photo, from the top."""

_NEAR_FACE_PX: Final = 209.0
"""Height of the face in a frame at distance 1, well above the gate (face.md §6.3)."""
_FIGURE_EYE_DISTANCE_PX: Final = 100.0
_EYES_IN_FRAME_PX: Final = (640.0, 300.0)
_COMPANION_PX: Final = (1020.0, 310.0)
"""Where the eyes of somebody are who looks into the picture."""


def chip_photo(portrait: str | None) -> bytes:
    """Return the person's chip photo: grey JPEG 2000, 240 x 320, about 8 KB; without a portrait a faceless figure.

    Raises:
        PortraitMissing: the name is unknown, or the package that holds the portrait is not installed.
    """
    from PIL import Image

    if portrait is None:
        figure = Image.new("L", CHIP_SIZE_PX, 208)
        figure.paste(128, mask=_person_mask(CHIP_SIZE_PX, (120.0, 134.0), 50.0))
        return _encode_chip(figure)
    place = _find(portrait)
    with Image.open(_file(portrait)) as opened:
        return _encode_chip(_crop(opened.convert("L"), place, CHIP_SIZE_PX))


def _crop(opened: Image.Image, place: Portrait, size_px: tuple[int, int]) -> Image.Image:
    """Cut the portrait as a passport shows it."""
    from PIL import Image

    width = place.eye_distance_px * _CHIP_WIDTH_EYES
    height = width * size_px[1] / size_px[0]
    left = place.eyes_px[0] - width / 2
    top = place.eyes_px[1] - height * _CHIP_EYE_LEVEL
    box = (left, top, left + width, top + height)
    return opened.resize(size_px, Image.Resampling.LANCZOS, box=box)


def _encode_chip(grey: Image.Image) -> bytes:
    stream = io.BytesIO()
    rate = grey.width * grey.height / CHIP_SIZE_BYTES
    grey.save(stream, "JPEG2000", quality_mode="rates", quality_layers=[rate], irreversible=True)
    return stream.getvalue()


def live_frame(
    portrait: str | None,
    light: float,
    angle_deg: float,
    distance: float,
    seed: int,
    *,
    turn_deg: float = 0.0,
    eyes_closed: float = 0.0,
) -> Frame:
    """Return a 1280 x 720 frame of the person in a room.

    `light` is 1 for a well-lit room and 0 for none; `angle_deg` leans the head clockwise in the picture's plane, 90 for a
    person who lies; `distance` is 1 where the engine is content and grows with the person's distance; `seed` varies the
    sensor's noise. `turn_deg` turns the head to the right of the picture; `eyes_closed` goes from 0 to 1.

    Raises:
        PortraitMissing: the name is unknown, or the package that holds the portrait is not installed.
    """
    scene = draw_person(portrait, angle_deg, distance, turn_deg=turn_deg, eyes_closed=eyes_closed)
    return expose(scene, light, seed)


def draw_person(
    portrait: str | None,
    angle_deg: float,
    distance: float,
    *,
    turn_deg: float = 0.0,
    eyes_closed: float = 0.0,
    worn: Worn | None = None,
    has_companion: bool = False,
) -> Image.Image:
    """Return the person in the lit room, before any sensor saw it; units as in `live_frame`.

    `worn` hides a part of the face; `has_companion` lets somebody else look into the picture.

    Raises:
        PortraitMissing: the name is unknown, or the package that holds the portrait is not installed.
    """
    scene = _room()
    if has_companion:
        other = next(name for name in PORTRAITS if name != portrait)
        _paste_person(scene, _dressed(other), _find(other), _NEAR_FACE_PX, eyes_at_px=_COMPANION_PX)
    if portrait is None:
        eye_distance_px = _FIGURE_EYE_DISTANCE_PX / distance
        scene.paste((128, 128, 128), mask=_person_mask(FRAME_SIZE_PX, _EYES_IN_FRAME_PX, eye_distance_px))
    else:
        person = _dressed(portrait, eyes_closed, worn=worn)
        _paste_person(scene, person, _find(portrait), _NEAR_FACE_PX / distance, angle_deg, turn_deg)
    return scene


def sheet_frame(
    portrait: str, sheet: Sheet, turn_deg: float, light: float, distance: float, seed: int
) -> Frame:
    """Return a frame of a picture of the person that somebody holds and turns; units as in `live_frame`.

    Raises:
        PortraitMissing: the name is unknown, or the package that holds the portrait is not installed.
    """
    return expose(draw_sheet(portrait, sheet, turn_deg, distance), light, seed)


def draw_sheet(portrait: str, sheet: Sheet, turn_deg: float, distance: float) -> Image.Image:
    """Return the held picture in the lit room, before any sensor saw it; units as in `live_frame`.

    Raises:
        PortraitMissing: the name is unknown, or the package that holds the portrait is not installed.
    """
    import numpy as np
    from PIL import Image

    place = _find(portrait)
    with Image.open(_file(portrait)) as opened:
        picture = _crop(opened.convert("RGB"), place, _PRINT_SIZE_PX)
    eye_distance_px = place.eye_distance_px * _NEAR_FACE_PX / place.face_px / distance
    held = hold_sheet(
        np.asarray(_room(), dtype=np.float32),
        np.asarray(picture, dtype=np.float32),
        sheet,
        turn_deg,
        (_EYES_IN_FRAME_PX[0], _EYES_IN_FRAME_PX[1] + 0.3 * eye_distance_px),
        eye_distance_px / EYE_DISTANCE_MM,
    )
    return Image.fromarray(np.clip(held, 0, 255).astype(np.uint8))


def _find(portrait: str) -> Portrait:
    if portrait not in PORTRAITS:
        raise PortraitMissing(portrait, "training")
    return PORTRAITS[portrait]


def _file(portrait: str) -> Path:
    """Find the portrait's file without importing the package that holds it."""
    place = _find(portrait)
    spec = importlib.util.find_spec(place.package)
    if spec is not None and spec.submodule_search_locations:
        folder = Path(spec.submodule_search_locations[0]) / place.folder
        for name in place.files:
            if (folder / name).is_file():
                return folder / name
    raise PortraitMissing(portrait, "training")


def _dressed(portrait: str, eyes_closed: float = 0.0, *, worn: Worn | None = None) -> Image.Image:
    """Return the portrait with what is worn or done, and with its outline as a mask."""
    from PIL import Image

    place = _find(portrait)
    with Image.open(_file(portrait)) as opened:
        person = opened.convert("RGB")
    if eyes_closed > 0.0:
        draw_eyelids(person, place.eyes_px, place.eye_distance_px, place.lean_deg, eyes_closed)
    if worn is not None:
        draw_worn(person, worn, place.eyes_px, place.eye_distance_px, place.lean_deg)
    person.putalpha(_person_mask(place.size_px, place.eyes_px, place.eye_distance_px))
    return person


def _paste_person(
    scene: Image.Image,
    person: Image.Image,
    place: Portrait,
    face_px: float,
    angle_deg: float = 0.0,
    turn_deg: float = 0.0,
    *,
    eyes_at_px: tuple[float, float] = _EYES_IN_FRAME_PX,
) -> None:
    """Put head and shoulders of the portrait into the scene, turned and scaled about the eyes."""
    from PIL import Image

    # A head turns about its own axis before it leans with the body.
    lean_first = 0.0 if turn_deg else angle_deg
    steps = _inverse_turn(place, face_px, lean_first, eyes_at_px)
    layers = [
        layer.transform(FRAME_SIZE_PX, Image.Transform.AFFINE, steps, Image.Resampling.BICUBIC)
        for layer in (person.convert("RGB"), person.getchannel("A"))
    ]
    if turn_deg:
        layers = _turned(layers, place.eye_distance_px * face_px / place.face_px, turn_deg, angle_deg)
    scene.paste(layers[0], mask=layers[1])


def _turned(
    layers: list[Image.Image], eye_distance_px: float, turn_deg: float, angle_deg: float
) -> list[Image.Image]:
    """Turn the head of an upright person, then lean the whole about the eyes."""
    import numpy as np
    from PIL import Image

    stacked = np.dstack([np.asarray(layer, dtype=np.float32) for layer in layers])
    turned = turn_head(stacked, _EYES_IN_FRAME_PX, eye_distance_px, turn_deg)
    pixels = np.clip(turned, 0, 255).astype(np.uint8)
    apart = [Image.fromarray(pixels[:, :, :3]), Image.fromarray(pixels[:, :, 3])]
    return [
        layer.rotate(-angle_deg, Image.Resampling.BICUBIC, center=_EYES_IN_FRAME_PX) if angle_deg else layer
        for layer in apart
    ]


def _inverse_turn(
    place: Portrait, face_px: float, angle_deg: float, eyes_at_px: tuple[float, float]
) -> tuple[float, float, float, float, float, float]:
    """Return the affine map from frame to portrait that Pillow takes."""
    shrink = place.face_px / face_px
    angle = math.radians(place.lean_deg - angle_deg)
    across, down = shrink * math.cos(angle), shrink * math.sin(angle)
    frame_x, frame_y = eyes_at_px
    from_x = place.eyes_px[0] - across * frame_x + down * frame_y
    from_y = place.eyes_px[1] - down * frame_x - across * frame_y
    return across, -down, from_x, down, across, from_y


def _person_mask(
    size_px: tuple[int, int], eyes_px: tuple[float, float], eye_distance_px: float
) -> Image.Image:
    """Draw where head and shoulders are, softly edged; nothing at the picture's own border, which is no person."""
    from PIL import Image, ImageDraw, ImageFilter

    mask = Image.new("L", size_px, 0)
    _draw_person(ImageDraw.Draw(mask), eyes_px, eye_distance_px)
    soft_px = eye_distance_px * 0.12
    frame = Image.new("L", size_px, 0)
    frame.paste(255, (int(soft_px * 2), int(soft_px), size_px[0] - int(soft_px * 2), size_px[1]))
    mask.paste(0, mask=frame.point(lambda inside: 255 - inside))
    return mask.filter(ImageFilter.GaussianBlur(soft_px))


def _draw_person(draw: ImageDraw.ImageDraw, eyes_px: tuple[float, float], eye_distance_px: float) -> None:
    """Draw head, neck and shoulders, in proportion to the eye distance."""
    x, y, unit = eyes_px[0], eyes_px[1], eye_distance_px
    draw.ellipse((x - 1.6 * unit, y - 1.75 * unit, x + 1.6 * unit, y + 2.35 * unit), fill=255)
    draw.rectangle((x - 1.0 * unit, y + 1.2 * unit, x + 1.0 * unit, y + 3.0 * unit), fill=255)
    draw.ellipse((x - 3.4 * unit, y + 2.0 * unit, x + 3.4 * unit, y + 9.0 * unit), fill=255)


def _room() -> Image.Image:
    """Draw a plain room: wall, floor, window with curtains, a bed's head."""
    from PIL import Image, ImageDraw, ImageFilter

    room = Image.new("RGB", FRAME_SIZE_PX, (196, 188, 170))
    draw = ImageDraw.Draw(room)
    draw.rectangle((0, 560, 1280, 720), fill=(140, 112, 84))
    draw.rectangle((70, 70, 330, 400), fill=(226, 234, 238), outline=(120, 110, 96), width=10)
    draw.rectangle((194, 70, 206, 400), fill=(120, 110, 96))
    draw.rectangle((30, 50, 100, 470), fill=(150, 164, 148))
    draw.rectangle((300, 50, 370, 470), fill=(150, 164, 148))
    draw.rectangle((980, 380, 1280, 720), fill=(118, 88, 60))
    draw.rectangle((1010, 470, 1280, 720), fill=(232, 230, 224))
    return room.filter(ImageFilter.GaussianBlur(4))
