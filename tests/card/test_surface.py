"""The surface application's files: parsed to the byte, or not understood (card.md §7)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card.attributes import Sex
from appliance.card.surface import (
    SurfaceRecord,
    parse_age_record,
    parse_card_face,
    parse_surface_information,
)
from appliance.errors import CardNotUnderstood
from appliance.trust.card_key import CardKey
from tests.card.chip_bytes import JP2, PNG, Face, age_record, indexed, tlv
from tests.trust.authority import AUTHORITY_ID, card_key_bytes, modulus


def test_a_card_face_is_read() -> None:
    face = Face()
    record = parse_card_face(face.encode())
    assert record.birth_date == date(1985, 4, 1)
    assert record.sex is Sex.FEMALE
    assert record.card_public_key == CardKey(modulus("card"))
    assert record.name_picture.reveal() == face.name
    assert record.address_picture.reveal() == face.address
    assert record.photo.reveal() == face.photo
    assert record.unsigned.expires_on == date(2033, 4, 1)
    assert record.unsigned.security_code_picture.reveal() == face.security_code
    assert len(record.signature) == 256


def test_the_signed_digest_is_three_digests_over_the_objects_as_stored() -> None:
    face = Face()
    record = parse_card_face(face.encode())
    groups = [face.identity(), face.pictures(), [tlv(0xDF27, face.photo)]]
    expected = [hashlib.sha256(b"".join(group)).digest() for group in groups]
    assert record.signed_digest == b"".join(expected)


def test_expiry_and_security_code_are_outside_the_signed_digest() -> None:
    changed = Face(expires_on=b"20991231", security_code=PNG)
    assert parse_card_face(changed.encode()).signed_digest == parse_card_face(Face().encode()).signed_digest


@pytest.mark.parametrize("filler", [b"", b"\xff", b"\x00" * 40, b"\xff" * 256])
def test_filler_behind_the_record_is_ignored(filler: bytes) -> None:
    assert parse_card_face(Face().encode() + filler).birth_date == date(1985, 4, 1)


def fields_with(index: int, replacement: bytes) -> bytes:
    fields = Face().fields()
    fields[index] = replacement
    return indexed(0xFF20, 0xDF21, fields)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (lambda: Face(birth_date=b"19850230").encode(), "DF22"),
        (lambda: Face(birth_date=b"1985041").encode(), "DF22"),
        (lambda: Face(birth_date=b"1985 4 1").encode(), "DF22"),
        (lambda: Face(birth_date=b"00000000").encode(), "DF22"),
        (lambda: Face(sex=b"3").encode(), "DF23"),
        (lambda: Face(sex=b"11").encode(), "DF23"),
        (lambda: Face(sex=b"").encode(), "DF23"),
        (lambda: Face(key=card_key_bytes("card")[:-1]).encode(), "DF24"),
        (lambda: Face(key=bytes(265)).encode(), "DF24"),
        (lambda: Face(expires_on=b"20330431").encode(), "DF29"),
        (lambda: fields_with(6, tlv(0xDF28, bytes(255))), "DF28"),
        (lambda: fields_with(0, tlv(0xDF2B, b"19850401")), "DF22"),
        (lambda: indexed(0xFF20, 0xDF21, Face().fields()[:-1]), "FF20"),
        (lambda: indexed(0xFF20, 0xDF21, [*Face().fields(), tlv(0xDF2B, b"")]), "FF20"),
        (lambda: indexed(0xFF10, 0xDF21, Face().fields()), "FF20"),
        (lambda: indexed(0xFF20, 0xDF20, Face().fields()), "DF21"),
        (lambda: Face().encode() + b"\x01", "surface 0002"),
        (lambda: b"", "surface 0002"),
    ],
)
def test_a_face_that_the_specification_does_not_have_is_not_understood(
    content: Callable[[], bytes], what: str
) -> None:
    with pytest.raises(CardNotUnderstood) as failed:
        parse_card_face(content())
    assert failed.value.what == what


@pytest.mark.parametrize("entry", range(9))
@pytest.mark.parametrize("shift", [-1, 1, 256])
def test_every_offset_must_point_to_its_object(entry: int, shift: int) -> None:
    content = bytearray(Face().encode())
    at = 8 + 2 * entry
    offset = int.from_bytes(content[at : at + 2], "big") + shift
    content[at : at + 2] = offset.to_bytes(2, "big")
    with pytest.raises(CardNotUnderstood) as failed:
        parse_card_face(content)
    assert failed.value.what == "DF21"


@pytest.mark.parametrize("size", [0, 17, 20])
def test_an_offset_table_of_another_size_is_not_understood(size: int) -> None:
    table = tlv(0xDF21, bytes(size))
    with pytest.raises(CardNotUnderstood) as failed:
        parse_card_face(tlv(0xFF20, table + b"".join(Face().fields())))
    assert failed.value.what == "DF21"


@pytest.mark.parametrize(
    ("code", "sex"), [(b"0", Sex.UNKNOWN), (b"1", Sex.MALE), (b"2", Sex.FEMALE), (b"9", Sex.NOT_APPLICABLE)]
)
def test_every_recorded_sex_is_known(code: bytes, sex: Sex) -> None:
    assert parse_card_face(Face(sex=code).encode()).sex is sex


def read_or_none(content: bytes | bytearray) -> SurfaceRecord | None:
    try:
        return parse_card_face(content)
    except CardNotUnderstood:
        return None


@given(st.data())
def test_damage_is_not_understood_or_changes_what_is_read(data: st.DataObject) -> None:
    true = Face(name=PNG, address=PNG, photo=JP2, security_code=PNG).encode()
    damaged = bytearray(true)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    record = read_or_none(damaged)
    assert record is None or isinstance(record.birth_date, date)


def test_the_pictures_are_wiped_and_nothing_shows() -> None:
    with parse_card_face(Face().encode()) as record:
        assert repr(record) == "SurfaceRecord(hidden)"
    pictures = (
        record.name_picture,
        record.address_picture,
        record.photo,
        record.unsigned.security_code_picture,
    )
    assert [picture.reveal() for picture in pictures] == [b""] * 4


def test_the_file_can_be_wiped_after_parsing() -> None:
    content = bytearray(Face().encode())
    record = parse_card_face(content)
    content[:] = bytes(len(content))
    assert record.photo.reveal() == Face().photo


def test_an_age_record_is_read() -> None:
    record = parse_age_record(age_record())
    assert len(age_record()) == 547
    assert record.birth_date == date(1985, 4, 1)
    assert record.card_public_key == CardKey(modulus("card"))
    signed = tlv(0xDF11, b"19850401") + tlv(0xDF12, card_key_bytes("card"))
    assert record.signed_digest == hashlib.sha256(signed).digest()
    assert repr(record) == "AgeRecord(hidden)"


@pytest.mark.parametrize(
    "content",
    [age_record()[:-1], age_record() + b"\x01", age_record(b"19850400"), b"\xff\x10\x00"],
    ids=["cut", "too long", "no such day", "empty"],
)
def test_a_wrong_age_record_is_not_understood(content: bytes) -> None:
    with pytest.raises(CardNotUnderstood):
        parse_age_record(content)


LOADED = AUTHORITY_ID + b"\xff" * 256


def information(
    version: bytes = b"\x00",
    municipality: bytes = b"99201",
    key_id: bytes = AUTHORITY_ID,
    loaded: bytes = LOADED,
) -> bytes:
    fields = tlv(0xDF31, bytes.fromhex("06030E01")) + tlv(0xDF32, key_id) + tlv(0xDF33, version)
    return tlv(0xFF30, fields + tlv(0xDF34, municipality) + tlv(0xDF35, loaded))


def test_basic_information_is_read() -> None:
    read = parse_surface_information(information() + b"\xff\xff")
    assert read.specification == bytes.fromhex("06030E01")
    assert read.authority.printed == "9000023/001"
    assert (read.version, read.municipality_code) == (0, "99201")
    assert read.loaded_keys == LOADED


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (information(version=b""), "DF33"),
        (information(municipality=b"9920"), "DF34"),
        (information(municipality=b"9920x"), "DF34"),
        (information(key_id=AUTHORITY_ID[1:]), "DF32"),
        (information(loaded=LOADED[1:]), "DF35"),
    ],
)
def test_wrong_basic_information_is_not_understood(content: bytes, what: str) -> None:
    with pytest.raises(CardNotUnderstood) as failed:
        parse_surface_information(content)
    assert failed.value.what == what
