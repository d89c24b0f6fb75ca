"""Keys: what they are named by, how they are stored, and that none passes as another."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import cbor2
import pytest

from appliance.errors import FormatUnknown, SealBroken
from appliance.seal.codec import encode
from appliance.seal.keys import (
    SEAL_OVERHEAD_BYTES,
    SIGNATURE_SIZE_BYTES,
    KeyClass,
    OfficeSealingPrivateKey,
    OfficeSealingPublicKey,
    OfficeSigningPrivateKey,
    OfficeSigningPublicKey,
    SoftwareUnitKey,
    UnitPublicKey,
)
from tests.seal.conftest import Parties, seeded

STORED = {
    "unit private": lambda p: p.unit_key.to_private_bytes(),
    "unit public": lambda p: p.unit_key.public.to_bytes(),
    "sealing private": lambda p: p.sealing.to_private_bytes(),
    "sealing public": lambda p: p.sealing.public.to_bytes(),
    "signing private": lambda p: p.signing.to_private_bytes(),
    "signing public": lambda p: p.signing.public.to_bytes(),
}
READ: dict[str, Callable[[bytes], object]] = {
    "unit private": SoftwareUnitKey.from_private_bytes,
    "unit public": UnitPublicKey.from_bytes,
    "sealing private": OfficeSealingPrivateKey.from_private_bytes,
    "sealing public": OfficeSealingPublicKey.from_bytes,
    "signing private": OfficeSigningPrivateKey.from_private_bytes,
    "signing public": OfficeSigningPublicKey.from_bytes,
}


@pytest.mark.parametrize("name", STORED)
def test_a_stored_key_is_read_back_as_the_same_key(parties: Parties, name: str) -> None:
    stored = STORED[name](parties)
    read = READ[name](stored)
    again = read.to_private_bytes() if name.endswith("private") else read.to_bytes()  # type: ignore[attr-defined]
    assert again == stored


@pytest.mark.parametrize(("name", "other"), list(itertools.permutations(STORED, 2)))
def test_no_stored_key_is_read_as_another_kind(parties: Parties, name: str, other: str) -> None:
    with pytest.raises(SealBroken):
        READ[other](STORED[name](parties))


@pytest.mark.parametrize("name", STORED)
def test_a_cut_or_extended_key_is_refused(parties: Parties, name: str) -> None:
    stored = STORED[name](parties)
    for changed in (stored[:-1], stored + b"\0", b"", stored[1:]):
        with pytest.raises((SealBroken, FormatUnknown)):
            READ[name](changed)


@pytest.mark.parametrize("name", STORED)
def test_a_newer_form_is_named(parties: Parties, name: str) -> None:
    newer = cbor2.loads(STORED[name](parties))
    newer[0] = 2
    with pytest.raises(FormatUnknown):
        READ[name](cbor2.dumps(newer, canonical=True))


def test_a_key_of_another_class_is_another_identity(parties: Parties) -> None:
    raw = parties.unit_key.public.raw
    assert len({UnitPublicKey(key_class, raw).key_id for key_class in KeyClass}) == len(KeyClass)


@pytest.mark.parametrize("claimed", [each for each in KeyClass if each is not KeyClass.SOFTWARE])
def test_a_file_never_gives_a_key_of_a_hardware_class(claimed: KeyClass) -> None:
    with pytest.raises(SealBroken):
        SoftwareUnitKey.from_private_bytes(encode(1, "unit_private", claimed.value, bytes(32)))


def test_an_unknown_key_class_is_refused(parties: Parties) -> None:
    with pytest.raises(SealBroken):
        UnitPublicKey.from_bytes(encode(1, "unit_public", "paper", parties.unit_key.public.raw))


def test_the_same_seed_gives_the_same_key_and_another_seed_another() -> None:
    assert SoftwareUnitKey.generate(seeded(7)).public == SoftwareUnitKey.generate(seeded(7)).public
    assert SoftwareUnitKey.generate(seeded(7)).public != SoftwareUnitKey.generate(seeded(8)).public


def test_key_ids_are_sixteen_hexadecimal_digits(parties: Parties) -> None:
    for key_id in (parties.unit_key.public.key_id, parties.sealing.key_id, parties.signing.key_id):
        assert len(bytes.fromhex(key_id)) == 8


def test_a_unit_signature_holds_for_its_message_only(parties: Parties) -> None:
    signature = parties.unit_key.sign(b"message")
    assert len(signature) == SIGNATURE_SIZE_BYTES
    parties.unit_key.public.verify(signature, b"message")
    with pytest.raises(SealBroken) as refused:
        parties.unit_key.public.verify(signature, b"messagE")
    assert refused.value.part == "signature"


def test_the_seal_opens_with_its_key_and_info_only(parties: Parties) -> None:
    sealed = parties.sealing.public.seal(b"plain", b"info")
    assert len(sealed) == len(b"plain") + SEAL_OVERHEAD_BYTES
    assert parties.sealing.open(sealed, b"info") == b"plain"
    other = OfficeSealingPrivateKey.generate(seeded(9))
    for key, info in ((parties.sealing, b"inf0"), (other, b"info")):
        with pytest.raises(SealBroken) as refused:
            key.open(sealed, info)
        assert refused.value.part == "seal"


@pytest.mark.parametrize("kept", [0, 1, 1_087, 1_088, 1_119, 1_120, 1_135])
def test_a_seal_cut_anywhere_does_not_open(parties: Parties, kept: int) -> None:
    with pytest.raises(SealBroken):
        parties.sealing.open(parties.sealing.public.seal(b"", b"")[:kept], b"")


@pytest.mark.parametrize("point", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32])
def test_a_seal_with_a_weak_exchange_share_does_not_open(parties: Parties, point: bytes) -> None:
    sealed = parties.sealing.public.seal(b"plain", b"info")
    with pytest.raises(SealBroken):
        parties.sealing.open(sealed[:1_088] + point + sealed[1_120:], b"info")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(bytes(1_215), id="a byte short"),
        pytest.param(bytes(1_216), id="weak exchange share"),
        pytest.param(b"\xff" * 1_216, id="coefficients out of range"),
    ],
)
def test_bytes_that_cannot_be_sealed_to_are_no_office_key(raw: bytes) -> None:
    with pytest.raises(SealBroken):
        OfficeSealingPublicKey(raw)


@pytest.mark.parametrize("raw", [b"", bytes(31), bytes(33)])
def test_signing_keys_have_one_size(raw: bytes) -> None:
    with pytest.raises(SealBroken):
        OfficeSigningPublicKey(raw)
    with pytest.raises(SealBroken):
        UnitPublicKey(KeyClass.SOFTWARE, raw)


def test_private_keys_do_not_show_themselves(parties: Parties) -> None:
    for key in (parties.unit_key, parties.sealing, parties.signing):
        secret = cbor2.loads(key.to_private_bytes())[-1]
        assert secret.hex() not in repr(key)
        assert repr(secret) not in repr(key)
