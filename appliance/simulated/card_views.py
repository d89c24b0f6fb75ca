"""Drawn cards as a camera sees them: distance, angle, light, glare, blur, noise, wear, fingers, background (design D6).

Every view comes from a seed, at one of three levels, so that a measurement can be repeated to the pixel.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.domain.ephemeral import Frame
from appliance.simulated.card_faces import CARD_SIZE_PX, Pixels, chance_of

FRAME_SIZE_PX: Final = (1280, 720)
"""What the unit's camera gives."""
_OVERSAMPLING: Final = 2
_SKINS: Final = ((214, 176, 150), (190, 150, 122), (232, 200, 178))

Floats = NDArray[np.float32]


@unique
class Level(Enum):
    """How hard a view is."""

    GOOD = "good"
    """A card in a holder before the camera, in even light."""
    USUAL = "usual"
    """Held in the hand by somebody who looks at the screen."""
    BAD = "bad"
    """Far, slanted, in poor light or glare, moving, worn, a finger over a corner."""


Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Reach:
    """Ranges from which a level's views are taken."""

    width_px: Range
    tilt_deg: float
    turn_deg: float
    blur_px: Range
    noise: Range
    exposure: Range
    unevenness: Range
    glares: int
    glare: Range
    scratches: int
    finger: float


_REACH: Final = {
    Level.GOOD: _Reach((860, 1020), 6, 4, (0.3, 0.7), (1, 4), (0.85, 1.05), (0.0, 0.1), 0, (0, 0), 0, 0.0),
    Level.USUAL: _Reach(
        (640, 900), 18, 12, (0.5, 1.1), (3, 8), (0.6, 1.1), (0.1, 0.35), 1, (0.1, 0.4), 8, 0.3
    ),
    Level.BAD: _Reach(
        (480, 700), 30, 20, (0.9, 1.9), (6, 14), (0.3, 1.25), (0.2, 0.6), 2, (0.4, 1.0), 30, 0.6
    ),
}


def view_card(card: Pixels, level: Level, seed: int, *, upside_down: bool = False) -> Frame:
    """Return a frame that shows `card` at `level`; the same seed gives the same pixels."""
    chance = chance_of(seed)
    noise = np.random.default_rng(seed)
    reach = _REACH[level]
    worn = _wear(card, reach, chance)
    if upside_down:
        worn = np.ascontiguousarray(worn[::-1, ::-1])
    corners = _corners(reach, chance)
    scene = _place(worn, _background(chance, noise), corners)
    if chance.random() < reach.finger:
        _cover_corner(scene, corners, chance)
    small = cv2.resize(scene, FRAME_SIZE_PX, interpolation=cv2.INTER_AREA)
    lit = _light(small.astype(np.float32), reach, chance)
    return _expose(lit, reach, chance, noise)


def view_nothing(seed: int) -> Frame:
    """Return a frame of a table without a card."""
    chance = chance_of(seed)
    noise = np.random.default_rng(seed)
    reach = _REACH[Level.USUAL]
    table = cv2.resize(_background(chance, noise), FRAME_SIZE_PX, interpolation=cv2.INTER_AREA)
    return _expose(table.astype(np.float32), reach, chance, noise)


def _wear(card: Pixels, reach: _Reach, chance: random.Random) -> Pixels:
    """Scratch the surface; none of it hides a whole digit."""
    worn = card.copy()
    width, height = CARD_SIZE_PX
    for _ in range(reach.scratches):
        start = (chance.randrange(width), chance.randrange(height))
        end = (start[0] + chance.randint(-220, 220), start[1] + chance.randint(-120, 120))
        shade = chance.choice([(250, 250, 250), (205, 195, 200)])
        cv2.line(worn, start, end, shade, chance.choice([1, 2, 3]), cv2.LINE_AA)
    return worn


