"""Drawn fronts and backs of training cards, as flat pictures (design D6, R30).

Where things stand follows the public description of the card: name and address on top, the photo on the left with the
security code under it, birth date, sex and expiry beside it, the annotation field and the organ-donation field below
(card.md §9.2, domain.md F2.2). Positions and type are our own: no real card was measured. Everybody drawn is invented,
the twelve digits of a back are the training kit's placeholder, and its QR code holds the same.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from appliance.domain.era import to_era
from appliance.simulated.contents.workshop import NUMBER_PLACEHOLDER
from appliance.simulated.people import Sex, TrainingPerson, Trait

CARD_SIZE_MM: Final = (85.60, 53.98)
"""ID-1 (ISO/IEC 7810)."""
PIXELS_PER_MM: Final = 20
CARD_SIZE_PX: Final = (round(CARD_SIZE_MM[0] * PIXELS_PER_MM), round(CARD_SIZE_MM[1] * PIXELS_PER_MM))

Colour = tuple[int, int, int]
Point = tuple[float, float]
Pixels = NDArray[np.uint8]

_INK: Final = (28, 28, 32)
_PALE_INK: Final = (120, 96, 120)
_PAPER: Final = (246, 238, 243)
_PINK: Final = (238, 205, 219)
_GOLD: Final = (205, 172, 98)
_PHOTO_SIZE_MM: Final = (20.0, 25.0)


@dataclass(frozen=True, slots=True)
class Printed:
    """What is printed on one card."""

    name: str
    address: str
    birth_date: date
    sex: Sex
    expires_on: date
    certificate_expires_on: date
    security_code: str
    is_face_only: bool = False

    def __repr__(self) -> str:
        """Show nothing: even invented parts look like a key to a card (F9.26)."""
        return "Printed(hidden)"

    @property
    def digits(self) -> str:
        """The fourteen digits that the front holds: era birth date, expiry year, security code (card.md §9.2)."""
        return f"{to_era(self.birth_date).digits}{self.expires_on:%Y}{self.security_code}"


@dataclass(frozen=True, slots=True)
class Press:
    """How a card was printed: its font, and how far things stand from their usual places."""

    font: Path
    seed: int = 0
    slack_mm: float = 0.6
    """Greatest offset of each thing, in each direction."""


def chance_of(seed: int | str) -> random.Random:
    """Return the chance that a drawing is made with; the same seed gives the same drawing."""
    return random.Random(seed)  # noqa: S311 - varied, not secret


def print_of(person: TrainingPerson) -> Printed:
    """Return what stands on a training person's card."""
    return Printed(
        name=person.name_on_face,
        address=person.address,
        birth_date=person.birth_date,
        sex=person.sex,
        expires_on=person.card_expires_on,
        certificate_expires_on=person.certificate_expires_on,
        security_code=person.security_code,
        is_face_only=Trait.FACE_ONLY in person.traits,
    )


def draw_front(printed: Printed, press: Press) -> Pixels:
    """Return the front, RGB, `CARD_SIZE_PX` wide and high."""
    sheet = _Sheet(press)
    sheet.wash()
    _draw_head(sheet, printed)
    _draw_photo(sheet, press.seed)
    _draw_dates(sheet, printed)
    _draw_fields(sheet, printed)
    sheet.text((9.0, 44.6), printed.security_code, 2.9, spacing_mm=0.35)
    return sheet.pixels()


def draw_back(printed: Printed, press: Press) -> Pixels:
    """Return the back with the placeholder number, RGB, `CARD_SIZE_PX` wide and high."""
    sheet = _Sheet(press)
    sheet.wash()
    number = " ".join(NUMBER_PLACEHOLDER[start : start + 4] for start in (0, 4, 8))
    sheet.text((30.0, 6.0), "個人番号", 2.2)
    sheet.text((42.0, 5.2), number, 3.6)
    sheet.text((30.0, 12.5), f"氏名　{printed.name}", 2.6)
    sheet.text((30.0, 18.0), f"{_birth_words(printed.birth_date)}生", 2.4)
    _draw_chip(sheet)
    _draw_qr(sheet)
    sheet.text((6.0, 44.0), "このカードを拾得された方は、お手数ですが最寄りの警察署等にお届けください。", 1.7)
    sheet.text((6.0, 47.5), "個人番号は、法律で定められた事務以外で書き写し、複写してはいけません。", 1.7)
    return sheet.pixels()


