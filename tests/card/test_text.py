"""The text application's files within reach (card.md §6), with the vectors of card.md §20."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card import text
from appliance.card.attributes import Sex
from appliance.card.text import parse_certified_card_key, parse_four_attributes, parse_signed_digests
from appliance.errors import CardNotUnderstood
from appliance.trust.card_key import CardKey
from tests.card.chip_bytes import certified_card_key, four_attributes, signed_digests, tlv
from tests.trust.authority import card_key_bytes, modulus

VECTOR = bytes.fromhex(
    "FF205CDF2108000E00200050005BDF220FE795AAE58FB7E38080E88AB1E5AD90DF232DE69DB1E4BAACE983BDE58D83E4BBA3E794B0"
    "E58CBAE99C9EE3818CE996A2EFBC92EFBC8DEFBC91EFBC8DEFBC92DF24083139383530343031DF250132"
)
VECTOR_DIGEST = "C08D407277C293AE85ED9B794B312DF3AD2AB2813C47324CB47399848B4DECB9"
NUMBER_FILE = bytes.fromhex("FF100C313233343536373839303138FFFF")


def test_the_published_vector_is_read() -> None:
    attributes = parse_four_attributes(VECTOR)
    assert attributes.name.reveal().decode() == "番号　花子"
    assert attributes.address.reveal().decode() == "東京都千代田区霞が関２－１－２"
    assert attributes.birth_date == date(1985, 4, 1)
    assert attributes.sex is Sex.FEMALE
    assert attributes.digest.hex().upper() == VECTOR_DIGEST


@pytest.mark.parametrize("wrong", ["name", "address"])
def test_a_refused_record_leaves_no_name_behind(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    held: list[int] = []
    monkeypatch.setattr(text, "Ephemeral", lambda content: held.append(len(content)))
    with pytest.raises(CardNotUnderstood):
        parse_four_attributes(four_attributes(**{wrong: b"\xff"}))
    assert held == []


def test_the_builder_of_these_tests_makes_the_published_vector() -> None:
    assert four_attributes() == VECTOR


@given(st.text(max_size=60), st.text(max_size=120))
def test_names_and_addresses_of_any_length_come_back(name: str, address: str) -> None:
    attributes = parse_four_attributes(four_attributes(name.encode(), address.encode()))
    assert attributes.name.reveal().decode() == name
    assert attributes.address.reveal().decode() == address


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (lambda: four_attributes(name=b"\xff\xfe"), "DF22"),
        (lambda: four_attributes(address=b"\xe3\x81"), "DF23"),
        (lambda: four_attributes(birth_date=b"19851301"), "DF24"),
        (lambda: four_attributes(sex=b"x"), "DF25"),
        (lambda: VECTOR[:7] + b"\x0f" + VECTOR[8:], "DF21"),
        (lambda: VECTOR[:-1], "text 0002"),
        (lambda: VECTOR + b"\x01", "text 0002"),
        (lambda: b"\xff\x10" + VECTOR[2:], "FF20"),
    ],
)
def test_wrong_attributes_are_not_understood(content: Callable[[], bytes], what: str) -> None:
    with pytest.raises(CardNotUnderstood) as failed:
        parse_four_attributes(content())
    assert failed.value.what == what


def test_attributes_are_wiped_and_do_not_show() -> None:
    with parse_four_attributes(VECTOR + b"\xff\xff") as attributes:
        assert repr(attributes) == "FourAttributes(hidden)"
    assert (attributes.name.reveal(), attributes.address.reveal()) == (b"", b"")


def test_signed_digests_prove_the_attributes() -> None:
    content = signed_digests(NUMBER_FILE, VECTOR)
    digests = parse_signed_digests(content)
    assert (len(content), content[:5]) == (336, bytes.fromhex("FF3082014B"))
    assert digests.attributes_digest == parse_four_attributes(VECTOR).digest
    assert digests.signed_digest == hashlib.sha256(content[5:75]).digest()
    assert len(digests.signature) == 256
    assert repr(digests) == "SignedDigests(hidden)"


def test_the_digest_of_the_my_number_file_is_not_kept() -> None:
    number_digest = hashlib.sha256(NUMBER_FILE).digest()
    assert number_digest.hex().upper().startswith("C60C415D94405F03")
    digests = parse_signed_digests(signed_digests(NUMBER_FILE, VECTOR))
    kept = (digests.attributes_digest, digests.signed_digest, digests.signature)
    assert not any(number_digest in each for each in kept)


@pytest.mark.parametrize("sizes", [(31, 32, 256), (32, 31, 256), (32, 32, 255)])
def test_digests_of_another_size_are_not_understood(sizes: tuple[int, int, int]) -> None:
    fields = b"".join(
        tlv(tag, bytes(size)) for tag, size in zip((0xDF31, 0xDF32, 0xDF33), sizes, strict=True)
    )
    with pytest.raises(CardNotUnderstood):
        parse_signed_digests(tlv(0xFF30, fields))


def test_the_certified_key_is_read() -> None:
    content = certified_card_key()
    certified = parse_certified_card_key(content)
    assert (len(content), content[:5]) == (536, bytes.fromhex("FF50820213"))
    assert certified.key == CardKey(modulus("card"))
    assert certified.signed_digest == hashlib.sha256(tlv(0xDF51, card_key_bytes("card"))).digest()
    assert repr(certified) == "CertifiedCardKey(hidden)"


@pytest.mark.parametrize(
    "fields",
    [
        tlv(0xDF51, card_key_bytes("card")),
        tlv(0xDF52, bytes(256)) + tlv(0xDF51, card_key_bytes("card")),
        tlv(0xDF51, bytes(265)) + tlv(0xDF52, bytes(256)),
        tlv(0xDF51, card_key_bytes("card")) + tlv(0xDF52, bytes(255)),
    ],
    ids=["no signature", "order", "no key", "short signature"],
)
def test_a_wrong_certified_key_is_not_understood(fields: bytes) -> None:
    with pytest.raises(CardNotUnderstood):
        parse_certified_card_key(tlv(0xFF50, fields))
