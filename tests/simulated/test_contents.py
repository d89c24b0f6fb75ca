"""The chip's records, taken apart byte by byte against card.md §5 to §8 and its vectors in §20."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from appliance.simulated.contents import records
from appliance.simulated.contents.jpki import TokenLabel
from appliance.simulated.contents.workshop import NUMBER_PLACEHOLDER
from appliance.simulated.handed_over import CardOrder, Kind
from appliance.simulated.issuer import Authority, Issuer, authority_key_id, municipality_key_id
from appliance.simulated.people import training_people, training_person
from appliance.simulated.personalisation import Personaliser
from appliance.simulated.training_keys import TrainingKeys
from tests.simulated.card_desk import Desk

SURFACE_KEYS = {"p01": "p01/surface"}


def objects(content: bytes) -> dict[int, bytes]:
    """Take one level of TLV apart: tag to whole object, for the tags of this card."""
    found, position = {}, 0
    while position < len(content) and content[position] != 0xFF:
        tag_size = 2 if content[position] & 0x1F == 0x1F else 1
        tag = int.from_bytes(content[position : position + tag_size], "big")
        value, end = value_at(content, position + tag_size)
        found[tag] = content[position:end]
        assert value is not None
        position = end
    return found


def value_at(content: bytes, position: int) -> tuple[bytes, int]:
    size, start = content[position], position + 1
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(content[position + 1 : start], "big")
    assert start + size <= len(content)
    return content[start : start + size], start + size


def value_of(tlv: bytes, tag_size: int = 2) -> bytes:
    return value_at(tlv, tag_size)[0]


def public(key_value: bytes) -> rsa.RSAPublicKey:
    assert key_value[:9] == bytes.fromhex("900301000191820100")
    return rsa.RSAPublicNumbers(65537, int.from_bytes(key_value[9:], "big")).public_key()


def under_signature(key: rsa.RSAPublicKey, signature: bytes) -> bytes:
    numbers = key.public_numbers()
    block = pow(int.from_bytes(signature, "big"), numbers.e, numbers.n).to_bytes(256, "big")
    return block[2:].partition(b"\0")[2]


def issuer_key(certificate: bytes) -> rsa.RSAPublicKey:
    body = value_of(objects(value_of(certificate))[0x5F4E])
    return public(body[32:])


def opened(desk: Desk, application: str) -> Desk:
    desk.select(application)
    desk.verify(*{"surface": (0x13, NUMBER_PLACEHOLDER.encode()), "text": (0x11, b"1234")}[application])
    return desk


def test_vector_of_the_four_attributes() -> None:
    attributes = records.four_attributes("番号　花子", "東京都千代田区霞が関２－１－２", "19850401", "2")
    record = records.with_offsets(0xFF20, 0xDF21, attributes)
    assert record.hex().upper() == (
        "FF205CDF2108000E00200050005BDF220FE795AAE58FB7E38080E88AB1E5AD90DF232DE69DB1E4BAACE983BDE58D83E4BBA3E794"
        "B0E58CBAE99C9EE3818CE996A2EFBC92EFBC8DEFBC91EFBC8DEFBC92DF24083139383530343031DF250132"
    )
    digest = hashlib.sha256(b"".join(attributes)).hexdigest().upper()
    assert digest == "C08D407277C293AE85ED9B794B312DF3AD2AB2813C47324CB47399848B4DECB9"


def test_vector_of_the_number_file() -> None:
    content = records.tlv(0xFF10, b"123456789018") + records.FILLER * 2
    assert content.hex().upper() == "FF100C313233343536373839303138FFFF"
    digest = hashlib.sha256(content).hexdigest().upper()
    assert digest == "C60C415D94405F03E9C454A8BAE073837D2C619925196526852FE61D9C58422D"


@pytest.mark.parametrize(
    ("application", "sfi", "size", "start"),
    [
        ("surface", 0x01, 547, "FF1082021EDF1108"),
        ("surface", 0x04, 568, "7F218202335F4E820129"),
        ("text", 0x01, 17, "FF100C"),
        ("text", 0x03, 336, "FF3082014BDF3120"),
        ("text", 0x04, 568, "7F218202335F4E820129"),
        ("text", 0x05, 256, "FF4082009FDF410401030E01DF4210"),
        ("text", 0x06, 269, "A1820109"),
        ("text", 0x07, 536, "FF50820213DF51820109"),
        ("text", 0x08, 16, "FF" * 16),
        ("surface", 0x06, 16, "FF" * 16),
        ("surface", 0x03, 2 + 3 + 7 + 19 + 4 + 8 + 5 + 272, "FF3082"),
    ],
)
def test_sizes_and_first_bytes(desk: Desk, application: str, sfi: int, size: int, start: str) -> None:
    if (application, sfi) == ("surface", 0x01):
        desk.select("surface")
        desk.verify(0x11, b"180514")
    else:
        opened(desk, application)
    content = desk.read(sfi)
    assert len(content) == size
    assert content.hex().upper().startswith(start)


def test_the_placeholder_cannot_be_anybody_s_number() -> None:
    digits = [int(digit) for digit in reversed(NUMBER_PLACEHOLDER[:-1])]
    weights = [n + 1 if n <= 6 else n - 5 for n in range(1, 12)]
    remainder = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    right_check_digit = 0 if remainder <= 1 else 11 - remainder
    assert int(NUMBER_PLACEHOLDER[-1]) != right_check_digit


@pytest.mark.parametrize("person", ["p01", "p04", "p10"])
def test_the_card_face_index_points_at_its_objects(desk_of: Callable[[str], Desk], person: str) -> None:
    content = opened(desk_of(person), "surface").read(0x02)
    index = value_of(objects(value_of(content))[0xDF21])
    offsets = [int.from_bytes(index[at : at + 2], "big") for at in range(0, len(index), 2)]
    assert offsets[0] == 0x001A
    assert [int.from_bytes(content[at : at + 2], "big") for at in offsets] == list(range(0xDF22, 0xDF2B))


@pytest.mark.parametrize("person", [person.id for person in training_people()])
def test_the_card_face_is_signed_over_its_three_groups(desk_of: Callable[[str], Desk], person: str) -> None:
    desk = opened(desk_of(person), "surface")
    face = objects(value_of(desk.read(0x02)))
    groups = (
        face[0xDF22] + face[0xDF23] + face[0xDF24],
        face[0xDF25] + face[0xDF26],
        face[0xDF27],
    )
    digest = b"".join(hashlib.sha256(group).digest() for group in groups)
    header = bytes.fromhex("3071300D060960864801650304020105000460")
    is_genuine = under_signature(issuer_key(desk.read(0x04)), value_of(face[0xDF28])) == header + digest
    assert is_genuine is (person != "p12")


@pytest.mark.parametrize(("person", "is_genuine"), [("p01", True), ("p12", True), ("p13", False)])
def test_only_a_genuine_chip_has_the_key_of_its_data(
    desk_of: Callable[[str], Desk], person: str, is_genuine: bool
) -> None:
    desk = opened(desk_of(person), "surface")
    key = public(value_of(objects(value_of(desk.read(0x02)))[0xDF24]))
    signature = desk.ask("802A0300", b"nonce", "00")[:-2]
    try:
        key.verify(signature, b"nonce", padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        assert not is_genuine
    else:
        assert is_genuine


def test_the_facts_on_the_card_face(desk: Desk) -> None:
    face = objects(value_of(opened(desk, "surface").read(0x02)))
    assert value_of(face[0xDF22]) == b"19430514"
    assert value_of(face[0xDF23]) == b"2"
    assert value_of(face[0xDF29]) == b"20350514"
    for picture in (0xDF25, 0xDF26, 0xDF2A):
        assert value_of(face[picture]).startswith(b"\x89PNG\r\n\x1a\n")
    assert value_of(face[0xDF27])[4:12] == bytes.fromhex("6A5020200D0A870A")


def test_the_three_signed_records_carry_one_key(desk: Desk) -> None:
    face = objects(value_of(opened(desk, "surface").read(0x02)))
    number = objects(value_of(desk.read(0x05)))
    desk.verify(0x11, b"180514")
    age = objects(value_of(desk.read(0x01)))
    assert value_of(face[0xDF24]) == value_of(number[0xDF42]) == value_of(age[0xDF12])
    key = issuer_key(desk.read(0x04))
    for record, signed, signature in ((age, (0xDF11, 0xDF12), 0xDF13), (number, (0xDF41, 0xDF42), 0xDF43)):
        message = b"".join(record[tag] for tag in signed)
        key.verify(value_of(record[signature]), message, padding.PKCS1v15(), hashes.SHA256())


def test_the_text_records_are_signed(desk: Desk) -> None:
    opened(desk, "text")
    signatures = objects(value_of(desk.read(0x03)))
    key = issuer_key(desk.read(0x04))
    message = signatures[0xDF31] + signatures[0xDF32]
    key.verify(value_of(signatures[0xDF33]), message, padding.PKCS1v15(), hashes.SHA256())
    assert value_of(signatures[0xDF31]) == hashlib.sha256(desk.read(0x01)).digest()
    attributes = objects(value_of(desk.read(0x02)))
    covered = b"".join(attributes[tag] for tag in range(0xDF22, 0xDF26))
    assert value_of(signatures[0xDF32]) == hashlib.sha256(covered).digest()
    own_key = objects(value_of(desk.read(0x07)))
    key.verify(value_of(own_key[0xDF52]), own_key[0xDF51], padding.PKCS1v15(), hashes.SHA256())
    signed = desk.ask("802A0300", b"nonce", "00")[:-2]
    public(value_of(own_key[0xDF51])).verify(signed, b"nonce", padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize(("person", "long_form"), [("p02", False), ("p04", True)])
def test_the_text_of_a_person(desk_of: Callable[[str], Desk], person: str, long_form: bool) -> None:
    content = opened(desk_of(person), "text").read(0x02)
    attributes = objects(value_of(content))
    expected = training_person(person)
    assert value_of(attributes[0xDF22]).decode() == expected.name
    assert value_of(attributes[0xDF23]).decode() == expected.address
    assert (attributes[0xDF23][2] == 0x82) is long_form


@pytest.mark.parametrize(
    ("application", "authority"), [("surface", Authority.SURFACE), ("text", Authority.TEXT)]
)
def test_the_municipality_is_certified_by_its_authority(
    desk: Desk, application: str, authority: Authority
) -> None:
    desk.select(application)
    parts = objects(value_of(desk.read(0x04)))
    body = value_of(parts[0x5F4E])
    assert body[:16] == authority_key_id(authority)
    assert body[16:32] == municipality_key_id()
    root = rsa.RSAPublicNumbers(
        65537, Issuer(TrainingKeys.shipped()).authority_key(authority).modulus
    ).public_key()
    root.verify(value_of(parts[0x5F37]), body, padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize("label", TokenLabel)
def test_token_information_is_160_bytes_with_its_label(label: TokenLabel) -> None:
    information = records.token_information(label.value)
    assert len(information) == 160
    assert information[:32].decode().rstrip() == label.value
    assert information[96:100].hex() == "0000040d"
    assert information[116:124].hex() == "0000001000000006"
    assert information[-20:] == b"0301" + b"9" * 16


@pytest.mark.parametrize(("person", "state"), [("p01", "8f8f00"), ("p06", "008f00"), ("p09", "008f00")])
def test_which_certificates_are_there(desk_of: Callable[[str], Desk], person: str, state: str) -> None:
    desk = desk_of(person)
    desk.select("jpki")
    assert desk.read(0x08).hex() == state
    assert desk.status("00B0810004") == "6982"


@pytest.mark.parametrize(
    ("label", "needs_pin"),
    [(TokenLabel.OLD_RESIDENT_CARD, False), (TokenLabel.ANDROID, True), (TokenLabel.IPHONE, True)],
)
def test_old_cards_and_phones_have_jpki_alone(
    personaliser: Personaliser, label: TokenLabel, needs_pin: bool
) -> None:
    desk = Desk(CardOrder.parse("p02", label.name).card(personaliser))
    assert desk.status("00A4040C", bytes.fromhex("D3921000310001010402")) == "6A82"
    desk.select("jpki")
    assert desk.read(0x06)[:32].decode().rstrip() == label.value
    assert (desk.ask("00B08A0004")[-2:] == b"\x69\x82") is needs_pin


@pytest.mark.parametrize("size", [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF])
def test_lengths_at_the_edges(size: int) -> None:
    value = bytes(size)
    encoded = records.tlv(0xDF22, value)
    assert value_of(encoded) == value
    assert len(encoded) == 2 + (1 if size < 0x80 else 3) + size


@pytest.fixture
def long_desk(personaliser: Personaliser) -> Callable[[str], Desk]:
    return lambda application: opened(
        Desk(CardOrder("p01", Kind.LONG_LENGTHS).card(personaliser)), application
    )


@pytest.mark.parametrize("application", ["surface", "text"])
def test_with_long_lengths_every_object_has_one_and_the_index_still_points(
    long_desk: Callable[[str], Desk], application: str
) -> None:
    content = long_desk(application).read(0x02)
    parts = objects(value_of(content))
    assert content[2] == 0x82
    assert {part[2] for part in parts.values()} == {0x82}
    index = value_of(parts[0xDF21])
    offsets = [int.from_bytes(index[at : at + 2], "big") for at in range(0, len(index), 2)]
    tags = [int.from_bytes(content[at : at + 2], "big") for at in offsets]
    assert tags == list(range(0xDF22, 0xDF22 + len(offsets)))


def test_with_long_lengths_the_signatures_cover_what_is_stored(long_desk: Callable[[str], Desk]) -> None:
    desk = long_desk("surface")
    face = objects(value_of(desk.read(0x02)))
    groups = (face[0xDF22] + face[0xDF23] + face[0xDF24], face[0xDF25] + face[0xDF26], face[0xDF27])
    signed = under_signature(issuer_key(desk.read(0x04)), value_of(face[0xDF28]))
    assert signed == records.FACE_DIGEST_INFO + b"".join(hashlib.sha256(group).digest() for group in groups)
    desk = long_desk("text")
    attributes = objects(value_of(desk.read(0x02)))
    digests = objects(value_of(desk.read(0x03)))
    stored = b"".join(attributes[tag] for tag in range(0xDF22, 0xDF26))
    assert value_of(digests[0xDF32]) == hashlib.sha256(stored).digest()


def test_basic_information_names_keys_of_its_own(desk: Desk) -> None:
    """Card.md §6.4 and §7.4: the numbers end in 24, 25 and 34, the authorities' in 23 and 33."""
    surface = objects(value_of(opened(desk, "surface").read(0x03)))
    assert value_of(surface[0xDF32])[:7] == b"9000024"
    assert value_of(surface[0xDF34]) == b"99201"
    assert value_of(surface[0xDF35])[:16] == b"9900025\x08\x05001\x00\x00\x00\xa8"
    assert value_of(objects(value_of(opened(desk, "text").read(0x05)))[0xDF42])[:7] == b"9000034"


def test_the_card_manager_s_certificates_form_a_chain(desk: Desk) -> None:
    """Card.md §8.3: the root over a key between, which 00F7 names, and that key over the municipality's."""
    bodies, signatures = [], []
    for tag in ("00F8", "7F21"):
        parts = objects(desk.ask(f"00CA{tag}000000")[:-2])
        bodies.append(value_of(parts[0x5F4E]))
        signatures.append(value_of(parts[0x5F37]))
    upper, lower = bodies
    assert upper[:16] == authority_key_id(Authority.MANAGER)
    assert upper[16:32] == lower[:16] == desk.ask("00CA00F700")[:-2]
    assert lower[16:32] == municipality_key_id()
    root = Issuer(TrainingKeys.shipped()).authority_key(Authority.MANAGER).modulus
    keys = (rsa.RSAPublicNumbers(65537, root).public_key(), public(upper[32:]))
    for key, body, signature in zip(keys, bodies, signatures, strict=True):
        key.verify(signature, body, padding.PKCS1v15(), hashes.SHA256())