def _draw_head(sheet: _Sheet, printed: Printed) -> None:
    sheet.text((4.0, 4.4), "氏名", 1.8, ink=_PALE_INK)
    sheet.text((9.5, 3.6), printed.name, min(3.2, 52.0 / max(1, len(printed.name))))
    sheet.text((66.0, 3.2), "個人番号カード", 2.2, ink=_PALE_INK)
    sheet.text((4.0, 9.4), "住所", 1.8, ink=_PALE_INK)
    per_line = 31
    lines = [
        printed.address[at : at + per_line]
        for at in range(0, min(len(printed.address), 3 * per_line), per_line)
    ]
    size_mm = 2.3 if len(lines) < 3 else 1.9
    for index, line in enumerate(lines):
        sheet.text((9.5, 8.6 + index * (size_mm + 0.4)), line, size_mm)


def _draw_dates(sheet: _Sheet, printed: Printed) -> None:
    sheet.text((28.0, 18.2), f"{_birth_words(printed.birth_date)}生", 2.7)
    sheet.text((63.0, 18.5), "性別", 1.8, ink=_PALE_INK)
    sheet.text((68.0, 18.2), {Sex.MALE: "男", Sex.FEMALE: "女"}[printed.sex], 2.7)
    sheet.text((28.0, 23.4), f"{_western_words(printed.expires_on)}まで有効", 2.7)
    sheet.text((28.0, 28.4), "電子証明書の有効期限", 1.7, ink=_PALE_INK)
    sheet.handwriting((46.5, 27.6), _written(printed.certificate_expires_on), 2.6)


def _draw_fields(sheet: _Sheet, printed: Printed) -> None:
    sheet.box((28.0, 32.0, 82.0, 43.5))
    if printed.is_face_only:
        sheet.text((30.0, 33.5), "顔認証", 2.8)
    sheet.text((66.0, 44.6), "架空市長", 2.4)
    sheet.box((4.0, 49.0, 82.0, 52.6))
    sheet.text(
        (5.0, 49.9), "１．臓器を提供します　２．提供しません　〔　　　　　　　〕　署名", 1.5, ink=_PALE_INK
    )


def _birth_words(day: date) -> str:
    """Return the birth date in its printed form: numbers are set to two places, the first year as 元."""
    era = to_era(day)
    year = "元" if era.year == 1 else f"{era.year:2}"
    return f"{era.era.value}{year}年{day.month:2}月{day.day:2}日"


def _western_words(day: date) -> str:
    return f"{day.year}年{day.month:2}月{day.day:2}日"