def _corners(reach: _Reach, chance: random.Random) -> Floats:
    """Return where the four corners fall: a flat card turned in space before a camera at eight card widths or nearer."""
    tilt, pan = (np.radians(chance.uniform(-reach.tilt_deg, reach.tilt_deg)) for _ in range(2))
    turn = np.radians(chance.uniform(-reach.turn_deg, reach.turn_deg))
    half_w, half_h = 0.5, 0.5 * CARD_SIZE_PX[1] / CARD_SIZE_PX[0]
    flat = np.array([[-half_w, -half_h, 0], [half_w, -half_h, 0], [half_w, half_h, 0], [-half_w, half_h, 0]])
    about_x = [[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]]
    about_y = [[np.cos(pan), 0, np.sin(pan)], [0, 1, 0], [-np.sin(pan), 0, np.cos(pan)]]
    about_z = [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
    space = flat @ np.array(about_z).T @ np.array(about_y).T @ np.array(about_x).T
    distance = chance.uniform(2.0, 4.0)
    seen = space[:, :2] * (distance / (distance + space[:, 2:3])) * chance.uniform(*reach.width_px)
    return _inside(seen, chance)


def _inside(seen: NDArray[np.float64], chance: random.Random) -> Floats:
    """Move the card to where all of it is in the frame, with a rim of twelve pixels."""
    rim = 12.0
    placed = []
    for axis, side in enumerate(FRAME_SIZE_PX):
        low, high = seen[:, axis].min(), seen[:, axis].max()
        if high - low > side - 2 * rim:
            seen = seen * ((side - 2 * rim) / (high - low))
    for axis, side in enumerate(FRAME_SIZE_PX):
        low, high = seen[:, axis].min(), seen[:, axis].max()
        placed.append(seen[:, axis] + chance.uniform(rim - low, side - rim - high))
    return np.stack(placed, axis=1).astype(np.float32)


def _background(chance: random.Random, noise: np.random.Generator) -> Pixels:
    """Return a table, a cloth or a bed sheet."""
    width, height = (side * _OVERSAMPLING for side in FRAME_SIZE_PX)
    shade = np.array(
        chance.choice([(62, 48, 40), (120, 92, 66), (44, 62, 84), (172, 176, 168), (205, 208, 214)])
    )
    coarse = noise.normal(0, chance.uniform(3, 14), (height // 64, width // 16, 1))
    grain = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(shade[None, None, :] + grain[:, :, None], 0, 255), dtype=np.uint8)


def _place(card: Pixels, background: Pixels, corners: Floats) -> Pixels:
    """Lay the card on the background with rounded corners (radius 3.18 mm, ISO/IEC 7810) and a soft shadow."""
    width, height = CARD_SIZE_PX
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    to_frame = cv2.getPerspectiveTransform(flat, corners * _OVERSAMPLING)
    mask = np.zeros((height, width), dtype=np.uint8)
    radius = 64
    cv2.rectangle(mask, (radius, 0), (width - radius, height), 255, -1)
    cv2.rectangle(mask, (0, radius), (width, height - radius), 255, -1)
    for x in (radius, width - radius):
        for y in (radius, height - radius):
            cv2.circle(mask, (x, y), radius, 255, -1)
    size = (background.shape[1], background.shape[0])
    shape = cv2.warpPerspective(mask, to_frame, size)[:, :, None].astype(np.float32) / 255
    seen = cv2.warpPerspective(card, to_frame, size, flags=cv2.INTER_LINEAR)
    shadow = cv2.GaussianBlur(np.roll(shape, (14, 10), (0, 1)), (0, 0), 12)[:, :, None]
    shaded = background * (1 - 0.45 * shadow)
    return np.asarray(np.clip(seen * shape + shaded * (1 - shape), 0, 255), dtype=np.uint8)


def _cover_corner(scene: Pixels, corners: Floats, chance: random.Random) -> None:
    """Put a finger over one corner, from outside towards the middle."""
    corner = corners[chance.randrange(4)] * _OVERSAMPLING
    middle = corners.mean(axis=0) * _OVERSAMPLING
    inward = (middle - corner) / np.linalg.norm(middle - corner)
    width = float(np.linalg.norm(corners[1] - corners[0])) * _OVERSAMPLING
    tip = corner + inward * width * chance.uniform(0.02, 0.06)
    axes = (round(width * 0.16), round(width * 0.055))
    centre = tip - inward * axes[0]
    angle = float(np.degrees(np.arctan2(inward[1], inward[0])))
    place = (round(float(centre[0])), round(float(centre[1])))
    cv2.ellipse(scene, place, axes, angle, 0, 360, chance.choice(_SKINS), -1, cv2.LINE_AA)


def _light(scene: Floats, reach: _Reach, chance: random.Random) -> Floats:
    """Let the light fall off to one side, tint it, and reflect lamps."""
    height, width = scene.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = chance.uniform(0, 2 * np.pi)
    slope = (np.cos(angle) * (columns / width - 0.5) + np.sin(angle) * (rows / height - 0.5)) * 2
    lit = scene * (1 + chance.uniform(*reach.unevenness) * slope[:, :, None])
    lit *= np.array([chance.uniform(0.92, 1.06), 1.0, chance.uniform(0.85, 1.08)], dtype=np.float32)
    for _ in range(reach.glares):
        x, y = chance.uniform(0.1, 0.9) * width, chance.uniform(0.1, 0.9) * height
        along, across = chance.uniform(0.04, 0.16) * width, chance.uniform(0.02, 0.07) * width
        spot = np.exp(-(((columns - x) / along) ** 2) - ((rows - y) / across) ** 2)
        lit += (255 * chance.uniform(*reach.glare)) * spot[:, :, None]
    return np.asarray(lit, dtype=np.float32)


def _expose(lit: Floats, reach: _Reach, chance: random.Random, noise: np.random.Generator) -> Frame:
    """Take the picture: lens blur, a little movement, exposure, noise of the sensor, eight bits."""
    soft = cv2.GaussianBlur(lit, (0, 0), chance.uniform(*reach.blur_px))
    exposed = soft * chance.uniform(*reach.exposure)
    grain = noise.standard_normal(exposed.shape, dtype=np.float32)
    exposed = exposed + chance.uniform(*reach.noise) * grain
    pixels = np.clip(exposed, 0, 255).astype(np.uint8)
    return Frame(*FRAME_SIZE_PX, bytearray(pixels.tobytes()))
