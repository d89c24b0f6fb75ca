"""Names, addresses and digits as pictures of the chip (card.md §7.1, §10)."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from appliance.errors import TrainingPartMissing
from appliance.simulated import chip_pictures
from appliance.simulated.chip_pictures import ADDRESS_SIZE_PX, NAME_SIZE_PX, ChipArtist, find_japanese_font
from appliance.simulated.people import TrainingPerson, training_people


@pytest.fixture(scope="module")
def artist() -> ChipArtist:
    return ChipArtist.with_system_font()


def opened(picture: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(picture))
    assert image.format == "PNG"
    assert image.mode == "1"
    return image


def dark_pixels(picture: bytes) -> int:
    return opened(picture).convert("L").histogram()[0]


@pytest.mark.parametrize("person", training_people(), ids=lambda person: person.id)
def test_every_name_and_address_fits_its_picture(artist: ChipArtist, person: TrainingPerson) -> None:
    name, address = artist.name(person.name_on_face), artist.address(person.address)
    assert opened(name).size == NAME_SIZE_PX
    assert opened(address).size == ADDRESS_SIZE_PX
    for picture in (name, address):
        white = opened(picture).convert("L")
        right_edge = white.crop((white.width - 1, 0, white.width, white.height))
        bottom_edge = white.crop((0, white.height - 1, white.width, white.height))
        assert dark_pixels(picture) > 100
        assert right_edge.histogram()[0] == bottom_edge.histogram()[0] == 0


def test_a_rare_character_is_really_drawn(artist: ChipArtist) -> None:
    unknown_to_every_font = "\U0010fffd"
    assert artist.name("𣘺") != artist.name(unknown_to_every_font)
    assert artist.name("𣘺") != artist.name("橋")


@pytest.mark.parametrize(("text", "size"), [("4173", (24, 12)), ("000000000001", (72, 12))])
def test_digits_have_the_size_seen_on_cards(artist: ChipArtist, text: str, size: tuple[int, int]) -> None:
    assert opened(artist.digits(text)).size == size
    assert dark_pixels(artist.digits(text)) > 20


def test_drawing_is_the_same_each_time(artist: ChipArtist) -> None:
    assert artist.address("架空県架空市") == artist.address("架空県架空市")


def test_without_a_japanese_font_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chip_pictures, "_KNOWN_FONTS", (Path("/nowhere/font.ttf"),))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(TrainingPartMissing) as missing:
        find_japanese_font()
    assert missing.value.package == "fonts-ipaexfont-gothic"


def test_fontconfig_is_asked_when_the_known_places_are_empty(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    font = tmp_path / "some.ttf"
    font.touch()
    matcher = tmp_path / "fc-match"
    matcher.write_text(f"#!/bin/sh\nprintf 'de|ja\\t%s' {font}\n")
    matcher.chmod(0o755)
    monkeypatch.setattr(chip_pictures, "_KNOWN_FONTS", ())
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert find_japanese_font() == font


def test_a_font_without_japanese_is_not_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    matcher = tmp_path / "fc-match"
    matcher.write_text("#!/bin/sh\nprintf 'en|de\\t/bin/sh'\n")
    matcher.chmod(0o755)
    monkeypatch.setattr(chip_pictures, "_KNOWN_FONTS", ())
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(TrainingPartMissing):
        find_japanese_font()
