"""Bent encodings: taken apart rightly, bent in ways that differ, and the same each time for the same randomness."""

from __future__ import annotations

import zlib
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.simulated.card.files import ApplicationName
from tests.proof.hostile_pictures import camera_pictures, chip_pictures
from tests.proof.mutation import Seed, longer_length, mutate, shortest_length
from tests.proof.people_cards import content_of, contents, images
from tests.proof.picture_mutation import (
    BOMB,
    PNG_MAGIC,
    chunks,
    mutate_jpeg,
    mutate_jpeg2000,
    mutate_png,
    png,
)

FACE = Seed.of(content_of("p01", ApplicationName.SURFACE, 0x02))
CERTIFICATE = Seed.of(contents(ApplicationName.JPKI, 0x0A)[0])


def test_a_card_face_is_taken_apart_to_its_fields_and_its_key() -> None:
    (face,) = FACE.roots
    assert face.tag == b"\xff\x20"
    assert [child.tag[1] for child in face.children] == list(range(0x21, 0x2B))
    key = face.children[3]
    assert [part.tag for part in key.children] == [b"\x90", b"\x91"]
    assert len(FACE.paths) == 1 + 10 + 2


def test_a_certificate_is_taken_apart_deeply() -> None:
    assert max(map(len, CERTIFICATE.paths)) >= 5
    assert CERTIFICATE.content.startswith(CERTIFICATE.roots[0].encoded)


@pytest.mark.parametrize("content", [b"", b"\x00", b"plain text", b"\x30\x82", b"\x30\x05\x01"])
def test_bytes_that_are_no_objects_have_no_paths(content: bytes) -> None:
    assert Seed.of(content).paths == ()


@given(st.integers(0, 70_000))
def test_lengths_are_written_short_or_long(size: int) -> None:
    short = shortest_length(size)
    assert short[0] == size if size < 0x80 else int.from_bytes(short[1:], "big") == size
    long = longer_length(size, 2)
    assert int.from_bytes(long[1:], "big") == size
    assert len(long) > len(short)


@given(st.integers(0, 2**32))
def test_bending_follows_from_the_randomness_alone(number: int) -> None:
    others = (b"other", FACE.content)
    assert mutate(CERTIFICATE, others, Random(number)) == mutate(CERTIFICATE, others, Random(number))


def test_hardly_any_input_is_left_as_it_was_and_none_is_endless() -> None:
    bent = [mutate(FACE, (b"other",), Random(number)) for number in range(400)]
    assert sum(each == FACE.content for each in bent) < 80
    assert len({*bent}) > 300
    assert max(map(len, bent)) <= 70_000


def test_a_png_is_put_together_as_it_was() -> None:
    for picture in (each for each in chip_pictures() if each.startswith(PNG_MAGIC)):
        assert png(chunks(picture)) == picture


def test_a_bomb_is_small_and_unpacks_to_far_more() -> None:
    assert len(BOMB) < 65_536
    assert len(zlib.decompress(BOMB)) > 200 * len(BOMB)


def test_pictures_are_bent_as_their_formats_know_them() -> None:
    pictures = chip_pictures()
    photos = tuple(each for each in pictures if not each.startswith(PNG_MAGIC))
    drawn = tuple(each for each in pictures if each.startswith(PNG_MAGIC))
    for seeds, bend in (
        (drawn, mutate_png),
        (photos, mutate_jpeg2000),
        (camera_pictures(photos), mutate_jpeg),
    ):
        bent = [bend(seeds[number % len(seeds)], Random(number)) for number in range(200)]
        assert bent == [bend(seeds[number % len(seeds)], Random(number)) for number in range(200)]
        assert len({*bent}) > 120


def test_every_training_person_has_a_chip_to_begin_from() -> None:
    assert len(images()) == len(contents(ApplicationName.SURFACE, 0x02)) >= 12
    with pytest.raises(LookupError):
        content_of("p01", ApplicationName.SURFACE, 0x12)