def _written(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _draw_photo(sheet: _Sheet, seed: int) -> None:
    """Draw a face that is nobody's: ellipses with soft shadows on a pale ground."""
    chance = chance_of(seed)
    width, height = (round(side * PIXELS_PER_MM) for side in _PHOTO_SIZE_MM)
    ground = chance.randint(185, 235)
    photo = Image.new("RGB", (width, height), (ground, ground, min(255, ground + 8)))
    draw = ImageDraw.Draw(photo)
    skin = chance.choice([(222, 190, 165), (205, 170, 142), (235, 205, 184)])
    hair = chance.choice([(40, 36, 34), (120, 118, 116), (215, 213, 210)])
    coat = chance.choice([(52, 60, 92), (110, 60, 64), (70, 90, 74), (30, 30, 34)])
    draw.ellipse((0.04 * width, 0.72 * height, 0.96 * width, 1.4 * height), fill=coat)
    draw.rectangle((0.41 * width, 0.60 * height, 0.59 * width, 0.78 * height), fill=skin)
    draw.ellipse((0.24 * width, 0.12 * height, 0.76 * width, 0.62 * height), fill=hair)
    draw.ellipse((0.28 * width, 0.20 * height, 0.72 * width, 0.70 * height), fill=skin)
    for eye in (0.40, 0.60):
        draw.ellipse(
            ((eye - 0.04) * width, 0.42 * height, (eye + 0.04) * width, 0.445 * height), fill=(40, 30, 30)
        )
    draw.arc((0.40 * width, 0.50 * height, 0.60 * width, 0.60 * height), 20, 160, fill=(140, 70, 70), width=4)
    soft = cv2.GaussianBlur(np.asarray(photo), (0, 0), 5)
    sheet.paste((4.0, 17.8), soft)


def _draw_chip(sheet: _Sheet) -> None:
    sheet.box((9.5, 18.5, 22.5, 30.5), fill=_GOLD)
    for row in (21.0, 24.5, 28.0):
        sheet.line((9.5, row), (22.5, row))
    for column in (13.5, 18.5):
        sheet.line((column, 18.5), (column, 30.5))


def _draw_qr(sheet: _Sheet) -> None:
    modules = cv2.QRCodeEncoder.create().encode(NUMBER_PLACEHOLDER)
    side = round(14.0 * PIXELS_PER_MM)
    code = cv2.resize(np.asarray(modules, dtype=np.uint8), (side, side), interpolation=cv2.INTER_NEAREST)
    sheet.paste((66.0, 23.0), np.repeat(code[:, :, None], 3, axis=2))


class _Sheet:
    """A card being drawn; all places are in millimetres from its upper left corner."""

    def __init__(self, press: Press) -> None:
        self._font = str(press.font)
        self._chance = chance_of(press.seed * 7919 + 17)
        self._slack_mm = press.slack_mm
        self._picture = Image.new("RGB", CARD_SIZE_PX, _PAPER)
        self._draw = ImageDraw.Draw(self._picture)

    def wash(self) -> None:
        """Lay fine coloured lines under all, as security printing does."""
        width, height = CARD_SIZE_PX
        phase = self._chance.uniform(0, 6.28)
        columns = np.arange(0, width + 1, 24)
        for row in range(-40, height + 40, 11):
            rows = row + 14 * np.sin(columns / 90 + phase + row / 130)
            self._draw.line(
                [(float(x), float(y)) for x, y in zip(columns, rows, strict=True)], fill=_PINK, width=2
            )

    def text(
        self, at_mm: Point, words: str, size_mm: float, *, ink: Colour = _INK, spacing_mm: float = 0.0
    ) -> None:
        """Set `words` with their upper left corner near `at_mm`."""
        font = _type(self._font, round(size_mm * PIXELS_PER_MM))
        x, y = self._near(at_mm)
        if not spacing_mm:
            self._draw.text((x, y), words, fill=ink, font=font)
            return
        for each in words:
            self._draw.text((x, y), each, fill=ink, font=font)
            x += font.getlength(each) + spacing_mm * PIXELS_PER_MM

    def handwriting(self, at_mm: Point, words: str, size_mm: float) -> None:
        """Write `words` unevenly, each character turned a little."""
        x, y = self._near(at_mm)
        for each in words:
            font = _type(self._font, round(size_mm * PIXELS_PER_MM * self._chance.uniform(0.85, 1.2)))
            if each != " ":
                self._slanted(each, font, (x, y + self._chance.uniform(-6, 6)))
            x += font.getlength(each) * self._chance.uniform(0.9, 1.15)

    def _slanted(self, character: str, font: ImageFont.FreeTypeFont, at: Point) -> None:
        side = round(font.size * 2)
        mask = Image.new("L", (side, side), 0)
        ImageDraw.Draw(mask).text((side // 4, side // 4), character, fill=255, font=font)
        turned = mask.rotate(self._chance.uniform(-14, 14), Image.Resampling.BICUBIC)
        self._picture.paste((30, 44, 110), (round(at[0]) - side // 4, round(at[1]) - side // 4), turned)

    def box(self, sides_mm: tuple[float, float, float, float], *, fill: Colour | None = None) -> None:
        """Draw a rectangle: left, top, right, bottom."""
        self._draw.rectangle(
            [side * PIXELS_PER_MM for side in sides_mm], outline=_PALE_INK, fill=fill, width=3
        )

    def line(self, start_mm: Point, end_mm: Point) -> None:
        """Draw a thin line."""
        ends = [side * PIXELS_PER_MM for side in (*start_mm, *end_mm)]
        self._draw.line(ends, fill=_PALE_INK, width=4)

    def paste(self, at_mm: Point, pixels: Pixels) -> None:
        """Put a picture with its upper left corner near `at_mm`."""
        x, y = self._near(at_mm)
        self._picture.paste(Image.fromarray(pixels), (round(x), round(y)))

    def pixels(self) -> Pixels:
        """Return what was drawn."""
        return np.array(self._picture)

    def _near(self, at_mm: Point) -> Point:
        x, y = (place + self._chance.uniform(-self._slack_mm, self._slack_mm) for place in at_mm)
        return x * PIXELS_PER_MM, y * PIXELS_PER_MM


@cache
def _type(font: str, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font, size_px)
