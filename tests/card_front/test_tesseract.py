"""The engine reads a line from memory, and says which package is missing where it is not installed."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from appliance.card_front import tesseract
from appliance.card_front.reading import FrontEye
from appliance.card_front.tesseract import LineReader, Symbol
from appliance.errors import CardReadingMissing
from appliance.simulated.chip_pictures import find_japanese_font
from tests.card_front.conftest import Pixels


def line(words: str, ink: int = 20) -> Pixels:
    picture = Image.new("L", (40 + 34 * len(words), 56), 250)
    font = ImageFont.truetype(str(find_japanese_font()), 34)
    ImageDraw.Draw(picture).text((14, 8), words, fill=ink, font=font)
    return np.array(picture)


@pytest.mark.parametrize("words", ["昭和18年5月14日生", "2035年5月14日まで有効"])
def test_a_clean_line_is_read(eye: FrontEye, words: str) -> None:
    symbols = eye._lines.read(line(words))
    assert "".join(each.character for each in symbols) == words
    assert all(0.5 < each.confidence <= 1 for each in symbols)


def test_the_second_network_reads_digits_and_only_digits(eye: FrontEye) -> None:
    assert "".join(each.character for each in eye._digits.read(line("4173"))) == "4173"
    assert all(each.character.isdecimal() for each in eye._digits.read(line("生年月日")))


@pytest.mark.parametrize("shape", [(1, 1), (3, 400), (60, 2), (40, 300)])
def test_an_empty_line_of_any_size_gives_no_digit(eye: FrontEye, shape: tuple[int, int]) -> None:
    assert eye._digits.read(np.full(shape, 255, dtype=np.uint8)) == ()


def test_a_view_that_is_not_contiguous_is_read_all_the_same(eye: FrontEye) -> None:
    wide = np.repeat(line("4173"), 2, axis=1)[:, ::2]
    assert "".join(each.character for each in eye._digits.read(wide)) == "4173"


def test_a_symbol_shows_no_character() -> None:
    assert repr(Symbol("7", 0.9)) == "Symbol(hidden)"


def test_a_missing_library_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "LIBRARY", "libnothing.so.0")
    with pytest.raises(CardReadingMissing) as missing:
        LineReader("eng")
    assert (missing.value.part, missing.value.package) == ("libnothing.so.0", "tesseract-ocr")


@pytest.mark.usefixtures("eye")
def test_a_missing_language_names_its_package() -> None:
    with pytest.raises(CardReadingMissing) as missing:
        LineReader("tlh")
    assert (missing.value.part, missing.value.package) == ("tlh", "tesseract-ocr-tlh")
